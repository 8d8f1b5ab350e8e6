"""Where a village lies: its height, the sun above it, its local time. Indicative: there is no height model in this repository."""

from __future__ import annotations

import math

import numpy as np
from kampung_contract.villages import Village

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.times import DAY, HOUR

WIB = 7 * HOUR
PEAKS = ((-8.119, 114.056, 3344.0, 14.0), (-8.058, 114.242, 2769.0, 10.0))
"""Raung, and Ijen with Merapi Ungup-ungup: latitude, longitude, height in m (Smithsonian Global Volcanism Program), and the scale of the
cone in km, an assumption. People live low on a slope: heights are pressed below 900 m, so that Tamansari (Licin) comes near 700 m."""
KM = 111.2


def elevation(village: Village) -> float:
    """Metres above the sea, by cones around the volcanoes: an assumption of the simulation, no survey."""
    height = 0.0
    for latitude, longitude, peak, scale in PEAKS:
        east = (village.longitude - longitude) * math.cos(math.radians(village.latitude))
        far = math.hypot(village.latitude - latitude, east) * KM
        height += peak * math.exp(-((far / scale) ** 1.5))
    return round(max(5.0, 900 * (1 - math.exp(-(height - 100) / 900))), 1)


def hour(t: Times) -> Numbers:
    """Local hour, 0 to 24."""
    return ((t + WIB) % DAY) / HOUR


def local_day(t: Times) -> Times:
    """Number of the local day."""
    return (t + WIB) // DAY


def season(t: Times) -> Numbers:
    """The part of the year that is over, 0 to 1; the year has 365.2425 days and begins on 1 January 1970."""
    return ((t + WIB) % round(365.2425 * DAY)) / (365.2425 * DAY)


def monthly(values: tuple[float, ...], t: Times) -> Numbers:
    """Twelve monthly means as a continuous curve through the middles of the months."""
    at = season(t) * 12 - 0.5
    low = np.floor(at).astype(np.int64)
    share = at - low
    share = share * share * (3 - 2 * share)
    table = np.asarray(values)
    return table[low % 12] * (1 - share) + table[(low + 1) % 12] * share


def extraterrestrial(latitude: float, t: Times) -> Numbers:
    """Ra in MJ/m²/day, FAO-56 equations 21 to 25; ``latitude`` in degrees, south negative."""
    j = 2 * np.pi * (np.floor(season(t) * 365.2425) + 1) / 365
    dr = 1 + 0.033 * np.cos(j)
    delta = 0.409 * np.sin(j - 1.39)
    phi = math.radians(latitude)
    omega = np.arccos(np.clip(-math.tan(phi) * np.tan(delta), -1, 1))
    return (1440 / np.pi) * 0.0820 * dr * (omega * math.sin(phi) * np.sin(delta) + math.cos(phi) * np.cos(delta) * np.sin(omega))


def daylight(latitude: float, t: Times) -> Numbers:
    """The sun's height as a share of overhead, 0 at night: sine of the solar elevation, local noon at 11.23 WIB (114.25° E)."""
    j = 2 * np.pi * season(t)
    delta = 0.409 * np.sin(j - 1.39)
    phi = math.radians(latitude)
    angle = (hour(t) - 11.38) * np.pi / 12
    return np.maximum(0.0, math.sin(phi) * np.sin(delta) + math.cos(phi) * np.cos(delta) * np.cos(angle))


def vapour(celsius: Numbers) -> Numbers:
    """Saturation vapour pressure in kPa, FAO-56 equation 11."""
    return 0.6108 * np.exp(17.27 * celsius / (celsius + 237.3))


def is_coastal(village: Village) -> bool:
    """By height, for what only the coast has. An assumption."""
    return elevation(village) < 15
