"""What to think of before a quantity is opened to everybody."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Caution(NamedTuple):
    """``text`` by language, ``source`` of it."""

    text: dict[str, str]
    source: str


@cache
def cautions() -> dict[str, Caution]:
    """By quantity."""
    groups = tomllib.loads(files("kampung_cloud").joinpath("opendata", "cautions.toml").read_text(encoding="utf-8"))
    return {name: Caution({"id": g["id"], "en": g["en"]}, g["source"]) for g in groups.values() for name in g["quantities"]}
