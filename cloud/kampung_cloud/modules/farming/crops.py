"""Crops as data: ``data/crops.toml``, each number with its source and how sure it is."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field, model_validator

Mark = Literal["V", "V2", "K"]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Coefficient = Annotated[float, Field(gt=0, le=1.4)]
Days = Annotated[int, Field(gt=0)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Salinity(_Row):
    """Maas-Hoffman: no loss up to ``threshold`` dS/m of the saturated paste, then ``slope`` % per dS/m."""

    threshold: float = Field(gt=0)
    slope: float = Field(gt=0)
    source: str
    mark: Mark


class Window(_Row):
    """pH of the soil within which the crop does well."""

    low: float
    high: float
    note: str = ""
    source: str
    mark: Mark


class Growth(_Row):
    """Temperatures in °C between which the crop grows by degree days."""

    base: float
    cap: float
    source: str
    mark: Mark


class Crop(_Row):
    """A row. ``kc`` and ``kcb`` at the beginning, middle and end; ``stages`` in days, None for a perennial; ``roots`` and ``height`` in m.

    ``weak`` says what is assumed where no table has the crop.
    """

    name: str
    title: dict[str, str]
    also: tuple[str, ...]
    kc: tuple[Coefficient, Coefficient, Coefficient]
    kcb: tuple[Coefficient, Coefficient, Coefficient]
    stages: tuple[Days, Days, Days, Days] | None = None
    roots: tuple[float, float]
    p: Fraction
    height: float = Field(gt=0)
    flooded: bool = False
    source: str = Field(min_length=10)
    mark: Mark
    weak: dict[str, str] = {}
    note: str = ""
    salinity: Salinity | None = None
    ph: Window | None = None
    growth: Growth | None = None

    @model_validator(mode="after")
    def _orders(self) -> Self:
        if not 0 < self.roots[0] <= self.roots[1]:
            raise ValueError(f"roots = {self.roots}: expected from and to")
        return self


@cache
def crops() -> dict[str, Crop]:
    """All rows by name."""
    text = (files(__package__) / "data" / "crops.toml").read_text(encoding="utf-8")
    return {name: Crop.model_validate({"name": name, **row}) for name, row in tomllib.loads(text).items()}


def crop(name: str) -> Crop:
    """A crop by name, or by another of its names. Raises ``InvalidRequest`` that lists them."""
    wanted = name.strip().lower()
    for each in crops().values():
        if wanted in (each.name, *each.also):
            return each
    raise InvalidRequest(f"crop = {name[:40]!r}: no such crop; there are: {', '.join(crops())}")
