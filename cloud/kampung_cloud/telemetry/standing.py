"""Where every series and epoch stands: in memory, and in the records for the next start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from kampung_cloud.telemetry import doubtful
from kampung_cloud.telemetry.entry import Entry
from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.ledger import Ledger
from kampung_cloud.telemetry.order import newest_of_rows
from kampung_cloud.telemetry.store import Latest, PackId, Rows, SeriesKey

PROBES = 3
NEVER_IN_LOG = 2**62


class Standing:
    """``index`` beside the first time of each series, and what has changed since it was last written down.

    Loaded when made; written by the committing thread.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.index = Index()
        self.first: dict[str, int] = {}
        self.probes: list[tuple[SeriesKey, int]] = []
        """Series with a time whose reading the engine must have: of those in the log, which may lack their newest, the first."""
        self._estimates: dict[str, doubtful.Newest] = {}
        self._series: set[str] = set()
        self._epochs: set[tuple[str, str]] = set()
        with ledger.records.session() as session:
            self.log = ledger.log(session)
            """What the engine may still lose, oldest first."""
            self._load(session)

    def _load(self, session: Session) -> None:
        upto: dict[str, int] = {}
        epochs: dict[tuple[str, str], int] = {}
        waiting = _first_in(self.log)
        for number, row in enumerate(self._ledger.series(session)):
            key = SeriesKey(row.village, row.node, row.device, row.quantity, row.unit)
            self.index.learn([(number, key)])
            upto[row.id] = row.entry
            if row.readings:
                self.first[row.id] = row.first
                self.index.load_latest(number, (row.t, row.received, row.v, row.q, row.readings))
                if row.first < waiting.get(row.id, NEVER_IN_LOG):
                    self.probes.append((key, row.first if row.id in waiting else row.t))
        self.probes = sorted(self.probes, key=lambda probe: -probe[1])[:PROBES]
        for packs in self._ledger.packs(session):
            epochs[packs.node, packs.epoch] = packs.entry
            self.index.load_packs(packs.node, packs.epoch, ((a, b) for a, b in packs.ranges), packs.readings)
        self.index.corrections |= doubtful.corrections(session, self._ledger.share)
        for entry in self.log:
            fresh = {key.id: key for key in entry.keys if self.index.number(key.id) is None}
            self.learn(list(enumerate(fresh.values(), len(self.index.series()))))
            rows = entry.points.rows
            counted = np.asarray([upto.get(key.id, 0) >= entry.id for key in entry.keys], dtype=bool)
            more = rows.take(~counted[rows.series]) if len(rows.t) else rows
            self.number(entry)
            named = Rows(entry.numbers[more.series], more.t, more.received, more.v, more.q) if len(more.t) else more
            self.count(named, [p for p in entry.packs if epochs.get((p.node, p.epoch), 0) < entry.id])
        self.estimated(*doubtful.summary(session, share=self._ledger.share))

    def number(self, entry: Entry) -> None:
        """Give the series of an entry their numbers."""
        entry.numbers = np.asarray([self.index.number(key.id) for key in entry.keys], dtype=np.int32)

    def learn(self, series: Sequence[tuple[int, SeriesKey]]) -> None:
        """Take in new series."""
        self.index.learn(series)
        self._series.update(key.id for _, key in series)

    def count(self, rows: Rows, packs: Sequence[PackId]) -> tuple[Latest, ...]:
        """Take in what was stored, ``rows`` by series number. Returns the newest readings that changed."""
        if len(rows.t):
            order = np.lexsort((rows.t, rows.series))
            begins = np.flatnonzero(np.append(True, np.diff(rows.series[order]) != 0))
            for at in order[begins].tolist():
                series = self.index.key(int(rows.series[at])).id
                self.first[series] = min(int(rows.t[at]), self.first.get(series, 2**62))
                self._series.add(series)
        self._epochs.update((p.node, p.epoch) for p in packs)
        return self.index.committed(newest_of_rows(rows), packs)

    def span(self, number: int, low: int, high: int) -> tuple[int, int] | None:
        """The part of a time, both ends in it, in which a series has readings."""
        latest = self.index.find(self.index.key(number).id) if number < len(self.index.watermarks(0)) else None
        if latest is None or not latest.readings:
            return None
        low, high = max(low, self.first[latest.key.id]), min(high, latest.t)
        return (low, high) if low <= high else None

    def estimated(self, found: dict[str, doubtful.Newest], packs: set[tuple[str, str, int]], nodes: Iterable[str] | None = None) -> None:
        """Take in the estimated rows of ``nodes``, or all there are."""
        if nodes is not None:
            mine = set(nodes)
            found = {**{s: x for s, x in self._estimates.items() if s.partition(".")[0] not in mine}, **found}
            packs = packs | {p for p in self.index.estimated_packs if p[0] not in mine}
        self._estimates = found
        numbered = [(n, *newest) for series, newest in found.items() if (n := self.index.number(series)) is not None]
        self.index.set_estimates(numbered, packs)

    def write(self, settled: Sequence[Entry], upto: int) -> None:
        """Write down what has changed, up to log entry ``upto``, and take ``settled`` out of the log, in one transaction."""
        series = [self._series_row(s, upto) for s in self._series]
        packs = []
        for place, e in enumerate(self.index.packs()):
            if (e.node, e.epoch) in self._epochs:
                row = {"node": e.node, "epoch": e.epoch, "ranges": [list(r) for r in e.ranges], "readings": e.readings}
                packs.append({**row, "place": place, "entry": upto})
        with self._ledger.records.session() as session:
            self._ledger.fold(session, series, packs, [e.id for e in settled])
        self._series, self._epochs = set(), set()

    def _series_row(self, series: str, upto: int) -> dict[str, Any]:
        number = self.index.number(series)
        assert number is not None
        key, latest = self.index.key(number), self.index.find(series)
        row: dict[str, Any] = {"id": series, "village": key.village, "node": key.node, "device": key.device, "quantity": key.quantity}
        row |= {"unit": key.unit, "first": 0, "t": 0, "received": 0, "v": 0.0, "q": 1, "readings": 0, "entry": upto}
        if latest is not None and latest.readings:
            row |= {"first": self.first[series], "t": latest.t, "received": latest.received, "v": latest.v, "q": latest.q}
            row["readings"] = latest.readings
        return row


def _first_in(log: Iterable[Entry]) -> dict[str, int]:
    """By series, the first time of which a log holds a reading."""
    out: dict[str, int] = {}
    for entry in log:
        rows = entry.points.rows
        places, begins = np.unique(rows.series, return_index=True)  # in order of series and time
        for place, t in zip(places.tolist(), rows.t[begins].tolist(), strict=True):
            series = entry.keys[place].id
            out[series] = min(t, out.get(series, NEVER_IN_LOG))
    return out
