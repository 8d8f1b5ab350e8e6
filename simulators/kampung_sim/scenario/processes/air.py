"""Air: temperature, humidity and pressure through day and year.

``T = Tm(month) − 6.5 z/1000 + ½·R·s(hour) + wander − cooling by rain``, where ``s`` is a two-term harmonic, highest at 13.40 WIB and
lowest at 05.10, and ``R`` the day's range, smaller under cloud. The dew point ``Td`` wanders slowly and never exceeds T; humidity
follows from both, ``RH = 100 e°(Td)/e°(T)`` (FAO-56 equation 11), so that the three always agree. Pressure falls with height as in
FAO-56 equation 7 and has the tropics' half-daily tide. Units: °C, %RH, hPa.

Source: lapse rate 6.5 K/km ICAO standard atmosphere; twice-daily pressure tide with maxima at 10 and 22 local time, about 1.2 hPa, as
in tropical climatology. Monthly means and ranges are assumptions, set to a mean near 27 °C and to the 24–36 °C that BMKG Banyuwangi
names for the late dry season.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import elevation, hour, monthly, vapour
from kampung_sim.scenario.times import DAY, HOUR

MEAN = (27.4, 27.3, 27.5, 27.6, 27.2, 26.3, 25.7, 25.8, 26.6, 27.6, 28.2, 27.9)
RANGE = (7.0, 7.0, 7.2, 7.6, 8.0, 8.2, 8.6, 9.2, 9.6, 9.4, 8.4, 7.4)
DEW = (24.2, 24.2, 24.2, 24.0, 23.3, 22.4, 21.5, 21.2, 21.7, 22.8, 23.8, 24.2)
LAPSE, DEW_LAPSE = 6.5, 5.0


class Air(Process):
    """Air temperature, humidity and pressure."""

    QUANTITIES: ClassVar = {"air_temperature": "Cel", "relative_humidity": "%RH", "air_pressure": "hPa"}
    ROLES: ClassVar = ("rain",)

    kind: Literal["air"] = "air"
    warmer: float = Field(default=0.0, ge=-10, le=10)
    """Kelvin added to every temperature."""
    drier: float = Field(default=0.0, ge=-10, le=15)
    """Kelvin taken from the dew point."""
    range_factor: float = Field(default=1.0, ge=0.1, le=2)
    """Of the difference between day and night."""
    rain: str = "rain"
    """The process that cools and moistens it."""

    def at(self, site: Site, t: Times) -> Values:
        z = elevation(site.village)
        wet = wetness(site, self.rain, t)
        temperature, dew = self.temperature(site, t, wet), self.dew(site, t)
        dew = np.minimum(dew + 0.8 * wet * np.maximum(temperature - dew, 0), temperature - 0.05)
        tide = 1.2 * np.cos((hour(t) - 10) * np.pi / 6)
        sea = 1010.5 + tide + 1.2 * site.region.child("pressure").smooth(t, 2 * DAY)
        return {
            "air_temperature": temperature,
            "relative_humidity": 100 * vapour(dew) / vapour(temperature),
            "air_pressure": sea * ((293 - 0.0065 * z) / 293) ** 5.26,
        }

    def temperature(self, site: Site, t: Times, wet: Numbers) -> Numbers:
        """°C."""
        dice = site.dice
        cloud = np.clip(0.5 + 0.3 * site.region.child("cloud").smooth(t, DAY) + 0.2 * dice.child("cloud").smooth(t, 7 * HOUR), 0, 1)
        spread = monthly(RANGE, t) * self.range_factor * (1.15 - 0.5 * cloud)
        wander = 0.5 * site.region.child("warmth").smooth(t, 3 * DAY) + 0.25 * dice.child("warmth").smooth(t, 2 * HOUR)
        base = monthly(MEAN, t) + self.warmer - LAPSE * elevation(site.village) / 1000
        return base + 0.5 * spread * shape(t) + wander + 0.12 * dice.child("gust").smooth(t, 600_000) - 2.5 * wet

    def dew(self, site: Site, t: Times) -> Numbers:
        """°C, before it is held below the temperature."""
        dice = site.dice
        slow = 0.7 * site.region.child("moisture").smooth(t, 2 * DAY) + 0.3 * dice.child("moisture").smooth(t, 3 * HOUR)
        return monthly(DEW, t) - self.drier - DEW_LAPSE * elevation(site.village) / 1000 + slow


def shape(t: Times) -> Numbers:
    """The day's course between −1 and 1: lowest at 05.10, up by 13.40, then down all evening and night."""
    h = hour(t) * np.pi / 12
    return (np.cos(h - 15.25 * np.pi / 12) + 0.35 * np.cos(2 * h - np.pi / 12) - 0.025) / 1.175


def wetness(site: Site, rain: str, t: Times) -> Numbers:
    """0 to 1: how far the air has taken on the rain of the last hour."""
    fell = site.ask(rain, t)["fallen"] - site.ask(rain, t - HOUR)["fallen"]
    return 1 - np.exp(-np.maximum(fell, 0) / 4)
