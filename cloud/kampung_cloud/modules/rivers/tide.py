"""The tide that a coastal gauge is to expect: harmonic analysis of its own readings (UTide), a month of them at least.

Constituents are those that so short a record tells apart by Rayleigh's criterion: M2, S2, N2, K1, O1 from 29 days, K2 and P1 from 183. The
mean level is that of the last 29 days, since weather moves it slowly. What the sea shows beyond the tide is surge and waves.

Source: Codiga 2011, Unified Tidal Analysis and Prediction; Foreman 1977 for the record lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.gauges.pace import Point

DAY_MS = 86_400_000
LEAST_DAYS, LONG_DAYS = 29.0, 183.0
SHORT, LONG = ("M2", "S2", "N2", "K1", "O1"), ("M2", "S2", "N2", "K2", "K1", "O1", "P1", "Q1")
LEAST_SHARE = 0.5
"""Of the hours of the record there must be readings."""
EPOCH = "1970-01-01"
OFF = 5.0
"""A reading so many robust standard deviations off is no tide."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tide:
    """``mean`` level and ``residual`` (standard deviation of what the tide does not explain), m; ``days`` of record; amplitudes in m."""

    mean: float
    residual: float
    days: float
    amplitudes: dict[str, float]
    _coef: object

    def at(self, times: Sequence[int]) -> list[float]:
        """Expected level (m on the gauge's zero) at times in ms UTC."""
        from utide import reconstruct

        days = np.asarray(times, np.float64) / DAY_MS
        found = reconstruct(days, self._coef, epoch=EPOCH, verbose=False)
        return [float(h) + self.mean for h in found.h]


def analysed(points: Sequence[Point], latitude: float) -> Tide | None:
    """The tide in hourly readings in order of time; None where there are too few to tell."""
    from utide import solve

    if len(points) < 24 * LEAST_DAYS * LEAST_SHARE:
        return None
    t = np.array([p.t for p in points], np.float64) / DAY_MS
    v = np.array([p.value for p in points], np.float64)
    days = float(t[-1] - t[0])
    if days < LEAST_DAYS or len(points) < 24 * days * LEAST_SHARE:
        return None
    spread = 1.4826 * float(np.median(np.abs(v - np.median(v))))
    good = np.abs(v - np.median(v)) <= OFF * max(spread, 0.02)
    t, v = t[good], v[good]
    recent = v[t >= t[-1] - LEAST_DAYS]
    constituents = list(LONG if days >= LONG_DAYS else SHORT)
    slow = _slow(t, v)
    coef = solve(t, v - slow, lat=latitude, epoch=EPOCH, method="ols", conf_int="none", trend=False, constit=constituents, verbose=False)
    tide = Tide(float(recent.mean()) - float(coef.mean), 0.0, days, dict(zip(map(str, coef.name), map(float, coef.A), strict=True)), coef)
    left = v - slow - (np.array(tide.at([round(x * DAY_MS) for x in t])) - tide.mean)
    return Tide(tide.mean, float(np.std(left)), days, tide.amplitudes, coef)


def _slow(t: Floats, v: Floats) -> Floats:
    """Weather and season: the mean of the 25 hours about each reading, in which tides come to nothing."""
    total = np.concatenate(([0.0], np.cumsum(v)))
    first = np.searchsorted(t, t - 12.5 / 24)
    last = np.searchsorted(t, t + 12.5 / 24, side="right")
    return np.asarray((total[last] - total[first]) / (last - first))
