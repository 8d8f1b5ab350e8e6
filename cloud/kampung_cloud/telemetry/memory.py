"""Readings in memory, for tests and rehearsals: gone when the process ends."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np
from kampung_contract.pack import FAIL, MISSING

from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.indexed import Indexed
from kampung_cloud.telemetry.order import bucket_start, newest_of_rows
from kampung_cloud.telemetry.store import (
    USUAL,
    Batch,
    Committed,
    Correction,
    Ints,
    Rows,
    Window,
)

Row = tuple[int, int, float, int]
Estimated = tuple[int, int, float, int, str, int]
"""A row, and the epoch and seq of its pack."""
COMPUTE: dict[str, Callable[[list[tuple[int, float]]], float]] = {
    "mean": lambda rows: fmean([v for _, v in rows]),
    "min": lambda rows: min([v for _, v in rows]),
    "max": lambda rows: max([v for _, v in rows]),
    "count": len,
    "last": lambda rows: max(rows)[1],
}
"""Of times and values."""


class MemoryStore(Indexed):
    """``TelemetryStore`` without a file."""

    def __init__(self) -> None:
        self._index = Index()
        self._rows: list[list[Row]] = []
        self._known: list[set[tuple[int, float]]] = []
        self._estimates: list[dict[tuple[str, int, float], Estimated]] = []
        """By series: rows by (boot, ms since it began, value)."""
        self._lock = threading.Lock()

    def commit(self, batch: Batch) -> Committed:
        """Store new rows, estimates and pack identities."""
        rows = batch.rows()
        unknown = self._index.unknown(batch)
        replaced, corrections = set(self._index.replaced(batch)), self._index.fresh_corrections(batch)
        with self._lock:
            self._rows.extend([] for _ in unknown)
            self._known.extend(set() for _ in unknown)
            self._estimates.extend({} for _ in unknown)
            self._index.learn(unknown)
            numbers = [n for key in batch.series if (n := self._index.number(key.id)) is not None]
            self._drop(replaced)
            stored = self._store(Rows(np.asarray(numbers, dtype=np.int32)[rows.series], rows.t, rows.received, rows.v, rows.q))
            for e in batch.estimates:
                mine, flags = self._estimates[numbers[e.series]], e.column.q or [1] * len(e.column.v)
                for t, v, q in zip(e.column.times(), e.column.v, flags, strict=True):
                    mine.setdefault((e.boot, t + e.lead, v), (t, e.received, v, q, e.epoch, e.seq))
            moved = [self._store(self._taken(c)) for c in corrections.values()]
            self._index.corrections |= corrections
        changed = self._index.committed(newest_of_rows(stored), self._index.new_packs(batch.packs))
        for each in moved:
            changed += self._index.committed(newest_of_rows(each), ())
        if batch.estimates or corrections or replaced:
            self._tell()
        return Committed(len(stored.t), len(rows.t) - len(stored.t), changed, self._index.spans(moved))

    def _store(self, rows: Rows) -> Rows:
        """Those of ``rows`` (by series number) that were new."""
        stored: list[int] = []
        for at, (number, t, received, v, q) in enumerate(
            zip(rows.series.tolist(), rows.t.tolist(), rows.received.tolist(), rows.v.tolist(), rows.q.tolist(), strict=True)
        ):
            if (t, v) in self._known[number]:
                continue
            self._known[number].add((t, v))
            insort(self._rows[number], (t, received, v, q))
            stored.append(at)
        return rows.take(_positions(stored))

    def _taken(self, correction: Correction) -> Rows:
        """The estimated rows of a boot, no longer estimated."""
        out: list[tuple[int, int, int, float, int]] = []
        for number, rows in enumerate(self._estimates):
            if self._index.key(number).node != correction.node:
                continue
            for boot, since, v in [place for place in rows if place[0] == correction.boot]:
                _, received, _, q, _, _ = rows.pop((boot, since, v))
                out.append((number, since + correction.at - correction.up, received, v, q))
        n, t, received, v, q = ([row[i] for row in out] for i in range(5))  # type: ignore[assignment]
        return Rows(np.asarray(n, np.int32), _positions(t), _positions(received), np.asarray(v, np.float64), np.asarray(q, np.uint8))  # type: ignore[arg-type]

    def _drop(self, packs: set[tuple[str, str, int]]) -> None:
        for number, rows in enumerate(self._estimates if packs else ()):
            node = self._index.key(number).node
            for place in [p for p, row in rows.items() if (node, row[4], row[5]) in packs]:
                del rows[place]

    def _tell(self) -> None:
        filled = [(number, rows) for number, rows in enumerate(self._estimates) if rows]
        self._index.set_estimates(
            [(number, len(rows), max(rows.values())[:4]) for number, rows in filled],
            {(self._index.key(number).node, row[4], row[5]) for number, rows in filled for row in rows.values()},
        )

    def window(
        self,
        series_id: str,
        start: int,
        stop: int,
        every: int | None = None,
        *,
        aggregates: Sequence[str] = USUAL,
        limit: int | None = None,
    ) -> Window:
        """Raw readings or buckets."""
        rows = self._slice(series_id, start, stop)
        if every is None:
            rows = rows[:limit]
            boots = [row[4] for row in rows]
            doubtful = any(boot is not None for boot in boots)
            return Window(
                [r[0] for r in rows],
                [r[2] for r in rows],
                [r[3] for r in rows],
                [r[1] for r in rows],
                estimated=[int(boot is not None) for boot in boots] if doubtful else [],
                boots=boots if doubtful else [],
            )
        buckets: dict[int, list[tuple[int, float]]] = {}
        marked: set[int] = set()
        for t, _, v, q, boot in rows:
            if q not in (FAIL, MISSING):
                start = bucket_start(t, every)
                buckets.setdefault(start, []).append((t, v))
                if boot is not None:
                    marked.add(start)
        chosen = list(buckets.items())[:limit]
        marks = [int(start in marked) for start, _ in chosen]
        made = {name: [COMPUTE[name](found) for _, found in chosen] for name in aggregates}
        return Window([start for start, _ in chosen], aggregates=made, estimated=marks if any(marks) else [])

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give."""
        return len(self._slice(series_id, start, stop))

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By node, how many readings there are."""
        keys = self._index.series()
        found = [(number, len(self._slice(key.id, start, stop))) for key in keys if (number := self._index.number(key.id)) is not None]
        return self._index.by_node((number, count) for number, count in found if count)

    def ping(self) -> None:
        """It is here."""

    def maintain(self, now: int) -> tuple[str, ...]:
        """Nothing to do."""
        return ()

    def close(self) -> None:
        """Nothing to give up."""

    def _slice(self, series_id: str, start: int, stop: int) -> list[tuple[int, int, float, int, str | None]]:
        """Rows in order, the last of each the boot when its time is estimated."""
        number = self._index.known(series_id)
        with self._lock:
            rows = self._rows[number]
            out: list[tuple[int, int, float, int, str | None]] = [
                (*row, None) for row in rows[bisect_left(rows, (start,)) : bisect_left(rows, (stop,))]
            ]
            doubtful = [(*row[:4], place[0]) for place, row in self._estimates[number].items() if start <= row[0] < stop]
        return sorted([*out, *doubtful], key=lambda row: row[:4]) if doubtful else out


def _positions(which: list[int]) -> Ints:
    return np.asarray(which, dtype=np.int64)
