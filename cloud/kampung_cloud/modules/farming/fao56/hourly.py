"""Reference evapotranspiration of an hour or less (FAO-56 chapters 3 and 4, Eq. 28 to 33 and 53). Radiation in MJ/m² per period."""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

from kampung_cloud.modules.farming.fao56 import air, radiation, sun

STEFAN_BOLTZMANN = 2.043e-10
"""MJ/K⁴/m²/h."""
NIGHT_RATIO = 0.8
"""Rs/Rso at night in a humid climate, where the last of the day is not known (FAO-56, hourly time step)."""


def solar_angle(clock: float, day: int, longitude: float, zone: float) -> float:
    """ω at the middle of the period, Eq. 31 to 33: ``clock`` in hours, longitudes in degrees east (``zone``: the time zone's centre)."""
    b = 2 * pi * (day - 81) / 364
    season = 0.1645 * sin(2 * b) - 0.1255 * cos(b) - 0.025 * sin(b)
    return pi / 12 * (clock + 0.06667 * (longitude - zone) + season - 12)


def extraterrestrial(latitude: float, day: int, angle: float, hours: float = 1.0) -> float:
    """Ra of a period of ``hours`` around the solar ``angle``, Eq. 28 to 30; 0 while the sun is down."""
    phi, delta = radians(latitude), sun.declination(day)
    set_at = sun.sunset_angle(latitude, day)
    first, last = angle - pi * hours / 24, angle + pi * hours / 24
    first, last = max(-set_at, min(set_at, first)), max(-set_at, min(set_at, last))
    if last <= first:
        return 0.0
    turned = (last - first) * sin(phi) * sin(delta) + cos(phi) * cos(delta) * (sin(last) - sin(first))
    return max(0.0, 12 * 60 / pi * sun.SOLAR_CONSTANT * sun.inverse_distance(day) * turned)


def net_radiation(temperature: float, vapour: float, solar: float, ratio: float, hours: float = 1.0) -> float:
    """Rn of a period; ``ratio`` is Rs/Rso."""
    warmth = STEFAN_BOLTZMANN * hours * (temperature + radiation.ZERO) ** 4
    long = warmth * (0.34 - 0.14 * sqrt(vapour)) * (1.35 * min(1.0, max(radiation.LEAST_RATIO, ratio)) - 0.35)
    return radiation.net_short(solar) - long


def reference(temperature: float, humidity: float, wind: float, net: float, altitude: float, *, daytime: bool) -> float:
    """ET0 of an hour in mm, Eq. 53; soil heat by Eq. 45 (day) or 46 (night). Below 0 is dew, and counts as 0."""
    saturation = air.saturation_pressure(temperature)
    delta, gamma = air.slope(temperature), air.psychrometric_constant(air.pressure(altitude))
    soil = (0.1 if daytime else 0.5) * net
    drying = gamma * 37 / (temperature + 273) * wind * saturation * (1 - humidity / 100)
    return max(0.0, (0.408 * delta * (net - soil) + drying) / (delta + gamma * (1 + 0.34 * wind)))
