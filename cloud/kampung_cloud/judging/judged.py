"""The telemetry store with later judgements laid over the flags that readings came with: what alarms, charts and files see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.quality import together

from kampung_cloud.judging.book import Judgement, within
from kampung_cloud.records import Records
from kampung_cloud.telemetry.bucketing import starts
from kampung_cloud.telemetry.store import (
    EVERYTHING,
    USUAL,
    Batch,
    Committed,
    Correction,
    EpochPacks,
    Latest,
    Selector,
    SeriesKey,
    TelemetryStore,
    Window,
)

MOST_ROWS = 20_000
"""A bucket that holds more readings than this is shown as the engine gives it, failed spikes and all: they weigh next to nothing in it."""


class Judged:
    """A ``TelemetryStore`` over another, whose windows know the book of judgements. The rows stay as they came."""

    def __init__(self, store: TelemetryStore, records: Records) -> None:
        self._store, self._records = store, records

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
        found = self._store.window(series_id, start, stop, every, aggregates=aggregates, limit=limit)
        if not found.t:
            return found
        last = found.t[-1] + (every or 1)
        judged = within(self._records, series_id, start, min(stop, last))
        if every is None:
            return replace(found, q=_flags(found, judged)) if judged else found
        failed = [j for j in judged if j.flag == FAIL]
        if not failed:
            return found
        left = self._without(found, series_id, (start, stop, every), failed)
        if len(found.t) != limit or len(left.t) == limit:
            return left
        # Buckets fell out: others take their place, or whoever counts them believes that he has all.
        rest = self.window(series_id, last, stop, every, aggregates=aggregates, limit=limit - len(left.t)) if last < stop else Window([])
        return _behind(left, rest)

    def _without(self, found: Window, series_id: str, span: tuple[int, int, int], failed: Sequence[Judgement]) -> Window:
        """Buckets that hold readings which failed later, put together anew from the others."""
        start, stop, every = span
        gone: list[int] = []
        aggregates = {name: list(values) for name, values in found.aggregates.items()}
        for begin in dict.fromkeys(starts(np.array([j.t for j in failed], np.int64), every).tolist()):
            place = int(np.searchsorted(found.t, begin))
            inside = (max(begin, start), min(begin + every, stop))
            if place == len(found.t) or found.t[place] != begin or self._store.count(series_id, *inside) > MOST_ROWS:
                continue
            raw = self.window(series_id, *inside)
            good = [(t, v) for t, v, q in zip(raw.t, raw.v, raw.q, strict=True) if q not in (FAIL, MISSING)]
            if not good:
                gone.append(place)
                continue
            values = [v for _, v in good]
            told = {"mean": sum(values) / len(values), "min": min(values), "max": max(values), "count": len(values), "last": max(good)[1]}
            for name, column in aggregates.items():
                column[place] = told[name]
        keep = [i for i in range(len(found.t)) if i not in gone]
        return replace(
            found,
            t=[found.t[i] for i in keep],
            aggregates={name: [column[i] for i in keep] for name, column in aggregates.items()},
            estimated=[found.estimated[i] for i in keep] if found.estimated else [],
        )

    def commit(self, batch: Batch) -> Committed:
        return self._store.commit(batch)

    def knows(self, node: str, epoch: str, seq: int) -> bool:
        return self._store.knows(node, epoch, seq)

    def correction(self, node: str, boot: str) -> Correction | None:
        return self._store.correction(node, boot)

    def latest(self, selector: Selector = EVERYTHING) -> list[Latest]:
        return self._store.latest(selector)

    def find(self, series_id: str) -> Latest | None:
        return self._store.find(series_id)

    def count(self, series_id: str, start: int, stop: int) -> int:
        return self._store.count(series_id, start, stop)

    def counts(self, start: int, stop: int) -> dict[str, int]:
        return self._store.counts(start, stop)

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        return self._store.series(selector)

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        return self._store.packs(node)

    def ping(self) -> None:
        self._store.ping()

    def maintain(self, now: int) -> Sequence[str]:
        return self._store.maintain(now)

    def close(self) -> None:
        self._store.close()


def beneath(store: TelemetryStore) -> TelemetryStore:
    """The store itself, whose rows are as they came: what is copied."""
    return store._store if isinstance(store, Judged) else store


def _behind(first: Window, rest: Window) -> Window:
    """Two windows of buckets, one after the other."""
    if not rest.t:
        return first
    doubtful = first.estimated or rest.estimated
    return Window(
        first.t + rest.t,
        aggregates={name: values + rest.aggregates[name] for name, values in first.aggregates.items()},
        estimated=[e for w in (first, rest) for e in w.estimated or [0] * len(w.t)] if doubtful else [],
    )


def _flags(found: Window, judged: Sequence[Judgement]) -> list[int]:
    """Of each reading the worst of its own flag and what was judged later; nothing is judged of one whose time is estimated."""
    worse: dict[tuple[int, float], int] = {}
    for each in judged:
        worse[each.t, each.v] = together((each.flag, worse.get((each.t, each.v), MISSING)))
    doubtful = found.estimated or [0] * len(found.t)
    rows = zip(found.t, found.v, found.q, doubtful, strict=True)
    return [q if estimated or (t, v) not in worse else together((q, worse[t, v])) for t, v, q, estimated in rows]
