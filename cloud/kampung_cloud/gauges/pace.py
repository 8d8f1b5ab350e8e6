"""What the water says: its level as an ordinal, how fast it moves, and when it reaches the next level. Pure.

The slope is Theil and Sen's (1968): the median of the slopes between all pairs of readings, so that a reading that is wrong by any amount
does not turn it; up to 29 of a hundred may be wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

HOUR_MS = 3_600_000
OVER_MS = 30 * 60_000
"""A pace is that of the last half an hour."""
MOST = 31
"""Readings that are compared with one another: one a minute."""
CALM = 0.02
"""Metres an hour that are no trend: ripples."""
RISE = 0.3
RISE_MS = 30 * 60_000
SOON_MS = 60 * 60_000
"""Alarm at 30 cm in 30 minutes, or when the next level is an hour away or less (docs/sources.md)."""


class Point(NamedTuple):
    """A reading that passed quality control: ms UTC, metres."""

    t: int
    value: float


class Pace(NamedTuple):
    """``rate`` in metres an hour; ``rise`` the metres since the lowest of the last half an hour; ``of`` so many readings."""

    rate: float
    rise: float
    of: int

    @property
    def trend(self) -> str:
        """rising, falling or steady."""
        return "rising" if self.rate > CALM else "falling" if self.rate < -CALM else "steady"


def ordinal(level: float, marks: Sequence[float]) -> int:
    """0 below Siaga 3 to 3 at or above Siaga 1; ``marks`` rise."""
    return bisect_right(marks, level)


def pace(points: Sequence[Point]) -> Pace | None:
    """Of readings in order of time; those of the last half an hour count. None for fewer than two."""
    if not points:
        return None
    recent = [p for p in points if p.t >= points[-1].t - OVER_MS]
    if len(recent) > MOST:
        step = len(recent) / MOST
        recent = [recent[min(len(recent) - 1, round((i + 1) * step) - 1)] for i in range(MOST)]
    slopes = [(b.value - a.value) / (b.t - a.t) for a, b in combinations(recent, 2) if b.t > a.t]
    if not slopes:
        return None
    rate = median(slopes) * HOUR_MS
    return Pace(rate, max(0.0, _settled(recent) - min(p.value for p in _without_dips(recent))), len(recent))


def minutes_to(level: float, mark: float, rate: float) -> float | None:
    """``(mark − level) / rate``: minutes until the water is at ``mark`` (m) at ``rate`` (m/h); 0 when it is there, None when never."""
    if level >= mark:
        return 0.0
    return None if rate <= 0 else (mark - level) / rate * 60


def fast(found: Pace | None, level: float, marks: Sequence[float]) -> bool:
    """Whether the water rises so fast that people are told before it is at the next level."""
    if found is None or found.of < 2:
        return False
    following = next((mark for mark in marks if mark > level), None)
    left = None if following is None else minutes_to(level, following, found.rate)
    soon = left is not None and found.rate > CALM and left * 60_000 <= SOON_MS
    return found.rise >= RISE - 1e-9 or soon


def _settled(points: Sequence[Point]) -> float:
    """The newest value; of three the middle one, so that a lone spike is none."""
    return median(p.value for p in points[-3:]) if len(points) >= 3 else points[-1].value


def _without_dips(points: Sequence[Point]) -> list[Point]:
    """As alarm rules see it: a reading that lies far below both its neighbours begins no rise."""
    last = len(points) - 1
    return [
        p
        for i, p in enumerate(points)
        if not (0 < i < last and points[i - 1].value - p.value >= RISE and points[i + 1].value - p.value >= RISE)
    ]
