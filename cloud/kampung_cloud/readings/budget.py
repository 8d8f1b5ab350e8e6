"""How wide buckets must be for a picture of at most so many points.

A bucket carries its least and its greatest value, so that no spike leaves the picture however many readings it stands for; what failed
its check (flags 4 and 9) is in no bucket.
"""

from __future__ import annotations

from kampung_cloud.telemetry.order import bucket_start
from kampung_cloud.telemetry.store import TelemetryStore

LEAST = 10
MOST = 10_000
DAY_MS = 86_400_000
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400)
"""Steps that begin at local midnight each day, and which people would choose."""


def step_for(start: int, stop: int, points: int) -> int:
    """The shortest step (ms) of which at most ``points`` buckets have a part in [``start``, ``stop``); whole days when it is long."""
    for step in STEPS_S:
        if touched(start, stop, step * 1000) <= points:
            return step * 1000
    return -(-(stop - start) // ((points - 1) * DAY_MS)) * DAY_MS


def touched(start: int, stop: int, every: int) -> int:
    """How many buckets have a part in [``start``, ``stop``)."""
    return (bucket_start(stop - 1, every) - bucket_start(start, every)) // every + 1


def fitting(store: TelemetryStore, series_id: str, start: int, stop: int, points: int) -> int | None:
    """What to ask ``window`` for so that at most ``points`` (``LEAST`` or more) come back; None, single readings, while they are so few."""
    return None if store.count(series_id, start, stop) <= points else step_for(start, stop, points)
