"""Reading from an engine outside this process: its answers, what it cannot show yet, and rows without a true time, put together."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from kampung_cloud.records import Records
from kampung_cloud.telemetry import doubtful
from kampung_cloud.telemetry.bucketing import appended, bucketed, starts
from kampung_cloud.telemetry.engine import Buckets, Engine
from kampung_cloud.telemetry.journal import Journal
from kampung_cloud.telemetry.sift import merged, sift
from kampung_cloud.telemetry.standing import Standing
from kampung_cloud.telemetry.store import Ints, Latest, Rows, Window, no_rows, together

MOST_HIDDEN = 100_000
"""Rows that are looked up one by one so that a count is true to the last; while more stream in, a count is a moment old."""
EVERY_ROW = 2**31


class Windows:
    """Used by any thread."""

    def __init__(self, engine: Engine, journal: Journal, records: Records, standing: Standing) -> None:
        self._engine = engine
        self._journal = journal
        self._records = records
        self._standing = standing

    def window(self, series_id: str, start: int, stop: int, *, every: int | None, aggregates: Sequence[str], limit: int | None) -> Window:
        """Raw readings or buckets."""
        latest = self._latest(series_id)
        if latest.estimates:
            return self._with_estimates(latest, start, stop, every=every, aggregates=aggregates, limit=limit)
        if every is None:
            rows = self._rows(latest, start, stop, limit)
            return Window(rows.t.tolist(), rows.v.tolist(), rows.q.tolist(), rows.received.tolist())
        made = self._buckets(latest, start, stop, every, EVERY_ROW if limit is None else limit)
        return Window(made.t.tolist(), aggregates={name: made.aggregates[name].tolist() for name in aggregates})

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings there are."""
        latest = self._latest(series_id)
        estimates = 0
        if latest.estimates:
            with self._records.session() as session:
                estimates = len(doubtful.read(session, series_id, start, stop)[1])
        start, stop = self._within(latest, start, stop)
        if start >= stop:
            return estimates
        hidden = self._journal.rows(series_id, start, stop)
        if not len(hidden.t):
            return estimates + self._engine.count(latest.key, start, stop)
        low, high = int(hidden.t.min()), int(hidden.t.max()) + 1
        around = sum(self._engine.count(latest.key, a, b) for a, b in ((start, low), (high, stop)) if a < b)
        there = self._engine.read([latest.key], low, high)
        return estimates + around + len(merged([there, hidden], self._engine.tolerance).t)

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By node, how many readings there are."""
        with self._records.session() as session:
            out = doubtful.counts(session, start, stop)
        low, high, young = self._hidden(start, stop)
        for first, last in ((start, low), (high, stop)):
            for series, count in self._engine.counts(first, last).items() if first < last else ():
                self._add(out, series, count)
        if low < high:
            for series, count in self._engine.counts(low, high).items():
                self._add(out, series, 0 if series in young else count)
            for series, count in young.items():
                self._add(out, series, count)
        return {node: count for node, count in out.items() if count}

    @staticmethod
    def _add(out: dict[str, int], series: str, count: int) -> None:
        node = series.partition(".")[0]
        out[node] = out.get(node, 0) + count

    def _hidden(self, start: int, stop: int) -> tuple[int, int, dict[str, int]]:
        """The time of rows that the engine has and may not show yet; and of their series, how many rows there truly are in it."""
        now = time.monotonic()
        young = [e for e in self._journal.waiting() if len(e.points) and (e.written is None or now - e.written < self._engine.visible_s)]
        keys = {key.id: key for e in young for key in e.keys}
        places = {series: place for place, series in enumerate(keys)}
        parts = [no_rows()]
        for entry in young:
            rows, mine = entry.points.rows, np.asarray([places[key.id] for key in entry.keys], np.int32)
            inside = (rows.t >= start) & (rows.t < stop)
            parts.append(Rows(mine[rows.series[inside]], rows.t[inside], rows.received[inside], rows.v[inside], rows.q[inside]))
        hidden = together(parts)
        if not 0 < len(hidden.t) <= MOST_HIDDEN:
            return stop, stop, {}
        low, high = int(hidden.t.min()), int(hidden.t.max()) + 1
        there = self._engine.read(list(keys.values()), low, high)
        found = np.bincount(sift(together([there, hidden]), no_rows(), self._engine.tolerance).rows.series, minlength=len(keys))
        return low, high, dict(zip(keys, found.tolist(), strict=True))

    def _latest(self, series_id: str) -> Latest:
        number = self._standing.index.known(series_id)
        return self._standing.index.find(series_id) or Latest(self._standing.index.key(number), 0, 0, 0.0, 1, 0)

    def _within(self, latest: Latest, start: int, stop: int) -> tuple[int, int]:
        """The part of a time in which the series has readings."""
        if not latest.readings:
            return 0, 0
        return max(start, self._standing.first[latest.key.id]), min(stop, latest.t + 1)

    def _rows(self, latest: Latest, start: int, stop: int, limit: int | None = None) -> Rows:
        start, stop = self._within(latest, start, stop)
        if start >= stop:
            return no_rows()
        hidden = self._journal.rows(latest.key.id, start, stop)
        found = merged([self._engine.read([latest.key], start, stop, limit), hidden], self._engine.tolerance)
        return found if limit is None else found.take(np.arange(min(limit, len(found.t))))

    def _buckets(self, latest: Latest, start: int, stop: int, every: int, limit: int) -> Buckets:
        start, stop = self._within(latest, start, stop)
        if start >= stop:
            return bucketed(no_rows(), every)
        fresh = np.unique(starts(self._journal.rows(latest.key.id, start, stop).t, every))
        served = self._engine.buckets(latest.key, start, stop, every, limit)
        parts = [served.take(~np.isin(served.t, fresh))]
        for first, last in _runs(fresh, every):
            parts.append(bucketed(self._rows(latest, max(start, first), min(stop, last)), every))
        return appended(parts).take(slice(limit))

    def _with_estimates(
        self, latest: Latest, start: int, stop: int, *, every: int | None, aggregates: Sequence[str], limit: int | None
    ) -> Window:
        with self._records.session() as session:
            doubts, named = doubtful.read(session, latest.key.id, start, stop)
        true = self._rows(latest, start, stop)
        rows = together([true, doubts])
        boots: list[str | None] = [*[None] * len(true.t), *named]
        if every is None:
            order = np.lexsort((rows.v, rows.received, rows.t))[:limit]
            rows, boots = rows.take(order), [boots[i] for i in order]
            marks = [int(boot is not None) for boot in boots]
            shown = (marks, boots) if any(marks) else ([], [])
            return Window(rows.t.tolist(), rows.v.tolist(), rows.q.tolist(), rows.received.tolist(), {}, *shown)
        made = bucketed(rows, every).take(slice(limit))
        marks = np.isin(made.t, bucketed(doubts, every).t).astype(int).tolist()
        return Window(
            made.t.tolist(),
            aggregates={name: made.aggregates[name].tolist() for name in aggregates},
            estimated=marks if any(marks) else [],
        )


def _runs(begins: Ints, every: int) -> list[tuple[int, int]]:
    """Buckets that follow one another, together: first start and last end."""
    out: list[tuple[int, int]] = []
    for begin in begins.tolist():
        if out and out[-1][1] == begin:
            out[-1] = (out[-1][0], begin + every)
        else:
            out.append((begin, begin + every))
    return out
