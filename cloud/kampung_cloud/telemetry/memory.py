"""Readings in memory, for tests and rehearsals: gone when the process ends."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np
from kampung_contract.errors import NotFound
from kampung_contract.pack import FAIL, MISSING

from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.store import (
    AGGREGATES,
    EVERYTHING,
    Batch,
    Committed,
    EpochPacks,
    Ints,
    Latest,
    Selector,
    SeriesKey,
    Window,
    bucket_start,
)

Row = tuple[int, int, float, int]
COMPUTE: dict[str, Callable[[list[float]], float]] = {"mean": fmean, "min": min, "max": max, "count": len}


class MemoryStore:
    """``TelemetryStore`` without a file."""

    def __init__(self) -> None:
        self._index = Index()
        self._rows: list[list[Row]] = []
        self._known: list[set[tuple[int, float]]] = []
        self._lock = threading.Lock()

    def commit(self, batch: Batch) -> Committed:
        """Store new rows and pack identities."""
        rows = batch.rows()
        unknown = self._index.unknown(batch)
        with self._lock:
            self._rows.extend([] for _ in unknown)
            self._known.extend(set() for _ in unknown)
            self._index.learn(unknown)
            numbers = [self._index.number(key.id) for key in batch.series]
            stored: list[int] = []
            for at, (which, t, received, v, q) in enumerate(
                zip(rows.series.tolist(), rows.t.tolist(), rows.received.tolist(), rows.v.tolist(), rows.q.tolist(), strict=True)
            ):
                number = numbers[which]
                assert number is not None
                if (t, v) in self._known[number]:
                    continue
                self._known[number].add((t, v))
                insort(self._rows[number], (t, received, v, q))
                stored.append(at)
                rows.series[at] = number
        new = rows.take(_positions(stored))
        changed = self._index.committed(new, self._index.new_packs(batch.packs))
        return Committed(len(stored), len(rows.t) - len(stored), changed)

    def latest(self, selector: Selector = EVERYTHING) -> list[Latest]:
        """The newest reading of each selected series."""
        return self._index.latest(selector)

    def find(self, series_id: str) -> Latest | None:
        """The newest reading of one series."""
        return self._index.find(series_id)

    def window(
        self,
        series_id: str,
        start: int,
        stop: int,
        every: int | None = None,
        *,
        aggregates: Sequence[str] = AGGREGATES,
        limit: int | None = None,
    ) -> Window:
        """Raw readings or buckets."""
        rows = self._slice(series_id, start, stop)
        if every is None:
            rows = rows[:limit]
            return Window([r[0] for r in rows], [r[2] for r in rows], [r[3] for r in rows], [r[1] for r in rows])
        buckets: dict[int, list[float]] = {}
        for t, _, v, q in rows:
            if q not in (FAIL, MISSING):
                buckets.setdefault(bucket_start(t, every), []).append(v)
        chosen = list(buckets.items())[:limit]
        return Window([t for t, _ in chosen], aggregates={name: [COMPUTE[name](vs) for _, vs in chosen] for name in aggregates})

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give."""
        return len(self._slice(series_id, start, stop))

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        """Selected series."""
        return self._index.series(selector)

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        """What is here of every epoch."""
        return self._index.packs(node)

    def maintain(self, now: int) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to give up."""

    def _slice(self, series_id: str, start: int, stop: int) -> list[Row]:
        number = self._index.number(series_id)
        if number is None:
            raise NotFound(f"series {series_id!r} is not here; GET /api/v1/series lists what is")
        with self._lock:
            rows = self._rows[number]
            return rows[bisect_left(rows, (start,)) : bisect_left(rows, (stop,))]


def _positions(which: list[int]) -> Ints:
    return np.asarray(which, dtype=np.int64)
