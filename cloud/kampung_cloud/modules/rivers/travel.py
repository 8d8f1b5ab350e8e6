"""How long water takes from one gauge to the next, learnt from what both have shown: where the lower one's rise best follows the upper's.

Cross-correlation of the changes of level, on a grid of five minutes, of each event by itself. The range over events is what is told; with
none, what the configuration says stands. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.gauges.pace import Point

STEP_MS = 5 * 60_000
RISE = 0.3
"""Metres that the upper gauge rises in an event."""
GAP_MS = 12 * 3_600_000
"""Events further apart than this are two."""
SURE = 0.6
"""A correlation below this is no event of both."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """Minutes at the least and at the most over ``events``."""

    least: float
    most: float
    events: int


def learn(upper: Sequence[Point], lower: Sequence[Point], longest_min: float) -> Learnt | None:
    """From readings of both gauges on one zero each, in order of time; lags up to ``longest_min`` minutes are tried."""
    if len(upper) < 3 or len(lower) < 3:
        return None
    lags = round(longest_min * 60_000 / STEP_MS)
    found = []
    for start, stop in _events(upper):
        grid = np.arange(start - 2 * 3_600_000, stop + lags * STEP_MS + 2 * 3_600_000, STEP_MS, dtype=np.int64)
        if grid[-1] > lower[-1].t + STEP_MS or grid[0] < lower[0].t - STEP_MS:
            continue  # the lower gauge has not seen it whole
        above, below = _changes(upper, grid), _changes(lower, grid)
        best = max(range(lags + 1), key=lambda lag: _alike(above, below, lag))
        if _alike(above, below, best) >= SURE:
            found.append(best * STEP_MS / 60_000)
    return Learnt(min(found), max(found), len(found)) if found else None


def _events(points: Sequence[Point]) -> list[tuple[int, int]]:
    """Spans (ms UTC) in which the water rose by ``RISE`` within three hours."""
    out: list[tuple[int, int]] = []
    first = 0
    for i, point in enumerate(points):
        while points[first].t < point.t - 3 * 3_600_000:
            first += 1
        if point.value - min(p.value for p in points[first : i + 1 : max(1, (i - first) // 36)]) < RISE:
            continue
        if out and point.t - out[-1][1] <= GAP_MS:
            out[-1] = out[-1][0], point.t
        else:
            out.append((points[first].t, point.t))
    return out


def _changes(points: Sequence[Point], grid: NDArray[np.int64]) -> Floats:
    t = np.array([p.t for p in points], np.float64)
    v = np.array([p.value for p in points], np.float64)
    level = np.interp(grid, t, v)
    smooth = np.convolve(level, np.ones(5) / 5, mode="same")
    return np.diff(smooth)[3:-3]


def _alike(above: Floats, below: Floats, lag: int) -> float:
    if lag >= len(above) - 3:
        return 0.0
    a, b = above[: len(above) - lag] if lag else above, below[lag:]
    spread = float(np.std(a) * np.std(b))
    return 0.0 if spread < 1e-12 else float(np.mean((a - a.mean()) * (b - b.mean())) / spread)
