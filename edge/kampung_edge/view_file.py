"""The file that remembers the kiosk's view over a restart. May be lost without harm: nothing in it waits to be sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog
from kampung_contract.documents import Content
from kampung_contract.errors import StorageUnavailable

from kampung_edge.history import BUCKET_MS, KEPT_MS, RAW_MS, Bucket, Series

log = structlog.get_logger("view")

SCHEMA = 1
_TABLES = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, quantity TEXT NOT NULL, unit TEXT NOT NULL, t INTEGER, v REAL, q INTEGER
);
CREATE TABLE raw (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, t INTEGER NOT NULL, v REAL NOT NULL, q INTEGER NOT NULL);
CREATE TABLE bucket (
    series INTEGER, start INTEGER, count INTEGER, total REAL, low REAL, high REAL, PRIMARY KEY (series, start)
) WITHOUT ROWID;
CREATE TABLE content (key TEXT PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL, document BLOB NOT NULL);
"""
Key = tuple[str, str]


class Change(NamedTuple):
    """What is new since the last flush: points in order of arrival, and buckets that are complete."""

    points: list[tuple[Key, int, float, int]]
    closed: dict[tuple[Key, int], Bucket]


class ViewFile:
    """Used under the view's lock. A damaged file or one of another version is thrown away."""

    def __init__(self, path: Path) -> None:
        """Raises ``StorageUnavailable`` where no file can be made."""
        self._path = path
        self._ids: dict[Key, int] = {}
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            self._start_over(error)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA page_size = 1024")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA cache_size = -256")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
            elif version != SCHEMA:
                raise sqlite3.DatabaseError(f"view version {version}, not {SCHEMA}")
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _start_over(self, error: sqlite3.DatabaseError) -> None:
        log.warning("view.discarded", reason=str(error))
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._ids.clear()
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as again:
            raise StorageUnavailable(f"{self._path}: {again}; the data folder must be writable and have room") from None

    def load(self) -> tuple[dict[Key, Series], dict[str, Content]]:
        """All series with their history, and the documents."""
        try:
            return self._load_series(), self._load_content()
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            self._db.close()
            self._start_over(sqlite3.DatabaseError(str(error)))
            return {}, {}

    def _load_series(self) -> dict[Key, Series]:
        by_id: dict[int, Series] = {}
        for number, device, quantity, unit, t, v, q in self._db.execute("SELECT id, device, quantity, unit, t, v, q FROM series"):
            by_id[number] = Series(device, quantity, unit)
            by_id[number].last = None if t is None else (t, v, q)
            self._ids[device, quantity] = number
        stored: set[tuple[int, int]] = set()
        for number, start, count, total, low, high in self._db.execute("SELECT series, start, count, total, low, high FROM bucket"):
            by_id[number].buckets[start] = Bucket(count, total, low, high)
            stored.add((number, start))
        for number, t, v, q in self._db.execute("SELECT series, t, v, q FROM raw ORDER BY t"):
            series, start = by_id[number], t - t % BUCKET_MS
            complete = series.buckets.get(start) if (number, start) in stored else None
            series.add(t, v, q)
            if complete is not None:
                series.buckets[start] = complete
        return {(s.device, s.quantity): s for s in by_id.values()}

    def _load_content(self) -> dict[str, Content]:
        rows = self._db.execute("SELECT key, version, at, document FROM content")
        return {key: Content(key, version, at, msgspec.json.decode(document)) for key, version, at, document in rows}

    def write(self, change: Change, series: Iterable[Series]) -> None:
        """One transaction. Raises ``sqlite3.Error``."""
        touched = {point[0] for point in change.points}
        with self._db:
            self._db.execute("BEGIN")
            for one in series:
                key = (one.device, one.quantity)
                if key not in self._ids:
                    row = self._db.execute("INSERT INTO series (device, quantity, unit) VALUES (?, ?, ?)", (*key, one.unit))
                    self._ids[key] = row.lastrowid or 0
                if key in touched and one.last is not None:
                    self._db.execute("UPDATE series SET t = ?, v = ?, q = ? WHERE id = ?", (*one.last, self._ids[key]))
            self._db.executemany("INSERT INTO raw (series, t, v, q) VALUES (?, ?, ?, ?)", [(self._ids[k], *r) for k, *r in change.points])
            self._db.executemany(
                "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)",
                [(self._ids[key], start, *bucket) for (key, start), bucket in change.closed.items()],
            )

    def prune(self, newest: int) -> None:
        """Throw away what is older than it is kept; ``newest`` reading in milliseconds UTC. Raises ``sqlite3.Error``."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM raw WHERE t < ?", (newest - RAW_MS - BUCKET_MS,))
            self._db.execute("DELETE FROM bucket WHERE start < ?", (newest - KEPT_MS,))

    def keep(self, content: Content) -> None:
        """Raises ``sqlite3.Error``."""
        document = msgspec.json.encode(content.document)
        self._db.execute("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?)", (content.key, content.version, content.at, document))

    def close(self) -> None:
        self._db.close()
