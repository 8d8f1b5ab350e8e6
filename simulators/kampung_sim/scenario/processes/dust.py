"""Fine dust: background, rush hours, the evening's stillness, smoke; rain washes it out.

``PM2.5 = washed × (background(month) × wander + traffic(hour) + smoke)``; smoke is what a scenario plans and, in the dry months, a
random evening fire now and then, each with a smooth rise and fall. ``PM10 = 1.6`` and ``PM1 = 0.68`` times the fine part, smoke being
finer. Units: µg/m³.

Source: none of these numbers is a measurement: they are assumptions, of the order reported for towns in East Java.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.processes.air import wetness
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import WIB, elevation, hour, monthly
from kampung_sim.scenario.times import DAY, HOUR, At, Duration
from kampung_sim.scenario.where import EVERYWHERE, Villages

BACKGROUND = (9, 9, 10, 12, 15, 18, 20, 22, 23, 21, 15, 10)
FIRES = (0.01, 0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.25, 0.25, 0.20, 0.08, 0.02)
"""Chance of an evening fire near a village."""


class Episode(BaseModel):
    """Smoke that a scenario plans: ``peak`` µg/m³ of PM2.5 in the middle of ``for``."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    villages: Villages = Field(default_factory=lambda: EVERYWHERE)
    at: At
    lasts: Duration = Field(alias="for")
    peak: float = Field(gt=0, le=900)


class Dust(Process):
    """PM1, PM2.5 and PM10."""

    QUANTITIES: ClassVar = {"pm1": "ug/m3", "pm25": "ug/m3", "pm10": "ug/m3"}
    ROLES: ClassVar = ("rain",)

    kind: Literal["dust"] = "dust"
    factor: float = Field(default=1.0, ge=0, le=10)
    """Of background and traffic."""
    fires: float = Field(default=1.0, ge=0, le=4)
    """Of the chance of a random fire."""
    episode: tuple[Episode, ...] = ()
    """Smoke that is planned."""
    rain: str = "rain"

    def at(self, site: Site, t: Times) -> Values:
        dice = site.dice
        wash = 1 - 0.7 * wetness(site, self.rain, t)
        wander = np.exp(0.3 * site.region.smooth(t, DAY) + 0.15 * dice.smooth(t, 2 * HOUR))
        calm = 1 + 0.35 * np.cos((hour(t) - 21) * np.pi / 12)
        low = 0.6 + 0.4 * np.exp(-elevation(site.village) / 200)
        traffic = 9 * low * (bump(hour(t), 6.7, 1.0) + 0.8 * bump(hour(t), 17.5, 1.5))
        base = self.factor * wash * (monthly(BACKGROUND, t) * wander * calm * low + traffic)
        smoke = wash * self._smoke(site, t)
        fine = base + smoke
        flicker = np.exp(0.05 * dice.child("flicker").smooth(t, 120_000))
        return {
            "pm1": np.minimum(fine * 0.68 * flicker, 900),
            "pm25": np.minimum(fine * flicker, 950),
            "pm10": np.minimum((1.6 * base + 1.15 * smoke) * flicker, 1900),
        }

    def _smoke(self, site: Site, t: Times) -> Numbers:
        out = np.zeros(t.shape)
        for begin, lasts, peak in site.once("fires", lambda: self._fires(site)):
            if t.size and begin < t[-1] and begin + lasts > t[0]:
                x = np.clip((t - begin) / lasts, 0, 1)
                out += peak * np.sin(np.pi * x) ** 2 * (1 + 0.06 * site.dice.child("smoke").smooth(t, 300_000))
        return np.maximum(out, 0)

    def _fires(self, site: Site) -> list[tuple[int, int, float]]:
        dice, out = site.dice.child("fire"), []
        for day in range((site.start + WIB) // DAY - 1, (site.stop + WIB) // DAY + 1):
            month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(int)) % 12
            if dice.one(day) < FIRES[month] * self.fires:
                begin = day * DAY - WIB + round((16 + 3 * dice.child("hour").one(day)) * HOUR)
                out.append((begin, round((1 + 3 * dice.child("lasts").one(day)) * HOUR), 30 + 90 * dice.child("peak").one(day)))
        out += [(e.at.at(site.start), e.lasts, e.peak) for e in self.episode if e.villages.holds(site.village)]
        return out


def bump(h: Numbers, middle: float, width: float) -> Numbers:
    """A hump over the hours of a day, continuous over midnight."""
    far = np.abs((h - middle + 12) % 24 - 12)
    return np.exp(-((far / width) ** 2))
