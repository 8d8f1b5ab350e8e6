"""Readings that have left the database's own table: one folder a local day, zstd Parquet files ("segments") in it that other tools read.

A segment is immutable and sorted by series and time; its row in ``segments`` makes it count, in the transaction that drops the table it
was written from, so that a kill at any point loses nothing: what has no row is swept away, a table that is still there is written again.
Partial rollups by hour and day are rows of the same transaction. Rows are unique over all segments, so partial rollups add up.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from kampung_cloud.lasting import sync
from kampung_cloud.telemetry.covered import Covered
from kampung_cloud.telemetry.hours import DAY_MS, Hours
from kampung_cloud.telemetry.order import WIB_OFFSET
from kampung_cloud.telemetry.segment import Segment, reader, rows_in, write
from kampung_cloud.telemetry.sorting import Piece

log = structlog.get_logger()

GRACE_S = 120.0
"""A file that no longer counts stays this long: a reader may have begun with it."""
LOOKED_AT = 64
"""The newest files, of which each series' times are told apart at a start; of the others only the first and the last."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS segments
    (id BIGINT, day INTEGER, file VARCHAR, rows BIGINT, low BIGINT, high BIGINT, bytes BIGINT, state VARCHAR);
ALTER TABLE segments ADD COLUMN IF NOT EXISTS scale INTEGER DEFAULT -1;
CREATE TABLE IF NOT EXISTS daily
    (segment BIGINT, day INTEGER, series INTEGER, rows BIGINT, last STRUCT(t BIGINT, received BIGINT, v DOUBLE, q UTINYINT),
     n BIGINT, total DOUBLE, low_v DOUBLE, high_v DOUBLE, last_t BIGINT, last_v DOUBLE);
"""
"""``daily.last`` is the newest row of any quality; everything from ``n`` on is of rows whose flag is neither 4 nor 9."""
FILE = re.compile(r"day=\d{4}-\d\d-\d\d/readings-\d+\.parquet")
"""What ``segments.file`` may be: the database may come from a backup, and files are read, renamed and removed by this name."""
FOUND = "SELECT state, id, day, file, rows, low, high, bytes, scale FROM segments ORDER BY day, id"
LAST = "SELECT series, max(last) AS last, sum(rows)::BIGINT AS readings FROM daily GROUP BY series"


def day_of(t: int) -> int:
    """Local days since 1970-01-01."""
    return (t + WIB_OFFSET) // DAY_MS


def day_start(day: int) -> int:
    """Milliseconds UTC of local midnight."""
    return day * DAY_MS - WIB_OFFSET


def day_name(day: int) -> str:
    """``2026-11-21``."""
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")


class Days:
    """The segments there are. Written by one thread at a time, read by any: ``segments`` is replaced, never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hours = Hours()
        self.segments: tuple[Segment, ...] = ()
        self._counting: tuple[tuple[Segment, ...], NDArray[np.bool_]] = ((), np.zeros(1, np.bool_))
        self.troubles: list[str] = []
        self._retired: list[tuple[float, Path]] = []
        self._next = 1

    def open(self, connection: Any) -> None:
        """Read what counts and sweep what does not."""
        connection.execute(SCHEMA)
        self.hours.open(connection)
        found: list[Segment] = []
        for state, number, day, file, *rest in connection.execute(FOUND).fetchall():
            self._next = max(self._next, number + 1)
            if state == "whole" and FILE.fullmatch(file):
                found.append(Segment(number, day, file, *rest))
            else:
                self.troubles.append(_damaged(file))
        present = connection.execute("SELECT segment, series FROM daily ORDER BY segment").fetchnumpy()
        ids, begins = np.unique(present["segment"], return_index=True)
        series = dict(zip(ids.tolist(), np.split(present["series"], begins[1:]), strict=False))
        for segment in found:
            segment.present = _flags(series.get(segment.id, present["series"][:0]))
        self.segments = tuple(found)
        known = {s.file for s in found}
        for path in self.folder.glob("day=*/*"):
            if path.suffix != ".damaged" and f"{path.parent.name}/{path.name}" not in known:
                path.unlink()
        for segment in found:
            self.check(connection, segment, deep=False)

    @property
    def counting(self) -> NDArray[np.bool_]:
        """By a segment's number whether it counts; the last one, which stands for all numbers beyond, does not."""
        segments, flags = self._counting
        if segments is not self.segments:
            segments = self.segments
            flags = np.zeros(max([s.id for s in segments], default=0) + 2, np.bool_)
            flags[[s.id for s in segments]] = True
            self._counting = (segments, flags)
        return flags

    def rows(self, segments: Iterable[Segment], columns: str, where: str = "") -> list[str]:
        """Questions for ``columns`` of series, t, lag, v and q of their files; none when there is none."""
        return rows_in([(str(self.folder / s.file), s.scale) for s in segments], columns, where)

    def overlapping(self, start: int, stop: int, series: int | None = None) -> list[Segment]:
        """Segments that may hold rows with ``start`` <= t < ``stop``, of a series or of any."""
        return [s for s in self.segments if s.low < stop and s.high >= start and (series is None or s.holds(series))]

    def cover(self, covered: Covered) -> None:
        """Take in between which times each series may have readings here."""
        old, newer = self.segments[:-LOOKED_AT], self.segments[-LOOKED_AT:]
        spans = [(s.present, s.low, s.high) for s in newer]
        if old:
            width = max(len(s.present) for s in old)
            any_of = np.any([np.pad(s.present, (0, width - len(s.present))) for s in old], axis=0)
            spans.insert(0, (any_of, min(s.low for s in old), max(s.high for s in old)))
        for present, low, high in spans:
            numbers = np.flatnonzero(present)
            covered.add(numbers, np.full(len(numbers), low), np.full(len(numbers), high))

    def write(self, connection: Any, pieces: Iterable[Piece], day: int) -> list[Segment]:
        """Write rows as new files of ``day``; they do not count before ``count_in``."""
        made: list[Segment] = []
        folder = self.folder / f"day={day_name(day)}"
        folder.mkdir(parents=True, exist_ok=True)

        def fresh() -> Path:
            number, self._next = self._next, self._next + 1
            made.append(Segment(number, day, f"{folder.name}/readings-{number}.parquet", 0, 0, 0, 0))
            return (self.folder / made[-1].file).with_suffix(".part")

        written = write(connection, pieces, fresh)
        try:
            for file in written:
                sync(file.path)
            for place in (folder, self.folder) if written else ():
                sync(place)
            for file in written:
                file.path.rename(file.path.with_suffix(".parquet"))
            if written:
                sync(folder)
        except OSError:  # it is tried again, under other names
            for file in written:
                file.path.unlink(missing_ok=True)
                file.path.with_suffix(".parquet").unlink(missing_ok=True)
            raise
        sizes = [(self.folder / s.file).stat().st_size for s in made]
        return [
            replace(s, rows=w.rows, low=w.low, high=w.high, bytes=size, scale=w.scale, rollups=w.rollups)
            for s, w, size in zip(made, written, sizes, strict=True)
        ]

    def count_in(self, connection: Any, segment: Segment) -> None:
        """Rows of the running transaction: from its commit on the segment counts."""
        connection.execute(
            "INSERT INTO segments (id, day, file, rows, low, high, bytes, scale, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'whole')",
            [segment.id, segment.day, segment.file, segment.rows, segment.low, segment.high, segment.bytes, segment.scale],
        )
        rollups, segment.rollups = segment.rollups, None
        assert rollups is not None
        for table, fixed, rows in (
            ("daily", f"{segment.id}, {segment.day}", rollups.by_series()),
            ("hourly", segment.id, rollups.hourly()),
        ):
            connection.register("rolled", rows)
            try:
                connection.execute(f"INSERT INTO {table} SELECT {fixed}, * FROM rolled")  # noqa: S608
            finally:
                connection.unregister("rolled")
        self.hours.expect(segment.day)
        segment.present = _flags(rollups.series)

    def count_out(self, connection: Any, segments: Iterable[Segment]) -> None:
        """In the running transaction: these count no longer."""
        gone = [s.id for s in segments]
        for table in ("segments", "daily", "hourly"):
            column = "id" if table == "segments" else "segment"
            connection.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT unnest(?))", [gone])  # noqa: S608

    def replace(self, gone: Iterable[Segment], new: Iterable[Segment]) -> None:
        """After the commit."""
        gone = list(gone)
        self.segments = tuple(sorted([*(s for s in self.segments if s not in gone), *new], key=lambda s: (s.day, s.id)))
        self._retired += [(time.monotonic(), self.folder / s.file) for s in gone]

    def link(self, folder: Path) -> None:
        """The files that count under a second name below ``folder``, where nobody removes them."""
        for segment in self.segments:
            (folder / segment.file).parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(self.folder / segment.file, folder / segment.file)
            except OSError:  # a file system without links, or another one
                shutil.copyfile(self.folder / segment.file, folder / segment.file)

    def sweep(self) -> None:
        """Remove files that no reader can still have in hand."""
        now = time.monotonic()
        for at, path in [r for r in self._retired if now - r[0] >= GRACE_S]:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()
            self._retired.remove((at, path))

    def check(self, connection: Any, segment: Segment, *, deep: bool) -> bool:
        """Whether the file is whole; one that is not is set aside under another name and told of. ``deep`` reads every value."""
        path = self.folder / segment.file
        try:
            whole = path.stat().st_size == segment.bytes and (not deep or _readable(path, segment))
        except OSError:
            whole = False
        if whole:
            return True
        with contextlib.suppress(OSError):
            path.rename(path.with_suffix(".damaged"))
        connection.execute("UPDATE segments SET state = 'damaged' WHERE id = ?", [segment.id])
        for table in ("daily", "hourly"):
            connection.execute(f"DELETE FROM {table} WHERE segment = ?", [segment.id])  # noqa: S608
        self.segments = tuple(s for s in self.segments if s.id != segment.id)
        self.troubles.append(_damaged(segment.file))
        log.error("telemetry.file_damaged", file=segment.file, readings=segment.rows)
        return False


def _damaged(file: str) -> str:
    return f"{file} is damaged and set aside as {Path(file).with_suffix('.damaged').name}; restore it from a backup"


def _readable(path: Path, segment: Segment) -> bool:
    try:
        with reader(path, segment.scale) as file:
            return segment.rows == sum(int(batch.num_rows) for batch in file.iter_batches())
    except Exception:  # noqa: BLE001 - whatever the reader says of a damaged file
        return False


def _flags(numbers: NDArray[Any]) -> NDArray[np.bool_]:
    out = np.zeros(int(numbers.max()) + 1 if len(numbers) else 0, dtype=np.bool_)
    out[numbers] = True
    return out
