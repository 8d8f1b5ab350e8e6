"""Readings in a DuckDB file, committed durably in batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from kampung_contract.errors import ConfigurationError, NotFound, StorageUnavailable

from kampung_cloud.telemetry import estimated
from kampung_cloud.telemetry.arrow import pack_table, rows_of, table_of, together
from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.order import WIB_OFFSET, split_fresh
from kampung_cloud.telemetry.store import (
    AGGREGATES,
    EVERYTHING,
    Batch,
    Committed,
    Correction,
    EpochPacks,
    Latest,
    Rows,
    Selector,
    SeriesKey,
    Window,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS series (number INTEGER, village VARCHAR, node VARCHAR, device VARCHAR, quantity VARCHAR, unit VARCHAR);
CREATE TABLE IF NOT EXISTS readings (series INTEGER, t BIGINT, received BIGINT, v DOUBLE, q UTINYINT);
CREATE TABLE IF NOT EXISTS packs (node VARCHAR, epoch VARCHAR, seq BIGINT, readings INTEGER, received BIGINT);
"""
LATEST = """
SELECT series, last.t, last.received, last.v, last.q, readings
FROM (SELECT series, max(struct_pack(t := t, received := received, v := v, q := q)) AS last, count(*) AS readings
      FROM readings GROUP BY series) ORDER BY series
"""
PACKS = """
SELECT node, epoch, min(seq), max(seq), sum(readings), min(place)
FROM (SELECT *, seq - row_number() OVER (PARTITION BY node, epoch ORDER BY seq) AS island,
             min(rowid) OVER (PARTITION BY node, epoch) AS place FROM packs)
GROUP BY node, epoch, island ORDER BY min(place), min(seq)
"""
LATE = """
SELECT DISTINCT ON (series, t, v) l.* FROM late l
WHERE NOT EXISTS (SELECT 1 FROM readings r WHERE r.series = l.series AND r.t = l.t AND r.v = l.v AND r.t BETWEEN $low AND $high)
ORDER BY series, t, v, received
"""
BOTH = (
    "(SELECT series, t, received, v, q, 0 AS e, NULL AS boot FROM readings "
    "UNION ALL SELECT series, t, received, v, q, 1 AS e, boot FROM estimated)"
)
"""In place of ``readings`` where a series has estimated rows."""
RAW = """
SELECT t, v, q, received FROM readings WHERE series = $series AND t >= $start AND t < $stop ORDER BY t, received, v LIMIT $limit
"""
BUCKETS = """
SELECT (t + $offset) // $every * $every - $offset AS bucket, avg(v) AS mean, min(v) AS min, max(v) AS max, count(*) AS count
FROM readings WHERE series = $series AND t >= $start AND t < $stop AND q NOT IN (4, 9) GROUP BY bucket ORDER BY bucket LIMIT $limit
"""
COUNTS = f"SELECT series, count(*) AS n FROM {BOTH} WHERE t >= $start AND t < $stop GROUP BY series"  # noqa: S608
EVERY_ROW = 2**62


class DuckDBStore:
    """``TelemetryStore`` in one file; rows newer than a series' newest are appended, only others are compared."""

    def __init__(self, file: Path) -> None:
        """Open or create ``file``. Raises ``ConfigurationError`` when it is another's or no database."""
        self._file = file
        self._writing = threading.Lock()
        self._broken = False
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._open()
        except duckdb.Error as error:
            held = "lock" in str(error)
            reason = (
                "another process holds it; stop that kampung-cloud or choose another data folder" if held else str(error).splitlines()[0]
            )
            raise ConfigurationError(f"telemetry.url: {file}: {reason}") from None
        except OSError as error:
            raise ConfigurationError(f"telemetry.url: {file}: {error.strerror}; choose another data folder") from None

    def _open(self) -> None:
        self._index = Index()
        self._connection = duckdb.connect(str(self._file), config={"threads": "2", "checkpoint_threshold": "64MB"})
        self._connection.execute(SCHEMA + estimated.SCHEMA)
        found = self._connection.execute("SELECT number, village, node, device, quantity, unit FROM series ORDER BY number").fetchall()
        self._index.learn((number, SeriesKey(*key)) for number, *key in found)
        for number, *row in self._connection.execute(LATEST).fetchall():
            self._index.load_latest(number, tuple(row))
        epochs: dict[tuple[str, str], tuple[list[tuple[int, int]], int]] = {}
        for node, epoch, first, last, readings, _ in self._connection.execute(PACKS).fetchall():
            ranges, total = epochs.get((node, epoch), ([], 0))
            epochs[node, epoch] = ([*ranges, (first, last)], total + int(readings))
        for (node, epoch), (ranges, total) in epochs.items():
            self._index.load_packs(node, epoch, ranges, total)
        estimated.load(self._connection, self._index, corrections=True)

    def commit(self, batch: Batch) -> Committed:
        """Store new rows, estimates and pack identities in one transaction."""
        if self._broken:
            with self._writing, self._unavailable():
                self._connection.close()
                self._open()
                self._broken = False
        rows = batch.rows()
        unknown = self._index.unknown(batch)
        numbers = {key.id: number for number, key in unknown}
        local = np.asarray([numbers.get(k.id, self._index.number(k.id)) for k in batch.series], dtype=np.int32)
        if len(rows.t):
            rows = Rows(local[rows.series], rows.t, rows.received, rows.v, rows.q)
        fresh, late = split_fresh(rows, self._index.watermarks(len(unknown)))
        packs = self._index.new_packs(batch.packs)
        replaced, corrections = self._index.replaced(batch), self._index.fresh_corrections(batch)
        moved: list[Rows] = []
        with self._writing, self._unavailable():
            try:
                self._connection.begin()
                if unknown:
                    self._connection.executemany(
                        "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?)",
                        [(n, k.village, k.node, k.device, k.quantity, k.unit) for n, k in unknown],
                    )
                estimated.drop(self._connection, replaced)
                stored = [fresh]
                if len(fresh.t):
                    self._insert("fresh", table_of(fresh), "INSERT INTO readings SELECT * FROM fresh")
                if len(late.t):
                    stored.append(self._insert_late(late))
                if packs:
                    at = int(rows.received[-1]) if len(rows.t) else 0
                    self._insert("pack", pack_table(packs, at), "INSERT INTO packs SELECT * FROM pack")
                if batch.estimates:
                    self._insert("estimates", estimated.table(batch, local), estimated.INSERT)
                for correction in corrections.values():
                    found = estimated.move(self._connection, correction)
                    if len(found["t"]):
                        moved.append(self._insert_late(rows_of(found)))
                self._connection.commit()
            except BaseException:
                self._rollback()
                raise
        self._index.learn(unknown)
        new = together(stored)
        newest = self._index.committed(together([*stored, *moved]) if moved else new, packs)
        self._index.corrections |= corrections
        if batch.estimates or corrections or replaced:
            with self._unavailable():
                estimated.load(self._connection, self._index)
        return Committed(len(new.t), len(rows.t) - len(new.t), newest, self._index.spans(moved))

    def _insert(self, name: str, table: Any, statement: str) -> None:
        self._connection.register(name, table)
        try:
            self._connection.execute(statement)
        finally:
            self._connection.unregister(name)

    def _insert_late(self, late: Rows) -> Rows:
        self._connection.register("late", table_of(late))
        try:
            found = self._connection.execute(LATE, {"low": int(late.t.min()), "high": int(late.t.max())}).fetchnumpy()
        finally:
            self._connection.unregister("late")
        new = rows_of(found)
        if len(new.t):
            self._insert("fresh", table_of(new), "INSERT INTO readings SELECT * FROM fresh")
        return new

    def knows(self, node: str, epoch: str, seq: int) -> bool:
        """Whether a pack is here."""
        return self._index.knows(node, epoch, seq)

    def correction(self, node: str, boot: str) -> Correction | None:
        """The correction that stands for a boot."""
        return self._index.corrections.get((node, boot))

    def _rollback(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.Error:
            # No transaction was open, or the engine itself is down: the error that brought us here is the one to tell.
            return

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
        values = {"series": self._number(series_id), "start": start, "stop": stop, "limit": EVERY_ROW if limit is None else limit}
        both = self._index.has_estimates(series_id)
        if every is None:
            found = self._read(_with_estimates(RAW) if both else RAW, values)
            window = Window(*(found[name].tolist() for name in ("t", "v", "q", "received")))
        else:
            found = self._read(_with_estimates(BUCKETS) if both else BUCKETS, {**values, "every": every, "offset": WIB_OFFSET})
            window = Window(found["bucket"].tolist(), aggregates={name: found[name].tolist() for name in aggregates})
        if not both or not found["e"].any():
            return window
        return replace(window, estimated=found["e"].tolist(), boots=found["boot"].tolist() if every is None else [])

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give."""
        values = {"series": self._number(series_id), "start": start, "stop": stop}
        table = BOTH if self._index.has_estimates(series_id) else "readings"
        found = self._read(f"SELECT count(*) AS n FROM {table} WHERE series = $series AND t >= $start AND t < $stop", values)  # noqa: S608
        return int(found["n"][0])

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By node, how many readings there are."""
        found = self._read(COUNTS, {"start": start, "stop": stop})
        return self._index.by_node(zip(found["series"].tolist(), found["n"].tolist(), strict=True))

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        """Selected series."""
        return self._index.series(selector)

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        """What is here of every epoch."""
        return self._index.packs(node)

    def maintain(self, now: int) -> None:
        """Write the log into the file, so that the next start is quick."""
        with self._writing, self._unavailable():
            self._connection.execute("CHECKPOINT")

    def close(self) -> None:
        """Give up the file."""
        with self._writing:
            self._connection.close()

    def _number(self, series_id: str) -> int:
        number = self._index.number(series_id)
        if number is None:
            raise NotFound(f"series {series_id!r} is not here; GET /api/v1/series lists what is")
        return number

    def _read(self, statement: str, values: dict[str, Any]) -> dict[str, Any]:
        with self._unavailable(), self._connection.cursor() as cursor:
            return dict(cursor.execute(statement, values).fetchnumpy())

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except duckdb.DataError:
            raise  # the data, not the engine: trying again would not help
        except duckdb.Error as error:
            # A fatal error invalidates the whole database object: it has to be opened again.
            self._broken = (
                self._broken or "invalidated" in str(error) or isinstance(error, duckdb.FatalException | duckdb.InternalException)
            )
            raise StorageUnavailable(f"telemetry in {self._file}: {str(error).splitlines()[0]}") from error


def _with_estimates(statement: str) -> str:
    """RAW or BUCKETS over both tables, with the columns ``e`` and, of readings, ``boot``."""
    one, many = ("t, v, q, received FROM", "t, v, q, received, e, boot FROM"), ("AS count\n", "AS count, max(e) AS e\n")
    return statement.replace("FROM readings", f"FROM {BOTH}").replace(*one).replace(*many)
