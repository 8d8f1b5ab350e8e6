"""EPIRICE: how far a rice disease could have come by the weather alone (Savary et al. 2012); no control is assumed: a risk, no finding.

Sites on the leaves (plants, for tungro) are healthy, latent, infectious, removed; a day moves them on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kampung_cloud.modules.farming.diseases import Disease, Points

WET_HUMIDITY, WET_RAIN = 90.0, 5.0
"""% of the day's mean and mm: leaves are wet from either (Savary et al. 2012)."""
SEASON = 120
"""Days of the crop that the model knows."""
FIRST_INFECTION = 1.0


@dataclass(frozen=True, slots=True)
class Weather:
    """A day: mean °C, mean % humidity, mm of rain; None where nothing was measured."""

    temperature: float | None
    humidity: float | None
    rain: float | None

    @property
    def known(self) -> bool:
        """Whether the day can be judged."""
        return self.temperature is not None and (self.humidity is not None or self.rain is not None)

    @property
    def wet(self) -> bool:
        """Whether leaves were wet."""
        return (self.humidity is not None and self.humidity >= WET_HUMIDITY) or (self.rain is not None and self.rain >= WET_RAIN)


@dataclass(frozen=True, slots=True)
class Day:
    """The state on a day after emergence (from 0), in sites; ``severity`` from 0 to 1; ``rate`` is the day's Rc."""

    day: int
    healthy: float
    latent: float
    infectious: float
    removed: float
    severity: float
    rate: float
    known: bool


def interpolate(points: Points, at: float, *, beyond: bool = False) -> float:
    """Linear between points; outside them 0, or with ``beyond`` the nearest."""
    if at <= points[0][0] or at >= points[-1][0]:
        end = points[0] if at <= points[0][0] else points[-1]
        return end[1] if beyond or at == end[0] else 0.0
    right = bisect_right(points, at, key=lambda p: p[0])
    (x0, y0), (x1, y1) = points[right - 1], points[right]
    return y0 + (at - x0) / (x1 - x0) * (y1 - y0)


def infection_rate(disease: Disease, age: int, weather: Weather) -> float:
    """Rc of a day: RcOpt by the crop's age, the day's warmth and wet leaves; 0 for a day without weather."""
    if weather.temperature is None or not weather.wet:
        return 0.0
    return disease.rate * interpolate(disease.age, age, beyond=True) * interpolate(disease.warmth, weather.temperature)


def season(disease: Disease, weather: Iterable[Weather]) -> Iterator[Day]:
    """Days from emergence on, as far as there is weather, at most 120.

    A day without weather infects nobody and is marked; latent and infectious sites grow older all the same.
    """
    healthy, removed = disease.first, 0.0
    latent: deque[float] = deque([0.0] * disease.latent, disease.latent)
    infectious: deque[float] = deque([0.0] * disease.infectious, disease.infectious)
    for day, today in zip(range(SEASON), weather, strict=False):
        ill, giving = sum(latent), sum(infectious)
        diseased = ill + giving + removed
        rate = infection_rate(disease, day, today)
        visible = healthy + ill + giving
        yield Day(day, healthy, ill, giving, removed, (ill + giving) / visible if visible else 0.0, rate, today.known)
        free = healthy / (healthy + diseased) if healthy + diseased else 0.0
        infected = FIRST_INFECTION if day == disease.onset else giving * rate * free**disease.aggregation if day > disease.onset else 0.0
        grown = disease.growth * healthy * (1 - (healthy + diseased) / disease.most)
        leaving, ripe = infectious[0], latent[0]
        # A removed site takes leaf with it (Savary et al. 2012: senescence is physiological and by disease).
        lost = disease.senescence * healthy + leaving
        infected = min(infected, healthy)
        healthy = max(0.0, healthy + grown - infected - lost)
        removed += leaving
        infectious.append(ripe)
        latent.append(infected)


def audpc(days: Sequence[Day]) -> float:
    """Area under the curve of severity, in days (trapezoids)."""
    return sum((a.severity + b.severity) / 2 for a, b in pairwise(days))
