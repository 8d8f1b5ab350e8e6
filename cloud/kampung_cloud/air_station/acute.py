"""Acute levels of sulphur dioxide (``acute.toml``), and the alarm rules of stations near a crater."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

from kampung_contract.rules import Rule, parse_rule
from pydantic import BaseModel, ConfigDict

from kampung_cloud.air_station.setting import AirStation, Crater

QUANTITY, UNIT = "so2", "ppm"
HOLD = {1: "5m", 2: "2m", 3: "0s"}
"""How long a level is kept before it is told: a gust of a minute is no reason to send children indoors; at the third nobody waits."""


class Level(BaseModel):
    """From ``ppm`` on. ``severity``: 1 Waspada, 2 Siaga, 3 Awas; back to calm below ``clear`` ppm."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    ppm: float
    severity: int
    clear: float
    title: dict[str, str]
    message: dict[str, str]


class Levels(BaseModel):
    """All of the file, from the lowest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    mark: Literal["V", "V2", "K"]
    ask: str
    level: tuple[Level, ...]


@cache
def levels() -> Levels:
    """The guideline levels."""
    return Levels.model_validate(tomllib.loads((files(__package__) / "acute.toml").read_text(encoding="utf-8")))


def level(ppm: float) -> Level | None:
    """The highest that is reached; None below all."""
    return next((each for each in reversed(levels().level) if ppm >= each.ppm), None)


def rules(stations: Iterable[AirStation]) -> tuple[Rule, ...]:
    """Three for each station that has a crater, named after it. A higher level tells people instead of the lower ones."""
    return tuple(_rule(station, station.crater, each) for station in stations if station.crater for each in levels().level)


def _rule(station: AirStation, crater: Crater, of: Level) -> Rule:
    lower = [_name(station, each) for each in levels().level if each.severity < of.severity]
    marks = {"quantity": QUANTITY, "unit": UNIT, "threshold": of.ppm, "clear": of.clear}
    leaf = {"type": "threshold", **marks, "node": station.node, "device": crater.device}
    return parse_rule(
        {
            "id": _name(station, of),
            "village": station.village,
            "about": "volcano",
            "when": leaf,
            "severity": of.severity,
            "for": HOLD[of.severity],
            "clear_for": "30m",
            "fresh": "30m",
            "place": crater.name,
            "inhibits": lower,
            "source": f"{of.name}, {of.ppm:g} ppm: {levels().source}",
            "title": of.title,
            "message": of.message,
        }
    )


def _name(station: AirStation, of: Level) -> str:
    return f"{station.id}-so2-{of.severity}"
