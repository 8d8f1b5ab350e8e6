"""Air: pressure, vapour and wind (FAO-56 chapter 3). Temperatures in °C, pressures in kPa, humidity in %, heights in m, wind in m/s."""

from __future__ import annotations

import math
from math import exp, log


def pressure(altitude: float) -> float:
    """Atmospheric pressure, Eq. 7."""
    return 101.3 * math.pow((293 - 0.0065 * altitude) / 293, 5.26)


def psychrometric_constant(pressure_kpa: float) -> float:
    """γ in kPa/°C, Eq. 8."""
    return 0.665e-3 * pressure_kpa


def saturation_pressure(temperature: float) -> float:
    """e°(T), Eq. 11."""
    return 0.6108 * exp(17.27 * temperature / (temperature + 237.3))


def mean_saturation_pressure(tmin: float, tmax: float) -> float:
    """es, Eq. 12: the curve bends, so that the mean of the pressures is not the pressure of the mean."""
    return (saturation_pressure(tmax) + saturation_pressure(tmin)) / 2


def slope(temperature: float) -> float:
    """Δ in kPa/°C, Eq. 13."""
    return 4098 * saturation_pressure(temperature) / (temperature + 237.3) ** 2


def pressure_from_psychrometer(dry: float, wet: float, pressure_kpa: float, coefficient: float = 0.000662) -> float:
    """ea from a dry and a wet bulb, Eq. 15 and 16; the coefficient of a ventilated (Asmann) psychrometer unless given."""
    return saturation_pressure(wet) - coefficient * pressure_kpa * (dry - wet)


def pressure_from_extremes(tmin: float, tmax: float, rhmin: float, rhmax: float) -> float:
    """ea from the day's humidities, Eq. 17."""
    return (saturation_pressure(tmin) * rhmax + saturation_pressure(tmax) * rhmin) / 200


def pressure_from_highest(tmin: float, rhmax: float) -> float:
    """ea where only the highest humidity is known, Eq. 18."""
    return saturation_pressure(tmin) * rhmax / 100


def pressure_from_mean(tmin: float, tmax: float, rh: float) -> float:
    """ea from the mean humidity, Eq. 19."""
    return rh / 100 * mean_saturation_pressure(tmin, tmax)


def wind_at_two_metres(speed: float, height: float) -> float:
    """u2 from the speed at another height, Eq. 47. Raises ``ValueError`` below 0.5 m, where the profile over grass is none."""
    if height < 0.5:
        raise ValueError(f"wind_height = {height} m: the wind profile begins at 0.5 m; give the height of the anemometer above the ground")
    return speed * 4.87 / log(67.8 * height - 5.42)
