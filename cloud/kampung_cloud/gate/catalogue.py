"""The services that a policy may name: the village letters in use (``data/village_letters.csv``), by the name that addresses have."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Service:
    """``id`` as in addresses; ``code`` as it stands in a letter's number; ``validity`` in days."""

    id: str
    code: str
    title: str
    validity_days: int


@cache
def catalogue() -> dict[str, Service]:
    """By id."""
    text = files("kampung_cloud.gate").joinpath("data", "village_letters.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["slug"]: Service(row["slug"], row["code"], row["name"], 30 if row["validity"] == "1M" else 1) for row in rows}
