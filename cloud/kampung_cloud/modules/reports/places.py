"""Where a report is, how far two are apart, and how exactly everybody may know."""

from __future__ import annotations

import math

from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village as find_village

EARTH_M = 6_371_000
ROUNDED = 3
"""Decimals of a degree that are shown to everybody: about 110 m."""
ROUNDED_M = 110.0
MOST_AWAY_KM = 5.0
"""So far outside the rectangle around its village a report may lie: GPS errs, and people go about."""


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two places (latitude, longitude in degrees), on a sphere."""
    (la, oa), (lb, ob) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    half = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin((ob - oa) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(math.sqrt(half), 1.0))


def check_inside(village: str, latitude: float | None, longitude: float | None) -> None:
    """Raise ``InvalidRequest`` for a place that lies well outside its village, ``UnknownVillage``."""
    found = find_village(village)
    if latitude is None or longitude is None:
        return
    south, west, north, east = found.bounds
    nearest = (min(max(latitude, south), north), min(max(longitude, west), east))
    away = distance((latitude, longitude), nearest) / 1000
    if away > MOST_AWAY_KM:
        raise InvalidRequest(f"{latitude:.5f}, {longitude:.5f} lies {away:.0f} km outside {found.name}; choose the village where it is")


def rounded(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """As everybody may know it."""
    return None if latitude is None or longitude is None else (round(latitude, ROUNDED), round(longitude, ROUNDED))
