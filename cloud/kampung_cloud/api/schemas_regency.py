"""Shapes of the regency map's answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Annotated[str, Field(alias="class", description="Key of a class of the layer's legend")]


class ClassOut(BaseModel):
    """An entry of a legend: a word, a colour and a shape."""

    key: str
    word: str
    colour: str
    shape: Literal["disc", "ring", "triangle", "diamond", "square", "cross", "bar"]


class LayerOut(BaseModel):
    """A layer; ``legend`` goes from calm to grave. What is older than ``stale`` ms is to be shown as old."""

    key: str
    title: str
    about: str
    unit: str
    decimals: int
    source: str
    stale: int
    legend: list[ClassOut]


class ValueOut(BaseModel):
    """``n`` things stand behind it, the newest ``age`` ms older than the time asked for.

    ``value`` is null where only the class is known.
    """

    model_config = ConfigDict(populate_by_name=True)

    value: float | None
    kind: Kind
    n: int
    age: int | None
    old: bool


class KecamatanOut(BaseModel):
    """Its villages together; ``known`` of ``of`` villages have data. Without any, ``value``, ``class`` and ``age`` are null."""

    model_config = ConfigDict(populate_by_name=True)

    name: str
    value: float | None
    kind: str | None = Field(alias="class")
    n: int
    age: int | None
    old: bool
    known: int
    of: int


class LayerValuesOut(BaseModel):
    """A layer at a time (``at`` in ms UTC), by village's code and by kecamatan's (35.10.24). A village that is absent has no data."""

    key: str
    at: int
    villages: dict[str, ValueOut]
    kecamatan: dict[str, KecamatanOut]


class PartOut(BaseModel):
    """A section that has something to say; ``n`` in words."""

    key: str
    title: str
    n: str
    paragraphs: list[str]


class ReportOut(BaseModel):
    """A monthly report; ``silent`` are titles of sections without data. ``file`` is the PDF's name."""

    place: str
    code: str
    month: str
    title: str
    file: str
    parts: list[PartOut]
    silent: list[str]
    under_way: bool
