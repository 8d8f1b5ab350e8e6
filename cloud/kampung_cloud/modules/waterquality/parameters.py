"""Parameters of river water and their limits by class, as data: ``data/parameters.toml``."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Self

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field, model_validator

Mark = Literal["V", "V2", "K"]
WaterClass = Literal[1, 2, 3, 4]
CLASSES: tuple[WaterClass, ...] = (1, 2, 3, 4)


class Parameter(BaseModel):
    """One row of the table. ``limits`` by class in ``unit``: a number, from and to, or ``"-"`` where there is none.

    ``sense``: up (the more the worse), down (the less the worse), range, deviation (the distance from nature). ``least`` to ``most`` can be
    true at all; outside ``usual`` a value is doubted. ``ion`` turns mg/L of the ion (NO3, NO2, NH3, PO4) into mg/L of N or P.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    unit: str
    decimals: int
    sense: Literal["up", "down", "range", "deviation"]
    limits: tuple[float | tuple[float, float] | Literal["-"], ...] = Field(min_length=4, max_length=4)
    marks: tuple[Mark, ...] = Field(min_length=4, max_length=4)
    least: float
    most: float
    usual: tuple[float, float]
    ion: float | None = None
    aliases: tuple[str, ...] = ()
    source: str = Field(min_length=10)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for each in self.limits:
            if isinstance(each, tuple) != (self.sense == "range") and each != "-":
                raise ValueError(f"limits = {each!r}: a parameter of sense {self.sense!r} has another form of limit")
        if not self.least <= self.usual[0] < self.usual[1] <= self.most:
            raise ValueError(f"usual = {self.usual}: expected within {self.least} to {self.most}")
        return self

    def limit(self, water: WaterClass) -> float | tuple[float, float] | None:
        """Of a class; None where there is none."""
        found = self.limits[water - 1]
        return None if found == "-" else found


@cache
def parameters() -> dict[str, Parameter]:
    """All rows by key."""
    table: dict[str, Any] = tomllib.loads((files(__package__) / "data" / "parameters.toml").read_text(encoding="utf-8"))
    return {key: Parameter.model_validate({"key": key, "source": table["source"], **row}) for key, row in table["parameter"].items()}


def parameter(name: str) -> Parameter:
    """By key or by a name that laboratories write: ``NO3-N``, ``BOD5``, ``Oksigen terlarut``. Raises ``InvalidRequest``."""
    found = _names().get(_plain(name))
    if found is not None:
        return found
    near = difflib.get_close_matches(_plain(name), _names(), n=1, cutoff=0.7)
    hint = f"did you mean {_names()[near[0]].key!r}? " if near else ""
    raise InvalidRequest(f"parameter {name[:40]!r} is not in the class table; {hint}there are: {', '.join(parameters())}")


@cache
def _names() -> dict[str, Parameter]:
    out: dict[str, Parameter] = {}
    for each in parameters().values():
        for name in (each.key, each.title, *each.aliases):
            out[_plain(name)] = each
    return out


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
