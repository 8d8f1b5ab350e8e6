"""With what a tree is measured, and how wrong that is: ``data/instruments.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.modules.trees.observing import UNITS, Kind, Measure


class Instrument(BaseModel):
    """``error`` is one standard error in the measure's unit, ``share`` that of what is measured; the larger one counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    name: str
    title: dict[str, str]
    error: float = Field(gt=0)
    share: float = Field(ge=0, lt=1)
    source: str = Field(min_length=10)
    mark: Literal["V", "V2", "K"]

    def measure(self, value: float) -> Measure:
        """A value with its error."""
        return Measure(self.kind, value, max(self.error, self.share * value))


@cache
def instruments() -> dict[tuple[Kind, str], Instrument]:
    """By what is measured and its name."""
    text = files("kampung_cloud.modules.trees").joinpath("data", "instruments.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    return {(kind, name): Instrument(kind=kind, name=name, **row) for kind in UNITS for name, row in rows[kind].items()}


def instrument(kind: Kind, name: str) -> Instrument:
    """Raises ``InvalidRequest`` that lists what there is."""
    found = instruments().get((kind, name))
    if found is None:
        there = ", ".join(n for k, n in instruments() if k == kind)
        raise InvalidRequest(f"{kind}.instrument = {name[:40]!r}: {kind} is measured with one of {there}")
    return found
