"""Waters whose nature is not the class table's, as data: ``data/sites.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Site(BaseModel):
    """A water known by one of ``names`` within the name of a place of sampling; ``ph`` from and to is real there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    names: tuple[str, ...]
    ph: tuple[float, float]
    note: str
    source: str
    mark: Literal["V", "V2", "K"]


@cache
def sites() -> dict[str, Site]:
    """All by key."""
    table = tomllib.loads((files(__package__) / "data" / "sites.toml").read_text(encoding="utf-8"))
    return {key: Site.model_validate({"key": key, **row}) for key, row in table["site"].items()}


def site_of(place: str) -> Site | None:
    """The one that a place of sampling lies at: "Kali Banyupait, jembatan" is at Banyupait."""
    said = re.sub(r"[^a-z]", "", place.lower())
    return next((site for site in sites().values() if any(name.replace(" ", "") in said for name in site.names)), None)
