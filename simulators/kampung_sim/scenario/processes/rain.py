"""Rain: events by month, most of them in the afternoon, more on the slopes; what a scenario plans comes on top.

Each day has a chance of rain (days with rain a month / 30), shared within a kecamatan, and each village its share of it. An event lasts
``d`` (log-normal, median about 75 min, longer with more rain) and brings ``D`` mm (exponential about the month's mean of a rain day, times
the height's factor ``1 + z/900 m``); within it the intensity is ``2 D/d sin²(π x)``, so that it begins and ends at nothing and the total
is ``D (x − sin 2πx / 2π)``, in closed form. A gauge counts whole tips. Units: mm.

Source: monsoon with its peak in January and February and a dry July to October, as BMKG describes Banyuwangi; exponential depths and
log-normal durations are the usual stochastic model. The monthly numbers themselves are assumptions.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import WIB, elevation
from kampung_sim.scenario.times import DAY, HOUR, MINUTE, At, Duration
from kampung_sim.scenario.where import EVERYWHERE, Villages

DAYS = (17, 15, 14, 10, 7, 5, 4, 3, 3, 4, 8, 14)
"""Days with rain in a month."""
DEPTH = (15.5, 15.5, 13.0, 12.0, 11.0, 11.0, 9.0, 7.0, 8.0, 11.0, 13.0, 15.0)
"""Millimetres on a day with rain."""
LONGEST = 12 * HOUR
SPIN_UP = 21 * DAY
"""Before the scenario's start, so that soil and rivers have a past."""


class Event(BaseModel):
    """Rain that a scenario plans. ``at`` may lie before the start, to wet the ground."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    villages: Villages = Field(default_factory=lambda: EVERYWHERE)
    at: At
    lasts: Duration = Field(alias="for")
    mm: float = Field(gt=0, le=500)


class Rain(Process):
    """Rain as a gauge counts it."""

    QUANTITIES: ClassVar = {"rain": "mm", "rain_total": "mm"}

    kind: Literal["rain"] = "rain"
    factor: float = Field(default=1.0, ge=0, le=5)
    """Of the depth of every random event; 0 for none."""
    days_factor: float = Field(default=1.0, ge=0, le=3)
    """Of the number of rain days."""
    tip: float = Field(default=0.2, gt=0, le=2)
    """Millimetres a gauge's bucket holds."""
    event: tuple[Event, ...] = ()
    """Rain that is planned, beside the random one."""

    def at(self, site: Site, t: Times) -> Values:
        total = self.total(site, t)
        now = np.floor(total / self.tip + 1e-9) * self.tip
        before = np.floor(self.total(site, np.maximum(t - site.every, site.start)) / self.tip + 1e-9) * self.tip
        return {"rain_total": now, "rain": np.maximum(now - before, 0), "fallen": total}

    def total(self, site: Site, t: Times) -> Numbers:
        """Millimetres since the scenario's start (negative before it), not in tips."""
        events, zero = site.once("events", lambda: self._prepared(site))
        return events.fallen(t) - zero

    def _prepared(self, site: Site) -> tuple[Events, float]:
        events = Events(self._events(site))
        return events, float(events.fallen(np.array([site.start], np.int64))[0])

    def _events(self, site: Site) -> list[tuple[int, int, float]]:
        """(begin ms, lasts ms, mm)."""
        village = site.village
        first, last = (site.start - SPIN_UP + WIB) // DAY, (site.stop + WIB) // DAY + 1
        shared, dice = site.region.child(village.kecamatan_code), site.dice
        high = 1 + elevation(village) / 900
        out = []
        for day in range(first, last + 1):
            month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(int)) % 12
            chance = min(0.95, DAYS[month] / 30.4 * self.days_factor)
            if self.factor == 0 or shared.child("day").one(day) >= chance**0.7 or dice.child("day").one(day) >= chance**0.3:
                continue
            depth = -np.log(1 - shared.child("depth").one(day)) * (0.6 + 0.8 * dice.child("share").one(day))
            lasts = round(75 * MINUTE * float(np.sqrt(0.4 + depth) * np.exp(0.5 * dice.child("lasts").normal(np.array([day]))[0])))
            begins = shared.child("hour").normal(np.array([day]))[0] * 3.2 + 15 + dice.child("hour").one(day)
            mm = float(depth) * DEPTH[month] * high * self.factor
            if mm >= self.tip:
                out.append((day * DAY - WIB + round(float(begins) * HOUR), min(lasts, LONGEST), min(mm, 180.0)))
        for event in self.event:
            if event.villages.holds(village):
                begin = event.at.at(site.start)
                out.append((begin, event.lasts, event.mm))
        return sorted(out)


class Events:
    """What has fallen by when."""

    def __init__(self, events: list[tuple[int, int, float]]) -> None:
        table = np.array(events, np.float64).reshape(-1, 3)
        self._begin: NDArray[np.float64] = table[:, 0]
        self._lasts, self._mm = table[:, 1], table[:, 2]

    def fallen(self, t: Times) -> Numbers:
        """Millimetres by each time, from the first event on."""
        out = np.zeros(t.shape)
        if not t.size:
            return out
        for begin, lasts, mm in zip(self._begin, self._lasts, self._mm, strict=True):
            if begin >= t[-1]:
                break
            if begin + lasts <= t[0]:
                out += mm
                continue
            x = np.clip((t - begin) / lasts, 0, 1)
            out += mm * (x - np.sin(2 * np.pi * x) / (2 * np.pi))
        return out
