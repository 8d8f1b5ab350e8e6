"""Sun above the atmosphere (FAO-56 chapter 3). Latitude in degrees, negative south of the equator; radiation in MJ/m²/day."""

from __future__ import annotations

from math import acos, cos, pi, radians, sin, tan

SOLAR_CONSTANT = 0.0820
"""MJ/m²/min."""


def inverse_distance(day: int) -> float:
    """dr, Eq. 23; ``day`` of the year from 1."""
    return 1 + 0.033 * cos(2 * pi / 365 * day)


def declination(day: int) -> float:
    """δ in rad, Eq. 24."""
    return 0.409 * sin(2 * pi / 365 * day - 1.39)


def sunset_angle(latitude: float, day: int) -> float:
    """ωs in rad, Eq. 25; π where the sun does not set, 0 where it does not rise."""
    return acos(min(1.0, max(-1.0, -tan(radians(latitude)) * tan(declination(day)))))


def extraterrestrial(latitude: float, day: int) -> float:
    """Ra for a day, Eq. 21."""
    phi, delta, omega = radians(latitude), declination(day), sunset_angle(latitude, day)
    turned = omega * sin(phi) * sin(delta) + cos(phi) * cos(delta) * sin(omega)
    return max(0.0, 24 * 60 / pi * SOLAR_CONSTANT * inverse_distance(day) * turned)


def daylight(latitude: float, day: int) -> float:
    """N in hours, Eq. 34."""
    return 24 / pi * sunset_angle(latitude, day)
