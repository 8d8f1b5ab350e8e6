"""Soil textures as data: ``data/soils.toml``. A farmer knows his soil by hand, hardly ever from a laboratory."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, model_validator

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Soil:
    """What the balance needs: water contents in m³/m³, and REW in mm."""

    field_capacity: float
    wilting_point: float
    ready: float


class Texture(BaseModel):
    """A row of Table 19: water contents in m³/m³, readily evaporable water in mm, each from and to; ``hand``: how it feels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: dict[str, str]
    hand: dict[str, str]
    field_capacity: Range
    wilting_point: Range
    ready: Range
    source: str
    mark: Literal["V", "V2", "K"]

    @model_validator(mode="after")
    def _orders(self) -> Self:
        for name in ("field_capacity", "wilting_point", "ready"):
            low, high = getattr(self, name)
            if not 0 < low < high:
                raise ValueError(f"{name} = {low}, {high}: expected from and to")
        return self

    @property
    def soil(self) -> Soil:
        """The middle of the ranges."""
        return Soil(sum(self.field_capacity) / 2, sum(self.wilting_point) / 2, sum(self.ready) / 2)


@cache
def textures() -> dict[str, Texture]:
    """All rows by name."""
    table = tomllib.loads((files(__package__) / "data" / "soils.toml").read_text(encoding="utf-8"))
    head = {"source": table["source"], "mark": table["mark"]}
    return {name: Texture.model_validate({"name": name, **head, **row}) for name, row in table["texture"].items()}


def texture(name: str) -> Texture:
    """A texture by its English or Indonesian name. Raises ``InvalidRequest`` that lists them."""
    wanted = name.strip().lower()
    for each in textures().values():
        if wanted in (each.name, each.title["id"], each.title["en"]):
            return each
    raise InvalidRequest(f"texture = {name[:40]!r}: no such soil; there are: {', '.join(textures())}")
