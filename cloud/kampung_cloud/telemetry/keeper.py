"""The DuckDB engine's housekeeping: readings leave the journal for sorted files, files of a day are merged, old ones go.

A new part of the journal is begun between two commits; writing and merging run beside ingest in a thread of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import duckdb
import numpy as np
import structlog

from kampung_cloud.telemetry.days import Days, day_of, day_start
from kampung_cloud.telemetry.freeing import release
from kampung_cloud.telemetry.merging import AT_ONCE, merged
from kampung_cloud.telemetry.segment import Segment
from kampung_cloud.telemetry.sorting import days_of, of_part, of_question
from kampung_cloud.telemetry.tail import Tail

log = structlog.get_logger()

TURN_ROWS = 250_000
"""Rows after which the table is turned over at once; it is at least once a day. More of them are felt in memory while they are sorted."""
TURN_AFTER_MS = 30 * 60_000
"""After local midnight: what is late by less still finds its day in the table."""
MOST_SEGMENTS = 8
"""Files that one series' readings of a day may be in while it is written to."""
ENOUGH_WAITING = 7
"""Parts of the journal that wait to be written before it is done at once; fewer are written within the minute: a burst of a million and a
half readings is over in a second, and writing beside it would make it two. Once writing has begun, what comes is written as it comes."""
MOST_WAITING = 2
"""Parts that may wait before ingest waits for the oldest: each is held in memory and looked through by every question."""
MOST_UNDONE = 8
"""Days that may wait to be merged while tables wait to be written."""
PATIENCE_S = 10.0
"""Seconds that one turn of the table waits at most: ingest that stands still for longer is taken for dead (``watchdog.py``)."""
ALL = "*"
ROWS = "SELECT series, sum(rows)::BIGINT FROM daily WHERE segment IN (SELECT unnest(?)) GROUP BY series"


class Host(Protocol):
    """What the keeper needs of the engine."""

    days: Days
    tail: Tail
    closing: tuple[str, ...]

    def cursor(self) -> Any:
        """A connection of one's own."""

    def swap(self) -> AbstractContextManager[Any]:
        """A transaction that no commit and no reader's beginning crosses, on the writing connection it gives."""

    def recount(self) -> None:
        """Readings have gone: count anew."""


class Keeper:
    """One thread that begins when there is something to do and ends when there is not."""

    def __init__(self, host: Host, retention: Mapping[str, int]) -> None:
        """``retention``: days to keep by quantity, ``*`` for the others; without an entry for ever."""
        self._host = host
        self._retention = dict(retention)
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._step = threading.Condition()
        self._again = False
        self._now = 0
        self.trouble = ""

    def kick(self, now: int) -> None:
        """There may be something to do, at ``now`` (ms UTC)."""
        with self._lock:
            self._again, self._now = True, now
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="telemetry-days", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until there is nothing to do."""
        while (thread := self._thread) is not None:
            thread.join()

    def due(self) -> bool:
        """Whether so much waits that it should be written now."""
        return self._waiting() >= (ENOUGH_WAITING if self._thread is None else 1)

    def pace(self) -> None:
        """Hold up whoever turns tables over faster than they are written: for two of them at most, and not when something is wrong."""
        most = max(MOST_WAITING, self._waiting() - 2)

        def room() -> bool:
            return self._waiting() <= most or bool(self.trouble) or self._thread is None or self._stopping.is_set()

        with self._step:
            self._step.wait_for(room, PATIENCE_S)

    def _waiting(self) -> int:
        return len(self._host.closing) + len(self._host.tail.closed)

    def _stepped(self) -> None:
        with self._step:
            self._step.notify_all()

    def stop(self) -> None:
        """After the present file."""
        self._stopping.set()
        self._stepped()
        self.wait()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._again or self._stopping.is_set():
                    self._thread = None
                    self._stepped()
                    return
                self._again, now = False, self._now  # in a long backlog days go by while it runs
            try:
                for job in (self._write_out, self._merge, self._forget, self._order):
                    job(now)
                self._host.days.sweep()
                self.trouble = ""
            except (duckdb.Error, OSError) as error:
                said = str(error).splitlines()[0]
                if said != self.trouble:
                    log.warning("telemetry.housekeeping_waits", reason=said)
                self.trouble = said
                self._stepped()
            except Exception as error:
                log.exception("telemetry.housekeeping_failed")
                self.trouble = f"{type(error).__name__} inside the cloud"
                self._stepped()

    def _write_out(self, _now: int) -> None:
        """What waits to become files, oldest first. What comes meanwhile has its turn after what else is to be done."""
        days = self._host.days
        for table in self._host.closing:
            if self._stopping.is_set():
                return
            with self._host.cursor() as cursor:
                found = cursor.execute(f"SELECT DISTINCT (t + 25200000) // 86400000 AS day FROM {table} ORDER BY day").fetchall()  # noqa: S608
                written: list[Segment] = []
                for (day,) in found:
                    low, high = day_start(day), day_start(day + 1)
                    rows = f"SELECT series, t, received - t AS lag, v, q FROM {table} WHERE t >= {low} AND t < {high}"  # noqa: S608
                    written += days.write(cursor, of_question(cursor, rows), day)
            self._count(written, gone=[], table=table)
        for part in self._host.tail.closed:
            if self._stopping.is_set():
                return
            with self._host.cursor() as cursor:
                written = []
                for day in days_of(part):
                    written += days.write(cursor, of_part(part, day_start(day), day_start(day + 1)), day)
            self._count(written, gone=[], table=part.table)

    def _count(self, written: list[Segment], *, gone: list[Segment], table: str | None = None) -> None:
        host = self._host
        with host.swap() as connection:
            for segment in written:
                host.days.count_in(connection, segment)
            if gone:
                host.days.count_out(connection, gone)
            if table is not None:
                connection.execute(f"DROP TABLE {table}")
            connection.commit()
            host.days.replace(gone, written)
            if table is not None:
                host.closing = tuple(t for t in host.closing if t != table)
                host.tail.drop(table)
        release()
        self._stepped()

    def _merge(self, now: int) -> None:
        """The files of a day that have series in common into one: when the day is over, or when they are many."""
        waiting = self._scattered(day_of(now))
        for left, (day, segments) in zip(range(len(waiting), 0, -1), waiting, strict=True):
            # What ingest may come to wait for goes first, while few days are left undone.
            behind = self._waiting() > 0 and left <= MOST_UNDONE
            if behind or self._stopping.is_set():
                self._again = behind
                return
            self._again |= len(segments) > AT_ONCE
            self._rewrite(day, sorted(segments, key=lambda s: s.rows)[:AT_ONCE])

    def _scattered(self, today: int) -> list[tuple[int, list[Segment]]]:
        """Days of which one series is in too many files, and those files."""
        by_day: dict[int, list[Segment]] = {}
        for segment in self._host.days.segments:
            by_day.setdefault(segment.day, []).append(segment)
        found = []
        for day, segments in by_day.items():
            if len(segments) == 1:
                continue
            width = max(len(s.present) for s in segments)
            files = np.sum([np.pad(s.present, (0, width - len(s.present))) for s in segments], axis=0)
            if files.max(initial=0) > (1 if day < today else MOST_SEGMENTS):
                found.append((day, [s for s in segments if (files[: len(s.present)][s.present] > 1).any()]))
        return found

    def _rewrite(self, day: int, segments: list[Segment], without: Collection[int] = ()) -> None:
        days = self._host.days
        with self._host.cursor() as cursor:
            rows = dict(cursor.execute(ROWS, [[s.id for s in segments]]).fetchall())
            try:
                new = days.write(cursor, merged(days.folder, segments, rows, without), day)
            except Exception:  # out of a damaged file anything may come
                with self._host.swap() as connection:
                    damaged = [s for s in segments if not days.check(connection, s, deep=True)]
                    connection.commit()
                if not damaged:
                    raise
                self._host.recount()
                return
        self._count(new, gone=segments)

    def _forget(self, now: int) -> None:
        """What is older than its quantity is kept."""
        if not self._retention:
            return
        rest = self._retention.get(ALL)
        gone = False
        with self._host.cursor() as cursor:
            quantities = dict(cursor.execute("SELECT number, quantity FROM series").fetchall())
        for segment in self._host.days.segments:
            age = day_of(now) - segment.day
            old = [n for n, quantity in quantities.items() if (keep := self._retention.get(quantity, rest)) is not None and age > keep]
            held = [n for n in old if segment.holds(n)]
            if not held or self._stopping.is_set():
                continue
            gone = True
            if len(held) == int(segment.present.sum()):
                self._count([], gone=[segment])
            else:
                self._rewrite(segment.day, [segment], held)
            log.info("telemetry.forgotten", day=segment.file.partition("/")[0], series=len(held))
        if gone:
            self._host.recount()

    def _order(self, now: int) -> None:
        """Hourly rollups that have come day by day, by series."""
        host, hours = self._host, self._host.days.hours
        if gone := hours.empty(s.day for s in host.days.segments):
            with host.swap() as connection:
                hours.count_out(connection, gone)
                connection.commit()
                hours.forget(gone)
        while not self._stopping.is_set():
            with host.cursor() as cursor:
                number = hours.scattered(cursor, day_of(now))
                if number is None:
                    return
                month = hours.collect(cursor, number, [s.id for s in host.days.segments])
            with host.swap() as connection:
                hours.count_in(connection, month)
                connection.commit()
                hours.replace(month)
