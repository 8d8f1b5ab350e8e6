"""What the routes of air and volcanoes answer. Times are text in WIB unless they are ``t`` (ms UTC)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Coloured(BaseModel):
    """An official colour by name, as ``#rrggbb``, and the text colour that can be read on it."""

    colour: str
    hex: str
    ink: str


class ParameterIspu(Coloured):
    index: int
    text: str
    category: str


class Advice(BaseModel):
    """Official words; ``sensitive`` are children, the old, pregnant women, the sick."""

    everybody: str
    sensitive: str


class IspuOut(ParameterIspu):
    """``text`` is what is shown: the index, or >400."""

    meaning: str
    advice: Advice


class DoubtOut(BaseModel):
    """``share`` per cent of the day's readings are doubted or failed; ``wet``: mostly for humid air."""

    share: int
    why: Literal["wet", "doubted"]


class ParameterOut(BaseModel):
    """``mean`` in µg/m³ over ``hours`` of 24, null with fewer than 18; ``raw`` where ``mean`` was corrected by ``method``."""

    pollutant: str
    title: str
    series: str
    mean: float | None
    raw: float | None
    hours: int
    method: str
    ispu: ParameterIspu | None
    doubt: DoubtOut | None


class MissingOut(BaseModel):
    hours: int
    needed: int


class DustHourOut(Coloured):
    """Fine dust of one hour and BMKG's word for it; no index."""

    mean: float
    category: str


class AirOut(BaseModel):
    id: str
    village: str
    title: str
    origin: str
    crater: str | None
    at: str
    ispu: IspuOut | None
    critical: str | None
    missing: MissingOut | None
    parameters: list[ParameterOut]
    dust_hour: DustHourOut | None


class PointOut(BaseModel):
    """``t``: the end of an hour, or the first moment of a day, ms UTC. No index where hours are missing."""

    t: int
    index: int | None
    category: str | None
    hex: str | None


class StationAirOut(AirOut):
    """With the last 24 hours, the last days, and what else is shown of the place."""

    hours: list[PointOut]
    days: list[PointOut]
    heat: dict[str, Any] | None
    light: dict[str, Any] | None
    noise: dict[str, Any] | None


class HistoryOut(BaseModel):
    station: str
    every: Literal["hour", "day"]
    points: list[PointOut] = Field(description="in order of time")


class NoticeOut(BaseModel):
    """PVMBG's report, word for word. ``reported``: the end of its period; ``radius``: those recommendations that name one."""

    code: str
    name: str
    level: int
    roman: str
    word: str
    period: str
    reported: str
    fetched: str
    recommendations: list[str]
    radius: list[str]
    author: str
    url: str
    simulated: bool


class VolcanoesOut(BaseModel):
    """The newest of each volcano. One that is older than ``stale_hours`` may not be the state of now."""

    attribution: str
    stale_hours: int
    notices: list[NoticeOut]
