"""Residents at the kiosk: how many come in which hour, when each comes, what for, and for how long.

The number in an hour is Poisson with mean ``a_day × weight(hour) × weight(weekday)``; within the hour the arrivals lie anywhere. One
kiosk serves one resident at a time: whoever comes while it is busy waits. Residents are numbers, never people. Unit: none; a visit is
milliseconds UTC.

Source: opening hours and the two evenings a week follow what villages announced; the counts are assumptions.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import WIB
from kampung_sim.scenario.times import DAY, HOUR, SECOND

HOURS = (0, 0, 0, 0, 0, 0, 0, 2, 9, 13, 12, 8, 4, 6, 7, 4, 2, 1, 3, 3, 1, 0, 0, 0)
WEEKDAYS = (1.3, 1.0, 1.0, 1.0, 0.9, 0.4, 0.1)
"""Monday to Sunday."""
SERVICES = (("letter", 0.45, 300), ("status", 0.2, 90), ("queue", 0.15, 45), ("information", 0.15, 120), ("complaint", 0.05, 240))
"""What for, share, and median seconds at the kiosk."""


class Visit(NamedTuple):
    """``at`` and ``until`` in ms UTC; ``resident`` is a number within the village; ``service`` one of ``SERVICES``."""

    at: int
    until: int
    resident: int
    service: str


class Visitors(Process):
    """Residents at one kiosk."""

    SHARED: ClassVar = False
    kind: Literal["visitors"] = "visitors"
    QUANTITIES: ClassVar = {}
    a_day: float = Field(default=24.0, ge=0, le=2000)
    """Visits on an ordinary day."""
    hours: tuple[Annotated[float, Field(ge=0)], ...] = Field(default=HOURS, min_length=24, max_length=24)
    """Weights of the 24 hours, WIB."""
    weekdays: tuple[Annotated[float, Field(ge=0)], ...] = Field(default=WEEKDAYS, min_length=7, max_length=7)
    """Weights from Monday to Sunday."""
    residents: int = Field(default=3000, ge=1, le=100_000)
    """Who may come."""

    def at(self, site: Site, t: Times) -> Values:
        """Share of the last quarter of an hour in which the kiosk was used; the only thing other processes ask."""
        visits = site.once("visits", lambda: self.visits(site, site.start - DAY, site.stop + DAY), "node")
        begin = np.array([v.at for v in visits], np.int64)
        length = np.array([v.until - v.at for v in visits], np.float64)
        busy = np.concatenate(([0.0], np.cumsum(length)))

        def used(moment: Times) -> np.ndarray:
            i = np.searchsorted(begin, moment, side="right")
            last = np.where(i > 0, np.minimum(moment - begin[np.maximum(i - 1, 0)], length[np.maximum(i - 1, 0)]), 0) if len(begin) else 0
            return np.asarray(busy[np.maximum(i - 1, 0)] + last)

        return {"used": (used(t) - used(t - 900_000)) / 900_000}

    def visits(self, site: Site, start: int, stop: int) -> list[Visit]:
        """Those that begin from ``start`` to before ``stop``, by time; the same whatever part is asked, by whole days."""
        out: list[Visit] = []
        for day in range((start + WIB) // DAY, (stop - 1 + WIB) // DAY + 1):
            out += [v for v in self._day(site, day) if start <= v.at < stop]
        return out

    def _day(self, site: Site, day: int) -> list[Visit]:
        weight = self.weekdays[(day + 3) % 7] * self.a_day / max(sum(self.hours), 1e-9)
        arrivals: list[int] = []
        for hour, share in enumerate(self.hours):
            if weight * share:
                dice = site.kiosk.child("visits", day, hour)
                within = dice.uniform(np.arange(1, _poisson(dice.one(), weight * share) + 1, dtype=np.int64)) * HOUR
                arrivals += np.sort(day * DAY - WIB + hour * HOUR + within.astype(np.int64)).tolist()
        out, free, dice, which = [], 0, site.kiosk.child("visit", day), np.arange(len(arrivals), dtype=np.int64)
        picks, residents = dice.child("service").uniform(which).tolist(), dice.child("resident").uniform(which).tolist()
        spreads = dice.child("lasts").normal(which).tolist()
        for arrived, pick, spread, who in zip(arrivals, picks, spreads, residents, strict=True):
            service, seconds = _service(pick)
            at = max(arrived, free)
            lasts = round(seconds * math.exp(0.5 * spread)) * SECOND
            free = at + lasts + 20 * SECOND
            out.append(Visit(at, at + lasts, 1 + int(who * self.residents), service))
        return out


def _service(u: float) -> tuple[str, int]:
    """Its name and median seconds, by a number in [0, 1)."""
    for name, share, typical in SERVICES:
        if u < share:
            return name, typical
        u -= share
    return SERVICES[-1][0], SERVICES[-1][2]


def _poisson(u: float, mean: float) -> int:
    """By inversion of one number in [0, 1)."""
    count, p = 0, math.exp(-mean)
    total = p
    while u > total and count < 10 * mean + 50:
        count += 1
        p *= mean / count
        total += p
    return count
