"""One series as the kiosk remembers it: its latest reading, two hours as measured, two days as ten-minute means."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import Any, NamedTuple

from kampung_contract.pack import FAIL, MISSING

RAW_MS = 2 * 3_600_000
KEPT_MS = 48 * 3_600_000
BUCKET_MS = 600_000
SHORT = 1_000
"""So few readings are given as measured over any span."""
RAW_POINTS = 7_200
"""A series that is faster than one a second keeps fewer than two hours as measured."""


class Bucket(NamedTuple):
    """Ten minutes of readings that passed quality control."""

    n: int
    total: float
    low: float
    high: float

    def with_value(self, value: float) -> Bucket:
        """One reading more."""
        return Bucket(self.n + 1, self.total + value, min(self.low, value), max(self.high, value))


EMPTY = Bucket(0, 0.0, float("inf"), float("-inf"))


class Series:
    """Times in milliseconds UTC; ages are counted from the series' own newest reading."""

    def __init__(self, device: str, quantity: str, unit: str) -> None:
        self.device, self.quantity, self.unit = device, quantity, unit
        self.last: tuple[int, float, int] | None = None
        self.times, self.values, self.flags = array("q"), array("d"), array("b")
        self.buckets: dict[int, Bucket] = {}

    def add(self, t: int, value: float, flag: int) -> int | None:
        """Gives the start of the bucket that changed, None when none did."""
        if self.last is None or t >= self.last[0]:
            self.last = (t, value, flag)
        newest = self.last[0]
        if t >= newest - RAW_MS:
            self._add_raw(t, value, flag, newest)
        if t < newest - KEPT_MS or flag in (FAIL, MISSING):
            return None
        start = t - t % BUCKET_MS
        new = start not in self.buckets
        self.buckets[start] = self.buckets.get(start, EMPTY).with_value(value)
        if new and len(self.buckets) > KEPT_MS // BUCKET_MS:
            for old in [s for s in self.buckets if s < newest - KEPT_MS]:
                del self.buckets[old]
        return start

    def _add_raw(self, t: int, value: float, flag: int, newest: int) -> None:
        at = len(self.times) if not self.times or t >= self.times[-1] else bisect_right(self.times, t)
        self.times.insert(at, t)
        self.values.insert(at, value)
        self.flags.insert(at, flag)
        surplus = max(len(self.times) - RAW_POINTS, 0)
        if self.times[0] < newest - RAW_MS - BUCKET_MS:  # in batches: deleting at the front moves the rest
            surplus = max(surplus, bisect_left(self.times, newest - RAW_MS))
        if surplus:
            del self.times[:surplus], self.values[:surplus], self.flags[:surplus]

    def forget_after(self, t: int) -> None:
        """Times later than ``t`` were of a clock that ran ahead and has been set back."""
        keep = bisect_right(self.times, t)
        del self.times[keep:], self.values[keep:], self.flags[keep:]
        for start in [s for s in self.buckets if s > t]:
            del self.buckets[start]
        if self.last is not None and self.last[0] > t:
            self.last = (self.times[-1], self.values[-1], self.flags[-1]) if self.times else None

    def window(self, start: int, stop: int) -> dict[str, Any]:
        """As measured where all of it is still there, else ten-minute means; ``start`` and ``stop`` included and excluded."""
        if self.times and (stop - start <= RAW_MS or len(self.times) <= SHORT) and self._covers(start):
            a, b = bisect_left(self.times, start), bisect_left(self.times, stop)
            return {"every": None, "t": list(self.times[a:b]), "v": list(self.values[a:b]), "q": list(self.flags[a:b])}
        rows = sorted((s, b) for s, b in self.buckets.items() if start - BUCKET_MS < s < stop)
        return {
            "every": BUCKET_MS,
            "t": [s for s, _ in rows],
            "mean": [round(b.total / b.n, 6) for _, b in rows],
            "min": [b.low for _, b in rows],
            "max": [b.high for _, b in rows],
            "count": [b.n for _, b in rows],
        }

    def _covers(self, start: int) -> bool:
        """Whether nothing since ``start`` is known by its mean alone."""
        first = self.times[0]
        return start >= first or not any(start - BUCKET_MS < s < first - BUCKET_MS for s in self.buckets)
