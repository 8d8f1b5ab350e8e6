"""Shapes of what a farmer's phone asks and is answered."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from kampung_cloud.api.schemas import FieldOut, SeriesOut
from kampung_cloud.api.schemas_alarms import AlarmListedOut
from kampung_cloud.modules.farming.schemas import Day, FarmFieldOut, Given, Name, SensorIn, Text

Id = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{7,62}$", description="made by the phone; what is sent twice counts once")]


class RegistrationIn(Given):
    """A field as a farmer says it. ``area`` in m², ``flow`` in L/s. ``key`` is the one the phone made for itself, 16 letters."""

    id: Id
    field: Id
    change: bool = False
    village: str
    name: Name
    crop: Annotated[str, Field(min_length=1, max_length=63)]
    texture: Annotated[str, Field(min_length=1, max_length=31)]
    area: Annotated[float, Field(gt=0, le=10_000_000)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    by: Annotated[str, Field(min_length=1, max_length=80)]
    variety: Text = ""
    planted: Day | None = None
    flow: Annotated[float, Field(gt=0, le=10_000)] | None = None
    direct: bool = False
    sensors: Annotated[tuple[SensorIn, ...], Field(max_length=12)] = ()
    helped: Text = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    key: Annotated[str, Field(max_length=40)] | None = None


class TodayOut(BaseModel):
    """What the farmer's page shows first. ``fields`` are of the configuration, ``advice`` the village's document or nothing."""

    fields: list[FieldOut]
    registered: list[FarmFieldOut]
    series: list[SeriesOut]
    alarms: list[AlarmListedOut]
    advice: dict[str, Any] | None


class RegisteredOut(BaseModel):
    """``told``: whether the number is in the register of people, so that it is told each morning."""

    field: str
    village: str
    new: bool
    told: bool


class VillageOut(BaseModel):
    """A village and how many fields are registered in it."""

    code: str
    name: str
    kecamatan: str
    fields: int


class LeavesOut(BaseModel):
    """Ten readings and what follows: ``urea`` in kg/ha by target in t/ha, ``kg`` for this field at its own ``target``.

    ``verdict``: feed, enough, early (before the chart is read), late (after booting).
    """

    day: str
    by: str
    age: int
    readings: list[float]
    mean: float
    pale: int
    verdict: str
    target: int
    urea: dict[str, int]
    kg: float
    source: str
    photo: str | None


class SaidOut(BaseModel):
    """Of this season; ``stages`` by name with their day, ``age`` in days, ``tell`` how many people are told each morning."""

    field: str
    age: int | None
    stages: dict[str, str]
    leaves: list[LeavesOut]
    tell: int


class KeyIn(Given):
    """Whom the key is for."""

    by: Annotated[str, Field(min_length=1, max_length=80)]


class KeyOut(BaseModel):
    """A key without the key; times in milliseconds UTC."""

    id: int
    by: str
    at: int
    used: int | None
    revoked: int | None


class KeyMadeOut(BaseModel):
    """Told once: the key, the link that opens the phone's page with it, and the link as a QR code (SVG as a data URI)."""

    key: str
    link: str
    qr: str
