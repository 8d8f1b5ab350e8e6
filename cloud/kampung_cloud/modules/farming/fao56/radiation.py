"""Radiation at the ground (FAO-56 chapter 3), in MJ/m²/day; temperatures in °C."""

from __future__ import annotations

from math import sqrt

STEFAN_BOLTZMANN = 4.903e-9
"""MJ/K⁴/m²/day."""
ZERO = 273.16
"""0 °C in K, as FAO-56 has it."""
ALBEDO = 0.23
"""Of the grass of the reference."""
INLAND, COAST = 0.16, 0.19
"""kRs of Eq. 50."""
LEAST_RATIO = 0.3
"""Below it Rs/Rso says that the sensor is dirty or dead, not that the sky is darker (ASCE 2005, Eq. 18)."""


def solar_from_sunshine(hours: float, daylight: float, extraterrestrial: float) -> float:
    """Rs, Eq. 35 (Ångström) with as = 0.25 and bs = 0.50."""
    return (0.25 + 0.50 * hours / daylight) * extraterrestrial


def solar_from_temperatures(tmin: float, tmax: float, extraterrestrial: float, k: float = INLAND) -> float:
    """Rs, Eq. 50 (Hargreaves): a clear day is warm and a clear night is cool."""
    return k * sqrt(tmax - tmin) * extraterrestrial


def clear_sky(altitude: float, extraterrestrial: float) -> float:
    """Rso, Eq. 37."""
    return (0.75 + 2e-5 * altitude) * extraterrestrial


def net_short(solar: float) -> float:
    """Rns, Eq. 38."""
    return (1 - ALBEDO) * solar


def net_long(tmin: float, tmax: float, vapour: float, solar: float, clear: float) -> float:
    """Rnl, Eq. 39; Rs/Rso is held between 0.3 and 1."""
    ratio = min(1.0, max(LEAST_RATIO, solar / clear))
    emitted = STEFAN_BOLTZMANN * ((tmax + ZERO) ** 4 + (tmin + ZERO) ** 4) / 2
    return emitted * (0.34 - 0.14 * sqrt(vapour)) * (1.35 * ratio - 0.35)


def soil_heat_between_months(before: float, after: float) -> float:
    """G of a month from the mean temperatures of its neighbours, Eq. 43."""
    return 0.07 * (after - before)


def soil_heat_since_month(before: float, now: float) -> float:
    """G of a month where the next one is not known yet, Eq. 44."""
    return 0.14 * (now - before)
