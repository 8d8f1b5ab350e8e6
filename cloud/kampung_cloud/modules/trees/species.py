"""Species as data: ``data/species.toml``. A tree of a species that is not listed is registered under the words that its planter said."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field, model_validator

Mark = Literal["V", "V2", "K"]


class Species(BaseModel):
    """``density`` is oven-dry wood over green volume in g/cm³, ``spread`` its standard deviation between trees; both or neither.

    ``fast``: growth by year has no limit. ``local`` are other names that people say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    latin: str
    title: dict[str, str]
    local: tuple[str, ...] = ()
    density: float | None = Field(default=None, gt=0.05, lt=1.4)
    spread: float | None = Field(default=None, gt=0, lt=0.5)
    fast: bool = False
    source: str = Field(min_length=10)
    mark: Mark
    used: str = ""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.density is None) != (self.spread is None):
            raise ValueError("give density and spread, or neither")
        return self


@cache
def species() -> dict[str, Species]:
    """By name, in the order of the file, which is that in which people are asked."""
    text = files("kampung_cloud.modules.trees").joinpath("data", "species.toml").read_text(encoding="utf-8")
    return {name: Species(name=name, **row) for name, row in tomllib.loads(text).items()}


def find_species(said: str) -> Species | None:
    """The species of that name (ours, Latin, or what people say), or None: then the words themselves are kept.

    Raises ``InvalidRequest`` where nothing was said.
    """
    words = " ".join(said.casefold().split())
    if not words:
        raise InvalidRequest("species = '': say what tree it is; a name that is not listed is kept as it is said")
    if words in species():
        return species()[words]
    for kind in species().values():
        if words in {w.casefold() for w in (kind.latin, *kind.title.values(), *kind.local)}:
            return kind
    return None


def near(said: str) -> str | None:
    """A listed name that looks alike, for 'did you mean'."""
    names = {
        w.casefold(): kind.title["id"] for kind in species().values() for w in (kind.name, kind.latin, *kind.title.values(), *kind.local)
    }
    found = difflib.get_close_matches(said.casefold(), names, n=1, cutoff=0.75)
    return names[found[0]] if found else None
