"""Shapes of the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Given(BaseModel):
    """What comes in: nothing unknown, nothing that is no finite number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class MeasuredIn(Given):
    """A value as the laboratory wrote it; ``below``: under its limit of detection, which ``value`` is."""

    parameter: Annotated[str, Field(min_length=1, max_length=60)]
    value: float
    unit: Annotated[str, Field(max_length=24)] = ""
    below: bool = False


class SampleIn(Given):
    """A sample; ``taken`` in ms UTC or ISO 8601 (WIB without an offset)."""

    village: str
    place: Annotated[str, Field(min_length=1, max_length=120)]
    water: Annotated[int, Field(alias="class", ge=1, le=4)]
    taken: Annotated[str, Field(max_length=40)]
    laboratory: Annotated[str, Field(max_length=120)] = ""
    natural_temperature: Annotated[float, Field(ge=0, le=60)] | None = None
    values: Annotated[list[MeasuredIn], Field(min_length=1, max_length=40)]
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)


class WithdrawIn(Given):
    """Why a sample is taken back."""

    why: Annotated[str, Field(min_length=3, max_length=300)]


class TermOut(BaseModel):
    """A parameter's part of the index."""

    parameter: str
    title: str
    value: float
    limit: float | tuple[float, float]
    unit: str
    decimals: int
    ratio: float
    term: float
    below: bool


class SampleOut(BaseModel):
    """A sample and its Indeks Pencemaran; ``status`` good, light, moderate, heavy; ``note`` of waters that are acid by nature."""

    model_config = ConfigDict(populate_by_name=True)

    id: int | None
    village: str
    place: str
    water: int = Field(alias="class")
    taken: str
    laboratory: str
    index: float
    status: Literal["good", "light", "moderate", "heavy"]
    word: str
    worst: str
    terms: list[TermOut]
    unlimited: list[str]
    doubts: list[str]
    note: str | None
    by: str | None
    withdrawn: dict[str, Any] | None


class FaultOut(BaseModel):
    """A line of the file and what is wrong with it."""

    line: int
    message: str


class PreviewOut(BaseModel):
    """What a file would bring; with faults it is not taken."""

    lines: int
    samples: list[SampleOut]
    faults: list[FaultOut]


class TakenOut(BaseModel):
    """``new`` samples were kept, ``same`` were here word for word."""

    new: int
    same: int


class ParameterOut(BaseModel):
    """A row of the class table: ``limits`` of classes 1 to 4 (null: none), each with its mark."""

    key: str
    title: str
    unit: str
    decimals: int
    sense: str
    limits: list[float | tuple[float, float] | None]
    marks: list[str]
    source: str


class SensorIndexOut(BaseModel):
    """The *indeks sensor* of a device in the last 24 hours: no Indeks Pencemaran. ``n`` readings; ``age`` ms since the newest."""

    village: str
    node: str
    device: str
    title: str
    index: float
    status: Literal["usual", "look", "off"]
    word: str
    worst: str
    medians: dict[str, float]
    n: int
    age: int
    note: str | None
