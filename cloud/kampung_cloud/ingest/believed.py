"""Times of a whole batch's columns: which are not to be believed."""

from __future__ import annotations

import numpy as np
from kampung_contract.pack import EARLIEST
from numpy.typing import NDArray

from kampung_cloud.telemetry.store import Runs, running_times

AHEAD_MS = 24 * 3_600_000
FARTHEST_MS = 2**45
"""Steps beyond a thousand years: 2,000 of them are still far from overflowing."""


def wrong(runs: Runs) -> NDArray[np.bool_]:
    """By column, whether a time is not to be believed."""
    if not len(runs.counts):
        return np.zeros(0, dtype=np.bool_)
    starts, latest = runs.starts, runs.received + AHEAD_MS
    first = runs.steps[starts]
    if int(runs.steps.min()) >= 0 and int(runs.steps.max()) <= FARTHEST_MS:
        # As a rule: then the first time of a column is its earliest, the last its latest.
        return np.asarray((first < EARLIEST) | (runs.ends() > latest), dtype=np.bool_)
    gaps = runs.steps.copy()
    gaps[starts] = 0
    times = running_times(runs.steps, starts, runs.counts)
    far = np.maximum.reduceat((gaps > FARTHEST_MS) | (gaps < -FARTHEST_MS), starts)
    early, late = np.minimum.reduceat(times, starts) < EARLIEST, np.maximum.reduceat(times, starts) > latest
    return np.asarray(far | early | late, dtype=np.bool_)
