"""The numbers of the rule *sudah tumbuh*, out of ``data/verification.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Each as the file names it; its unit and source are there."""

    days_apart: float
    near: float
    tag_far: float
    accuracy: float
    photo_minutes: float
    photo_distance: float
    photo_quality: float
    height_growth: float
    collar_growth: float
    dbh_growth: float
    error_factor: float
    fastest_height: float
    clock_minutes: float


@cache
def rows() -> dict[str, dict[str, Any]]:
    """The file."""
    return tomllib.loads(files("kampung_cloud.modules.trees").joinpath("data", "verification.toml").read_text(encoding="utf-8"))


@cache
def thresholds() -> Thresholds:
    """Those in force."""
    return Thresholds(**{field.name: rows()[field.name]["value"] for field in fields(Thresholds)})
