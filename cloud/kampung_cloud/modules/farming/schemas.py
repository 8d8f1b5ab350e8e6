"""Shapes of what is asked and answered about fields."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Day = dt.date
Text = Annotated[str, Field(max_length=80)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Said = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{7,79}$", description="made by the phone; what is sent twice counts once")]
Who = Annotated[str, Field(min_length=1, max_length=80, description="who says it")]


class Given(BaseModel):
    """What comes in: nothing unknown, nothing that is no finite number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class SensorIn(Given):
    """A series that stands in the field; ``since`` is needed when it was moved out of another field."""

    series: Annotated[str, Field(min_length=5, max_length=191)]
    since: Day | None = None


class FieldIn(Given):
    """A field; ``area`` in m², ``flow`` of pump or channel in L/s, ``target`` in t/ha, ``direct``: rice sown directly."""

    village: str
    name: Name
    crop: str
    texture: str
    area: Annotated[float, Field(gt=0, le=10_000_000)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    altitude: Annotated[float, Field(ge=-10, le=3400)] = 50.0
    flow: Annotated[float, Field(gt=0, le=10_000)] | None = None
    variety: Text = ""
    planted: Day | None = None
    target: Literal[5, 6, 7, 8] = 6
    direct: bool = False
    sensors: list[SensorIn] = []
    tell: Annotated[list[Annotated[str, Field(max_length=63)]], Field(max_length=8)] = []


class FarmFieldOut(BaseModel):
    """A field as it is registered; ``weak`` says what is assumed where no table has the crop."""

    id: str
    village: str
    name: str
    crop: str
    crop_title: dict[str, str]
    variety: str
    texture: str
    area: float
    flow: float | None
    latitude: float
    longitude: float
    altitude: float
    planted: str | None
    age: int | None
    target: int
    direct: bool
    sensors: list[dict[str, Any]]
    weak: dict[str, str]


class StageIn(Given):
    """The farmer saw a stage of his rice begin. Tillering goes on for weeks, so that seeing it says little."""

    kind: Literal["stage"]
    id: Said | None = None
    stage: Literal["panicle_initiation", "flowering", "maturity"]
    day: Day | None = None
    by: Who


class LeavesIn(Given):
    """Ten readings with the leaf colour chart; ``photo``: a JPEG of at most 200 kB in base64, kept without its Exif."""

    kind: Literal["leaves"]
    id: Said | None = None
    readings: Annotated[list[Annotated[float, Field(ge=1, le=6)]], Field(min_length=10, max_length=10)]
    photo: Annotated[str, Field(max_length=270_000)] | None = None
    day: Day | None = None
    by: Who


class WateringIn(Given):
    """Water was given: ``mm``, or ``minutes`` of the field's pump."""

    kind: Literal["watering"]
    id: Said | None = None
    mm: Annotated[float, Field(gt=0, le=500)] | None = None
    minutes: Annotated[float, Field(gt=0, le=2880)] | None = None
    day: Day | None = None
    by: Who


class AnswerIn(Given):
    """The farmer's answer to an action of the list of ``day`` (today's).

    ``sudah`` for water counts as watered by what was advised, or by mm or minutes.
    """

    kind: Literal["answer"]
    id: Said | None = None
    action: Annotated[str, Field(min_length=1, max_length=40)]
    answer: Literal["sudah", "belum", "tidak perlu"]
    day: Day | None = None
    mm: Annotated[float, Field(gt=0, le=500)] | None = None
    minutes: Annotated[float, Field(gt=0, le=2880)] | None = None
    by: Who


ReportIn = Annotated[StageIn | LeavesIn | WateringIn | AnswerIn, Field(discriminator="kind")]


class AdviceOut(BaseModel):
    """The list of a morning; ``colour`` and ``water`` are of the balance, ``answers`` by kind of action."""

    field: str
    day: str
    made: str
    colour: str
    water: dict[str, Any]
    actions: list[dict[str, Any]]
    answers: dict[str, Any]


class BalanceOut(BaseModel):
    """The field's water by day, arrays of equal length: depletion with its uncertainty, RAW and TAW in mm, Ks, ET0, rain, irrigation."""

    field: str
    day: list[str]
    depletion: list[float]
    sd: list[float]
    raw: list[float]
    taw: list[float]
    ks: list[float]
    et0: list[float]
    rain: list[float]
    irrigation: list[float]
    probe: list[float | None]
    method: list[str]
