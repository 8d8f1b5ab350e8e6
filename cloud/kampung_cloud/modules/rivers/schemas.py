"""Shapes of ``/api/v1/rivers``, ``/rain`` and ``/slopes``."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class PointOut(BaseModel):
    """A reading: metres on the gauge's present zero."""

    at: str
    level: float


class WayOut(BaseModel):
    """The gauge upstream, and the water that comes from there. ``eta`` in words by language; ``first`` and ``last`` when it stands high."""

    gauge: str
    place: str
    minutes: list[float]
    source: str
    eta: dict[str, str]
    ordinal: int | None
    silent: bool
    radio: str | None
    heard_by: str
    crossed: str | None
    first: str | None
    last: str | None


class BreakOut(BaseModel):
    """A change of zero."""

    at: str
    note: str
    shift: float | None


class GaugeOut(BaseModel):
    """A gauge as it stands. ``marks`` are Siaga 3, 2, 1 in m; ``minutes`` until the next at the present pace (``rate`` in m/h)."""

    id: str
    kind: str
    river: str
    village: str
    village_name: str
    place: str
    order: int
    series: str
    second: str | None
    marks: list[float]
    bank_full: float | None
    proposed: bool
    source: str
    newest: PointOut | None
    silent: bool
    age: int | None
    ordinal: int | None
    siaga: str
    word: str
    rate: float | None
    rise: float | None
    trend: str | None
    fast: bool
    next_level: float | None
    minutes: float | None
    certainty: str
    second_level: float | None
    breaks: list[BreakOut]
    upstream: list[WayOut]
    tail: list[list[float]]
    """The last six hours: [ms UTC, m], the highest of each quarter of an hour."""


class RiverOut(BaseModel):
    """A river, its gauges from the spring down."""

    name: str
    gauges: list[GaugeOut]


class LearntOut(BaseModel):
    """What past events say of a way: minutes over ``events``; None with no event."""

    gauge: str
    configured: list[float]
    least: float | None
    most: float | None
    events: int


class TideOut(BaseModel):
    """The expected level of a coast's gauge by the hour; empty where the record is too short to tell."""

    mean: float | None
    residual: float | None
    days: float
    amplitudes: dict[str, float]
    t: list[int]
    level: list[float]
    why: str


class RainDayOut(BaseModel):
    """A day of rain: ``day`` on which it closed at 07.00 WIB; ``known`` the share of its hours that were measured."""

    day: str
    mm: float
    kind: str
    word: str
    known: float


class RainHourOut(BaseModel):
    """An hour of rain, in the classes of hours."""

    t: int
    mm: float
    kind: str
    word: str


class TermOut(BaseModel):
    """One rule of landslides: what fell, what warns, and their ratio."""

    rule: str
    fell: float
    warns: float
    ratio: float


class DangerOut(BaseModel):
    """How near the rain is to what triggers landslides; ``warns`` says whether anybody is warned there, and ``why`` not."""

    index: float
    severity: int
    word: str
    terms: list[TermOut]
    warns: bool
    why: str


class RainOut(BaseModel):
    """A village's rain by the wettest of its gauges."""

    village: str
    series: str
    newest: str | None
    left_out: int
    closes: str
    days: list[RainDayOut]
    hours: list[RainHourOut]
    danger: DangerOut
    source: str


class SlopeIn(BaseModel):
    """A slope to mark. Degrees, WGS 84."""

    model_config = ConfigDict(extra="forbid")

    village: str
    name: str = Field(min_length=2, max_length=80)
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    note: str = Field(default="", max_length=300)


class SlopeOut(BaseModel):
    """A marked slope; ``warns``: whether the configuration raises alarms in that village."""

    id: int
    village: str
    village_name: str
    name: str
    latitude: float
    longitude: float
    note: str
    by: str
    at: str
    warns: bool


class TakeBackIn(BaseModel):
    """Why a slope is no longer marked."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(min_length=3, max_length=300)


Shown = dict[str, Any]
