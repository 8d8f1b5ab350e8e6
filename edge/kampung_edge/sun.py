"""How high the sun stands."""

from __future__ import annotations

import math

J2000_MS = 946_728_000_000
"""2000-01-01T12:00:00Z in milliseconds since 1970: what the Almanac's formulas count days from."""


def elevation(t: int, latitude: float, longitude: float) -> float:
    """Degrees of the sun's centre above the horizon, without refraction; ``t`` in ms UTC, degrees north and east.

    Astronomical Almanac, low-precision formulas for the sun: to 0.01° between 1950 and 2050.
    """
    days = (t - J2000_MS) / 86_400_000
    anomaly = math.radians(357.528 + 0.9856003 * days)
    ecliptic = math.radians(280.460 + 0.9856474 * days + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    obliquity = math.radians(23.439 - 0.0000004 * days)
    ascension = math.atan2(math.cos(obliquity) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(obliquity) * math.sin(ecliptic))
    sidereal = math.radians((280.46062 + 360.98564737 * days + longitude) % 360)
    high = math.radians(latitude)
    sine = math.sin(high) * math.sin(declination) + math.cos(high) * math.cos(declination) * math.cos(sidereal - ascension)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))
