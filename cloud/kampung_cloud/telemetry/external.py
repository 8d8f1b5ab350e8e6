"""``TelemetryStore`` over an engine outside this process.

A commit is one transaction in the records: rows and identities of packs, together, in a log. Only then the engine gets the rows. A receipt
rests on the log until the engine has the rows on disk; docs/decisions/0015 has the reasons.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import structlog
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.times import text

from kampung_cloud.records import Records
from kampung_cloud.telemetry import doubtful
from kampung_cloud.telemetry.engine import LEAST_DAYS, Engine, Points
from kampung_cloud.telemetry.entry import Entry
from kampung_cloud.telemetry.index import NEVER
from kampung_cloud.telemetry.journal import Behind, Journal
from kampung_cloud.telemetry.ledger import Ledger
from kampung_cloud.telemetry.order import split_fresh
from kampung_cloud.telemetry.outside import NOBODY, Outside
from kampung_cloud.telemetry.sift import sift
from kampung_cloud.telemetry.standing import Standing
from kampung_cloud.telemetry.store import (
    Batch,
    Committed,
    Correction,
    PackId,
    Rows,
    SeriesKey,
    together,
)
from kampung_cloud.telemetry.windows import Windows

log = structlog.get_logger()

DAY_MS = 86_400_000


ROOM_S = 10.0
"""Seconds a commit waits for room before it says so: ingest that stands still for longer is taken for dead (``watchdog.py``)."""


@dataclass(slots=True)
class _Work:
    """What one commit comes to. ``numbers`` are series numbers by place in the batch; ``keys`` are the series it stores rows of."""

    batch: Batch
    numbers: np.ndarray
    unknown: list[tuple[int, SeriesKey]]
    packs: list[PackId]
    replaced: list[tuple[str, str, int]]
    corrections: dict[tuple[str, str], Correction]
    stored: list[Points] = field(default_factory=list)

    @property
    def points(self) -> Points:
        """All that is stored, in order of series and time."""
        rows = together([p.rows for p in self.stored])
        order = np.lexsort((rows.t, rows.series))
        return Points(rows.take(order), np.concatenate([p.n for p in self.stored])[order])


class ExternalStore(Outside):
    """Holds in memory where each series stands; the engine's answers are asked for windows and for rows that may be duplicates."""

    def __init__(self, engine: Engine, records: Records, *, own: bool = False, share: str | None = None) -> None:
        """``own``: ``records`` are closed with this. ``share``: only this kecamatan's villages are its own.

        An engine that does not answer is waited for. Raises ``ConfigurationError`` when the engine answers and cannot be used.
        """
        self._engine = engine
        self._records = records
        self._own = own
        self._ledger = Ledger(records, share)
        self._writing = threading.Lock()
        self._load()
        self._owed: tuple[Batch, Committed] | None = None
        self._connected = False
        try:
            self._connect()
        except StorageUnavailable as error:
            log.warning("the telemetry engine is not there yet", detail=error.message)

    def _load(self) -> None:
        self._unsure = False
        self._standing = Standing(self._ledger)
        self._index = self._standing.index
        self._journal = Journal(self._engine, self._standing.log)
        self._windows = Windows(self._engine, self._journal, self._records, self._standing)

    def commit(self, batch: Batch) -> Committed:
        """Put rows, identities and estimates into the records in one transaction, then give the engine the rows.

        When the engine fails after that, the commit is kept, ``StorageUnavailable`` is raised, and the same batch once more returns what
        was stored.
        """
        with self._writing, self._asking():
            self._prepare()
            owed, self._owed = self._owed, None
            if owed is not None and owed[0] is batch:
                return owed[1]
            committed = self._log(batch)
            self._owed = (batch, committed)
            self._journal.send()
            self._owed = None
            return committed

    def _log(self, batch: Batch) -> Committed:
        index, rows = self._index, batch.rows()
        unknown = index.unknown(batch)
        given = {key.id: number for number, key in unknown}
        numbers = np.asarray([given.get(k.id, index.number(k.id)) for k in batch.series], dtype=np.int32)
        work = _Work(batch, numbers, unknown, index.new_packs(batch.packs), index.replaced(batch), index.fresh_corrections(batch))
        if len(rows.t):
            rows = Rows(numbers[rows.series], rows.t, rows.received, rows.v, rows.q)
        fresh, late = split_fresh(rows, index.watermarks(len(unknown)))
        work.stored.append(Points(fresh, np.zeros(len(fresh.t), np.int64)))
        work.stored.append(self._new(late, work))
        new = sum(map(len, work.stored))
        moved = self._new(self._corrected(work), work)
        work.stored.append(moved)
        points = work.points
        entry, estimated = self._keep(work, points)
        self._standing.learn(unknown)
        index.corrections |= work.corrections
        newest = self._standing.count(points.rows, work.packs)
        estimated()
        if entry is not None:
            self._standing.number(entry)
            self._journal.add(entry)
        return Committed(new, len(rows.t) - new, newest, index.spans([moved.rows]))

    def _new(self, rows: Rows, work: _Work) -> Points:
        """Those of ``rows`` (by series number) that are neither among what is stored already nor anywhere else."""
        if not len(rows.t):
            return Points(rows, np.zeros(0, np.int64))
        size = len(self._index.watermarks(len(work.unknown)))
        low, high = np.full(size, 2**62), np.full(size, NEVER)
        np.minimum.at(low, rows.series, rows.t)
        np.maximum.at(high, rows.series, rows.t)
        known = [p.rows.take((p.rows.t >= low[p.rows.series]) & (p.rows.t <= high[p.rows.series])) for p in work.stored]
        known.append(self._journal.known(low, high))
        groups: dict[tuple[int, int], list[int]] = {}
        for number in np.unique(rows.series).tolist():
            span = self._standing.span(number, int(low[number]), int(high[number]))
            if span is not None:
                groups.setdefault((span[0] // DAY_MS, span[1] // DAY_MS), []).append(number)
        for numbers in groups.values():
            keys = [self._index.key(n) for n in numbers]
            found = self._engine.read(keys, int(low[numbers].min()), int(high[numbers].max()) + 1)
            known.append(Rows(np.asarray(numbers, np.int32)[found.series], found.t, found.received, found.v, found.q))
        return sift(rows, together(known), self._engine.tolerance)

    def _corrected(self, work: _Work) -> Rows:
        """What corrections make true, by series number."""
        given = {key.id: number for number, key in work.unknown}
        found: list[tuple[int | None, int, int, float, int]] = []
        if work.corrections:
            with self._records.session() as session:
                for c in work.corrections.values():
                    rows = doubtful.boot(session, c, work.replaced)
                    found += [(given.get(series, self._index.number(series)), *row) for series, row in rows]
        for e in work.batch.estimates if work.corrections else ():
            correction = work.corrections.get((work.batch.series[e.series].node, e.boot))
            if correction is not None:
                number, lead = int(work.numbers[e.series]), e.lead + correction.at - correction.up
                flags = e.column.q or [1] * len(e.column.v)
                found += [(number, t + lead, e.received, v + 0.0, q) for t, v, q in zip(e.column.times(), e.column.v, flags, strict=True)]
        columns = zip(*found, strict=True) if found else ((),) * 5
        kinds = (np.int32, np.int64, np.int64, np.float64, np.uint8)
        return Rows(*(np.asarray(values, kind) for values, kind in zip(columns, kinds, strict=True)))

    def _keep(self, work: _Work, points: Points) -> tuple[Entry | None, Callable[[], None]]:
        """The transaction that a receipt rests on. Returns what is in the log, and what tells the index which rows are estimated now."""
        batch = work.batch
        fresh = dict(work.unknown)
        numbers = np.union1d(points.rows.series, list(fresh)).astype(np.int64)
        keys = [fresh[n] if n in fresh else self._index.key(n) for n in numbers.tolist()]
        doubts = [e for e in batch.estimates if (batch.series[e.series].node, e.boot) not in work.corrections]
        nodes = {batch.series[e.series].node for e in doubts} | {p[0] for p in work.replaced} | {c[0] for c in work.corrections}
        entry = None
        self._unsure = True
        with self._records.session() as session:
            if len(points) or work.packs or keys:
                rows = points.rows
                local = Rows(np.searchsorted(numbers, rows.series).astype(np.int32), rows.t, rows.received, rows.v, rows.q)
                entry = self._ledger.append(session, keys, Points(local, points.n), work.packs)
            doubtful.drop(session, work.replaced)
            doubtful.insert(session, doubts, batch.series, self._ledger.share)
            for correction in work.corrections.values():
                doubtful.correct(session, correction, self._ledger.share)
            summary = doubtful.summary(session, nodes) if nodes else None
        self._unsure = False
        return entry, lambda: None if summary is None else self._standing.estimated(*summary, nodes)

    def _prepare(self) -> None:
        """Connected, nothing unsent, and room for more."""
        if self._unsure:
            self._load()  # a transaction that ended with an error may be there all the same
        if not self._connected:
            self._connect()
        self._journal.send()
        self._settle()
        end = time.monotonic() + ROOM_S
        while self._journal.full:
            if time.monotonic() > end:
                raise Behind(f"{self._engine.name} is behind: {self._journal.size:,} readings wait until they are on its disk")
            time.sleep(0.2)
            self._settle()

    def _connect(self) -> None:
        self._engine.check()
        self._journal.doubt()
        probes = [(k, t) for k, t in self._standing.probes if t > time.time() * 1000 - LEAST_DAYS * DAY_MS]
        if probes and not any(len(self._engine.read([key], t, t + 1).t) for key, t in probes):
            key, t = probes[0]
            raise ConfigurationError(
                f"{self._engine.name} does not hold what the records say it holds: {key.id} at {text(t)} is not there; "
                "give telemetry.url the engine that these records belong to, restore its data, or begin with a new records.url"
            )
        self._standing.probes = []
        self._connected = True

    def _settle(self) -> None:
        settled = self._journal.settled()
        if settled:
            self._standing.write(settled, self._journal.entries[-1].id)
            self._journal.forget(settled)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """After any trouble the engine is asked anew who it is, and gets again what it may have lost."""
        try:
            yield
        except ConfigurationError as error:
            self._connected = False
            raise StorageUnavailable(error.message) from None
        except Behind:
            raise
        except StorageUnavailable:
            self._connected = False
            raise

    def ping(self) -> None:
        """Find out whether the engine is there, and give it what it has not had."""
        with self._writing, self._asking():
            self._prepare()
            self._engine.count(NOBODY, 0, 1)
            self._engine.on_time()

    def maintain(self, now: int) -> tuple[str, ...]:
        """Let go of what the engine has on disk."""
        self.ping()
        return ()

    def close(self) -> None:
        """Give up connections. What the engine may still lose stays in the records."""
        with self._writing:
            self._engine.close()
            if self._own:
                self._records.close()
