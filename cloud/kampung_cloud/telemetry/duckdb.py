"""Readings in a DuckDB file, committed durably in batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from time import time_ns
from typing import Any

import duckdb
import numpy as np
from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_cloud.telemetry import estimated, hours, room
from kampung_cloud.telemetry.arrow import arrow_table, rows_of, series_table, strings, table_of
from kampung_cloud.telemetry.covered import Covered
from kampung_cloud.telemetry.days import LAST, Days, day_of
from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.indexed import Indexed
from kampung_cloud.telemetry.keeper import TURN_AFTER_MS, TURN_ROWS, Keeper
from kampung_cloud.telemetry.order import judged, newest_of_rows
from kampung_cloud.telemetry.ranges import Ranges
from kampung_cloud.telemetry.record import decode, encode
from kampung_cloud.telemetry.segment import Segment, quoted
from kampung_cloud.telemetry.sources import NOTHING, TAIL, Sources, joined, needed, ordered, singly, whole
from kampung_cloud.telemetry.store import (
    USUAL,
    Batch,
    Committed,
    PackId,
    Rows,
    SeriesKey,
    Window,
    no_rows,
    runs_of,
    runs_together,
)
from kampung_cloud.telemetry.tail import Block, Part, Tail, find

SCHEMA = """
CREATE TABLE IF NOT EXISTS series (number INTEGER, village VARCHAR, node VARCHAR, device VARCHAR, quantity VARCHAR, unit VARCHAR);
CREATE TABLE IF NOT EXISTS packs (node VARCHAR, epoch VARCHAR, seq BIGINT, readings INTEGER, received BIGINT);
CREATE TABLE IF NOT EXISTS epochs (place INTEGER, node VARCHAR, epoch VARCHAR, readings BIGINT);
CREATE TABLE IF NOT EXISTS ranges (place INTEGER, first BIGINT, last BIGINT);
"""
JOURNAL = "CREATE TABLE {table} (body BLOB)"
NEWEST = """
SELECT series, max(last) AS last, sum(readings)::BIGINT AS readings FROM (
    SELECT series, max(struct_pack(t := t, received := received, v := v, q := q)) AS last, count(*) AS readings
    FROM ({rows}) GROUP BY series
    UNION ALL {rolled}
) GROUP BY series ORDER BY series
"""
PACKS = """
SELECT node, epoch, min(seq), max(seq), sum(readings)
FROM (SELECT *, seq - row_number() OVER (PARTITION BY node, epoch ORDER BY seq) AS island,
             min(rowid) OVER (PARTITION BY node, epoch) AS place FROM packs)
GROUP BY node, epoch, island ORDER BY min(place), min(seq)
"""
KEPT_PACKS = "SELECT node, epoch, readings, first, last FROM epochs JOIN ranges USING (place) ORDER BY place, first"
LATE = """
SELECT DISTINCT ON (series, t, v) l.* FROM late l
WHERE NOT EXISTS (SELECT 1 FROM ({rows}) r WHERE r.series = l.series AND r.t = l.t AND r.v = l.v)
ORDER BY series, t, v, received
"""
SPANS = "SELECT series, min(t) AS first, max(t) AS last FROM {table} GROUP BY series ORDER BY series"
LOOK = "SELECT 1 FROM segments LIMIT 0"
EVERY_ROW = 2**62
AT_ONCE = 10_000
"""Entries of the journal that are read together at a start."""
MOST_HELD = 40
"""Parts of the journal that may wait for their files; beyond, nothing is taken in: each is held in memory, 3 MB of it."""
BEGUN = "journal_"
CLOSING = "closing_"
"""Tables of rows that wait to become files: what versions before the journal left behind."""
CHECKPOINT_MS = 3_600_000
LOG_BYTES = 8 * 1024**2
"""Of DuckDB's log, after which it writes what is new into its file: until then that is in memory as it came, rollups of files above all."""


class DuckDBStore(Indexed):
    """``TelemetryStore`` in one file and a folder of Parquet files beside it.

    A commit is one value in a journal (``record``), which is a table; its rows are held in memory (``tail``) until they are in files.
    Rows newer than a series' newest are appended; only others are compared with what is there.
    """

    def __init__(self, file: Path, retention: Mapping[str, int] | None = None, *, turn_rows: int = TURN_ROWS) -> None:
        """Open or create ``file``; ``retention`` is days by quantity (``Keeper``).

        Raises ``ConfigurationError`` when it is another's or no database.
        """
        self._file = file
        self._writing, self._swapping = threading.Lock(), threading.Lock()
        self._broken = False
        self._doubted: tuple[Segment, ...] = ()
        self._turn_rows = turn_rows
        self._keeper = Keeper(self, retention or {})
        self._next_checkpoint = 0
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            room.give_back(file)
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
        self._connection = duckdb.connect(str(self._file), config={"threads": "2", "checkpoint_threshold": f"{LOG_BYTES}B"})
        self._connection.execute(SCHEMA + estimated.SCHEMA)
        self.days = Days(self._file.with_suffix(".days"))
        self.days.open(self._connection)
        self._open_older()
        journal = self._tables(BEGUN) or [f"{BEGUN}1"]
        self._connection.execute(JOURNAL.format(table=f"IF NOT EXISTS {journal[-1]}"))
        parts, packs = [], list[PackId]()
        for table in journal:
            blocks, packs = list[Block](), list[PackId]()  # packs of earlier tables are in ranges
            entries = self._connection.execute(f"SELECT body FROM {table} ORDER BY rowid")  # noqa: S608
            while bodies := entries.fetchmany(AT_ONCE):
                runs, some = decode([body for (body,) in bodies])
                blocks.append(Block.of(runs))
                packs += some
            parts.append(Part(table, tuple(block for block in blocks if len(block))))
        self.tail = Tail(parts)
        self.tail.join()
        found = self._connection.execute("SELECT number, village, node, device, quantity, unit FROM series ORDER BY number").fetchall()
        self._index.learn((number, SeriesKey(*key)) for number, *key in found)
        for number, row in self._newest(self._connection).items():
            self._index.load_latest(number, row)
        epochs: dict[tuple[str, str], tuple[Ranges, int]] = {}
        for node, epoch, readings, first, last in self._connection.execute(KEPT_PACKS).fetchall():
            ranges, _ = epochs.get((node, epoch), (Ranges(), 0))
            epochs[node, epoch] = (Ranges([*ranges, (first, last)]), readings)
        for node, epoch, first, last, readings in self._connection.execute(PACKS).fetchall():
            ranges, total = epochs.get((node, epoch), (Ranges(), 0))
            epochs[node, epoch] = (ranges.joined(first, last), total + int(readings))
        for (node, epoch), (ranges, total) in epochs.items():
            self._index.load_packs(node, epoch, ranges, total)
        self._index.committed(newest_of_rows(no_rows()), packs)
        self._covered = Covered()
        self.days.cover(self._covered)
        for table in self.closing:
            spans = self._connection.execute(SPANS.format(table=table)).fetchnumpy()
            self._covered.add(spans["series"], spans["first"], spans["last"])
        for block in [block for part in self.tail.parts for block in part.blocks]:
            self._covered.add(block.series, block.first, block.last)
        estimated.load(self._connection, self._index, corrections=True)

    def _tables(self, prefix: str) -> list[str]:
        """Tables that are numbered behind ``prefix``, in order."""
        names = [name for (name,) in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        numbers = sorted(int(n) for name in names if name.startswith(prefix) and (n := name.removeprefix(prefix)).isdecimal())
        return [f"{prefix}{number}" for number in numbers]

    def _open_older(self) -> None:
        """Versions before the journal committed rows into a table and renamed it when it was full."""
        closing = self._tables(CLOSING)
        if self._connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'readings'").fetchone():
            if self._connection.execute("SELECT 1 FROM readings LIMIT 1").fetchone():
                closing.append(f"{CLOSING}{int(closing[-1].removeprefix(CLOSING)) + 1 if closing else 1}")
                self._connection.execute(f"ALTER TABLE readings RENAME TO {closing[-1]}")
            else:
                self._connection.execute("DROP TABLE readings")
        self.closing = tuple(closing)

    def _newest(self, connection: Any) -> dict[int, tuple[int, int, float, int, int]]:
        """By series number: t, received, v and q of its newest row, and how many there are."""
        rows = Sources(self.days, self.closing, ()).rows(-EVERY_ROW, EVERY_ROW) or NOTHING
        out: dict[int, tuple[int, int, float, int, int]] = {}
        for number, last, readings in connection.execute(NEWEST.format(rows=rows, rolled=LAST)).fetchall():
            out[number] = (last["t"], last["received"], last["v"], last["q"], readings)
        for block in [block for part in self.tail.parts for block in part.blocks]:
            for number, count, *row in zip(*(column.tolist() for column in block.newest()), strict=True):
                old = out.get(number, (-EVERY_ROW, 0, 0.0, 0, 0))
                out[number] = (*max(tuple(row), old[:4]), count + old[4])
        return out

    def commit(self, batch: Batch) -> Committed:
        """Store new rows, estimates and pack identities in one transaction."""
        if self._broken:
            with self._writing, self._unavailable():
                self._connection.close()
                self._open()
                self._broken = False
        if len(self.tail.closed) >= MOST_HELD:
            self._keeper.kick(max(time_ns() // 10**6, self.tail.open.oldest))
            waits = self._keeper.trouble or "the disk is slow"
            raise StorageUnavailable(f"telemetry in {self._file}: too many readings wait for files of their days: {waits}")
        if self._doubted:
            with self._unavailable():
                self._set_aside(self._doubted)
            self._doubted = ()
        runs = batch.runs()
        unknown = self._index.unknown(batch)
        numbers = {key.id: number for number, key in unknown}
        local = np.asarray([numbers.get(k.id, self._index.number(k.id)) for k in batch.series], dtype=np.int32)
        runs = replace(runs, series=local[runs.series]) if len(runs.v) else runs
        fresh, late = judged(runs, self._index.watermarks(len(unknown)), self._covered)
        packs = self._index.new_packs(batch.packs)
        replaced, corrections = self._index.replaced(batch), self._index.fresh_corrections(batch)
        stored, moved = [Block.of(fresh)], list[Rows]()
        with self._writing, self._unavailable():
            self.tail.join()
            try:
                self._connection.begin()
                if unknown:
                    self._insert("named", series_table(unknown), "INSERT INTO series SELECT * FROM named")
                estimated.drop(self._connection, replaced)
                if len(late.t):
                    stored.append(Block.of(runs_of(self._unseen(late, stored))))
                new = sum([len(block) for block in stored])
                if batch.estimates:
                    self._insert("estimates", estimated.rows_table(batch, local), estimated.INSERT)
                for correction in corrections.values():
                    found = estimated.move(self._connection, correction)
                    if len(found["t"]):
                        moved.append(self._unseen(rows_of(found), stored))
                        stored.append(Block.of(runs_of(moved[-1])))
                block = stored[0] if len(stored) == 1 else Block.of(runs_together([b.held.runs() for b in stored]))
                if len(block) or packs:
                    # As a parameter: a table of Arrow's would be planned for twice as long as this takes.
                    self._connection.execute(f"INSERT INTO {self.tail.open.table} VALUES (?)", [encode(block.held, packs)])  # noqa: S608
                # What is estimated lies in the database alone: a reader must not see rows leave it and not arrive.
                with self._swapping if batch.estimates or corrections or replaced else nullcontext():
                    self._connection.commit()
                    if len(block):
                        self.tail.append(block)
            except BaseException:
                self._rollback()
                raise
        self._index.learn(unknown)
        self._covered.add(block.series, block.first, block.last)
        newest = self._index.committed(block.newest(), packs)
        self._index.corrections |= corrections
        if batch.estimates or corrections or replaced:
            with self._unavailable():
                estimated.load(self._connection, self._index)
        if len(self.tail.open) + len(block) > self._turn_rows:  # another one of this size would make it too large
            with suppress(StorageUnavailable):  # the batch is in; the next one tries again
                self._turn(int(runs.received[-1]) if len(runs.v) else self.tail.open.oldest)
        return Committed(new, len(runs.v) - new, newest, self._index.spans(moved))

    def _insert(self, name: str, table: Any, statement: str) -> None:
        self._connection.register(name, table)
        try:
            self._connection.execute(statement)
        finally:
            self._connection.unregister(name)

    def _unseen(self, late: Rows, before: Sequence[Block]) -> Rows:
        """Those of ``late`` that are neither stored nor in ``before``, each once."""
        low, high, numbers = int(late.t.min()), int(late.t.max()) + 1, np.unique(late.series)
        segments = tuple(s for s in self.days.overlapping(low, high) if s.present[numbers[numbers < len(s.present)]].any())
        span = f" AND series BETWEEN {numbers[0]} AND {numbers[-1]}"
        near = find((*self.tail.parts, Part("", tuple(before))), low, high, numbers)
        rows = Sources(self.days, (TAIL, *self.closing), segments).rows(low, high, more=span)
        self._connection.register("late", table_of(late))
        self._connection.register(TAIL, table_of(near))
        try:
            return rows_of(self._connection.execute(LATE.format(rows=rows)).fetchnumpy())
        except (duckdb.Error, UnicodeDecodeError):
            self._doubted = segments
            raise
        finally:
            self._connection.unregister("late")
            self._connection.unregister(TAIL)

    def _rollback(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.Error:
            # No transaction was open, or the engine itself is down: the error that brought us here is the one to tell.
            return

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
        number, most = self._index.known(series_id), EVERY_ROW if limit is None else limit
        both = self._index.has_estimates(series_id)
        if every is None:
            found, _, sources = self._read(lambda s: s.raw(number, start, stop, most), (start, stop, number), both)
            found = ordered(found, sources.near, most)
            window = Window(*(found[name].tolist() for name in ("t", "v", "q", "received")))
        else:
            found, kept, sources = self._read(
                lambda s: s.buckets(number, start, stop, every, most),
                (start, stop, number),
                both,
                lambda s: s.kept(number, start, stop, every)[0],
            )
            level, first, last = whole(start, stop, every)
            if level or not found:
                kept += sources.kept(number, start, stop, every)[1]
                rolled = hours.opened(kept, first, last, sources.counting, needed(aggregates))
                near = [singly(sources.near)] if len(sources.near.t) else []
                found = joined([rolled, *near, *([found] if found else [])], every, most, aggregates)
            window = Window(found["bucket"].tolist(), aggregates={name: found[name].tolist() for name in aggregates})
        if not both or not found["e"].any():
            return window
        return replace(window, estimated=found["e"].tolist(), boots=found["boot"].tolist() if every is None else [])

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give."""
        number = self._index.known(series_id)
        both = self._index.has_estimates(series_id)
        found, _, sources = self._read(lambda s: s.counts(start, stop, number), (start, stop, number), both)
        return len(sources.near.t) + (int(found["n"].sum()) if found else 0)

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By node, how many readings there are."""
        found, _, sources = self._read(lambda s: s.counts(start, stop), (start, stop, None), True)
        pairs = [*zip(*(column.tolist() for column in np.unique(sources.near.series, return_counts=True)), strict=True)]
        if found:
            pairs += zip(found["series"].tolist(), found["n"].tolist(), strict=True)
        return self._index.by_node(pairs)

    def ping(self) -> None:
        """It is in this process."""

    def maintain(self, now: int) -> tuple[str, ...]:
        """Begin a new table when the day is done, and let what was turned over be written; tells of what had to be set aside."""
        if len(self.tail.open) and day_of(self.tail.open.oldest) < day_of(now - TURN_AFTER_MS):
            self._turn(now)
        self._keeper.kick(now)
        if now >= self._next_checkpoint:
            self._next_checkpoint = now + CHECKPOINT_MS
            with self._writing, self._unavailable():
                try:
                    self._connection.execute("CHECKPOINT")  # writes the log into the file, so that the next start is quick
                except duckdb.TransactionException:
                    self._next_checkpoint = now  # somebody is in the middle of a transaction
        waits = (f"files of readings wait: {self._keeper.trouble}",) if self._keeper.trouble else ()
        return (*self.days.troubles, *waits)

    def _turn(self, now: int) -> None:
        """Begin a new table; the old one's rows are written to files beside ingest. Pack identities are folded into ranges."""
        table = f"{BEGUN}{int(self.tail.open.table.removeprefix(BEGUN)) + 1}"
        with self._unavailable(), self.swap() as connection:
            connection.execute(JOURNAL.format(table=table))
            for name in ("epochs", "ranges", "packs"):
                connection.execute(f"DELETE FROM {name}")  # noqa: S608
            known = [e for e in self._index.packs() if e.ranges]
            if known:
                names = {name: strings([getattr(e, name) for e in known]) for name in ("node", "epoch")}
                folded = arrow_table({"place": np.arange(len(known)), **names, "readings": np.asarray([e.readings for e in known])})
                self._insert("folded", folded, "INSERT INTO epochs SELECT place, node, epoch, readings FROM folded")
                flat = np.asarray([(place, *r) for place, e in enumerate(known) for r in e.ranges], dtype=np.int64)
                spans = arrow_table(dict(zip(("place", "first", "last"), flat.T, strict=True)))
                self._insert("spans", spans, "INSERT INTO ranges SELECT * FROM spans")
            connection.commit()
            self.tail.turn(table)
        if self._keeper.due():
            self._keeper.kick(now)
            self._keeper.pace()

    @contextmanager
    def swap(self) -> Iterator[Any]:
        """A transaction that changes where rows lie: no commit and no reader's beginning crosses it."""
        with self._writing, self._swapping:
            try:
                self._connection.begin()
                yield self._connection
            except BaseException:
                self._rollback()
                raise

    def cursor(self) -> Any:
        """A connection of one's own to the same database."""
        return self._connection.cursor()

    def recount(self) -> None:
        """Readings have gone: newest and counts of every series anew."""
        with self._writing, self._unavailable():
            self._index.load_all(self._newest(self._connection))

    def settle(self) -> None:
        """Until everything that was turned over is in its files."""
        self._keeper.wait()

    def snapshot(self, file: Path) -> Callable[[], None]:
        """Fix the present moment; what is returned writes it to ``file`` and the folder of files beside it. ``file`` must not be there."""
        cursor = self.cursor()
        try:
            with self._unavailable():
                cursor.execute(f"ATTACH {quoted(file)} AS copied")
                with self._swapping:
                    cursor.execute("BEGIN TRANSACTION")
                    cursor.execute(LOOK)  # the moment is that of the first look
                    self.days.link(file.with_suffix(".days"))
        except BaseException:
            cursor.close()
            raise

        def write() -> None:
            with self._unavailable(), cursor:
                try:
                    (name,) = cursor.execute("SELECT current_database()").fetchone()
                    escaped = name.replace('"', '""')
                    cursor.execute(f'COPY FROM DATABASE "{escaped}" TO copied')
                    cursor.execute("COMMIT")
                except duckdb.Error:
                    cursor.rollback()
                    raise
                finally:
                    cursor.execute("DETACH copied")  # writes the log into the file

        return write

    def close(self) -> None:
        """Give up the file."""
        self._keeper.stop()
        with self._writing:
            self._connection.close()

    def _read(
        self,
        question: Callable[[Sources], str],
        about: tuple[int, int, int | None],
        estimates: bool,
        first: Callable[[Sources], str] = lambda _: "",
    ) -> tuple[dict[str, Any], list[Any], Sources]:
        """The answer as of one moment, the rows that ``first`` finds in the database alone, and what was asked.

        ``about`` are the time from and to, and the series, None for all. An empty question has an empty answer. A damaged file is set
        aside and the question asked again.
        """
        start, stop, series = about
        one = None if series is None else np.asarray([series])
        while True:
            with self._unavailable(), ExitStack() as stack:
                with self._swapping:
                    days, near = self.days, find(self.tail.parts, start, stop, one)
                    sources = Sources(
                        days, self.closing, days.segments, estimates, days.hours.months, days.hours.recent, near, days.counting
                    )
                    asked, look = question(sources), first(sources)
                    if not asked and not look:
                        return {}, [], sources
                    cursor = stack.enter_context(self.cursor())
                    if TAIL in asked.split():
                        cursor.register(TAIL, table_of(near))
                    cursor.begin()
                    kept = cursor.execute(look or LOOK).fetchall()  # the moment is that of the first look
                try:
                    return dict(cursor.execute(asked).fetchnumpy()) if asked else {}, kept if look else [], sources
                except (duckdb.Error, UnicodeDecodeError):  # what it says of a damaged file may be no text
                    cursor.rollback()
                    if not self._set_aside(sources.segments):
                        raise

    def _set_aside(self, segments: Iterable[Segment]) -> bool:
        """Whether one of ``segments`` turned out to be damaged and counts no longer."""
        with self.swap() as connection:
            damaged = [s for s in segments if s in self.days.segments and not self.days.check(connection, s, deep=True)]
            connection.commit()
        if damaged:
            self.recount()
        return bool(damaged)

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except duckdb.DataError:
            raise  # the data, not the engine: trying again would not help
        except (duckdb.Error, UnicodeDecodeError) as error:
            # A fatal error invalidates the whole database object: it has to be opened again.
            self._broken = (
                self._broken or "invalidated" in str(error) or isinstance(error, duckdb.FatalException | duckdb.InternalException)
            )
            raise StorageUnavailable(f"telemetry in {self._file}: {str(error).splitlines()[0]}") from error
