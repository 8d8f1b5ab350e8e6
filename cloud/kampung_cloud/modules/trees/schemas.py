"""Shapes of what is asked and answered about trees."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

Day = dt.date
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,63}$", description="made by the sender, so that sending again is no second one")]
Code = Annotated[str, Field(min_length=8, max_length=12)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Moment = Annotated[int, Field(ge=0, le=2**52, description="ms UTC")]


class Given(BaseModel):
    """What comes in: nothing unknown, nothing that is no finite number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PlaceIn(Given):
    """Degrees, and the accuracy in m as the phone tells it."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy: Annotated[float, Field(gt=0, le=100_000)]


class PhotoIn(Given):
    """``data`` in base 64. ``taken``: by the page's camera, where the picture itself does not say it."""

    data: Base64Bytes
    taken: Moment | None = None


class TreeIn(Given):
    """A tree. ``species`` is a name of the list or what the planter calls it. ``height`` in m. Place or ``plot``, one of them."""

    id: Id
    code: Code | None = None
    village: str
    species: Name
    planted: Day
    planter: Name
    phone: Annotated[str, Field(max_length=20)] = ""
    public: bool = False
    height: Annotated[float, Field(gt=0, le=30)] | None = None
    place: PlaceIn | None = None
    plot: Annotated[str, Field(max_length=63)] = ""
    replaces: Annotated[str, Field(max_length=12)] = ""
    photo: PhotoIn | None = None


class MeasureIn(Given):
    """``value`` in m (height), mm (collar) or cm (dbh), and with what it was measured."""

    kind: Literal["height", "collar", "dbh"]
    value: Annotated[float, Field(gt=0, le=5000)]
    instrument: Annotated[str, Field(max_length=31)]


class VisitIn(Given):
    """A visit, by the phone's clock. ``scanned``: the tag's code was read at the tree. ``species`` empty where it could not be told."""

    id: Id
    tree: Code
    began: Moment
    ended: Moment
    scanned: bool = False
    place: PlaceIn | None = None
    species: Annotated[str, Field(max_length=80)] = ""
    alive: bool
    damage: Literal["none", "light", "moderate", "heavy"] = "none"
    measures: Annotated[list[MeasureIn], Field(max_length=3)] = []
    note: Annotated[str, Field(max_length=280)] = ""
    photo: PhotoIn | None = None


class PlotIn(Given):
    """A piece of the village's land, ``radius`` m around a point."""

    village: str
    name: Name
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    radius: Annotated[float, Field(ge=5, le=2000)] = 50.0


class SpeciesOut(BaseModel):
    """A species of the list."""

    name: str
    latin: str
    title: dict[str, str]
    local: list[str]
    density: float | None
    spread: float | None
    source: str
    mark: str


class TreeOut(BaseModel):
    """A tree as anybody may see it: ``planter`` only where he wants to be named; the place is that of the tree."""

    code: str
    village: str
    species: str
    species_title: dict[str, str]
    said: str
    latitude: float | None
    longitude: float | None
    accuracy: float | None
    plot: str
    planter: str | None
    planted: str
    height: float | None
    dbh: float | None
    status: str
    since: str
    growth: dict[str, Any]
    replaces: str
    replaced_by: str
    stock: dict[str, Any] | None
    history: list[dict[str, Any]]


class VisitOut(BaseModel):
    """What became of a visit. ``reasons``: refusals of one that was refused, else what it does not show yet."""

    id: str
    tree: str
    at: str
    verifier: str
    accepted: bool
    status: str
    alive: bool
    damage: str
    measures: list[dict[str, Any]]
    photo: str
    note: str
    reasons: list[dict[str, Any]]


class PlotOut(BaseModel):
    """A village plot."""

    id: str
    village: str
    name: str
    latitude: float
    longitude: float
    radius: float


class StandingOut(BaseModel):
    """A row of statistics. ``seen`` trees were visited; ``survival`` is the share of them that lives, in %, None where nobody was there.

    ``first`` and ``last``: days of planting.
    """

    key: str
    title: str
    planted: int
    ditanam: int
    hidup: int
    tumbuh: int
    mati: int
    diganti: int
    seen: int
    survival: float | None
    first: str | None
    last: str | None
