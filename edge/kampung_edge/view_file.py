"""The file that remembers the kiosk's view over a restart. May be lost without harm: nothing in it waits to be sent."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog
from kampung_contract.documents import Content
from kampung_contract.errors import StorageUnavailable

from kampung_edge.history import BUCKET_MS, KEPT_MS, RAW_MS, Bucket, Series
from kampung_edge.spool_file import broken, damaged

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
Kept = tuple[dict[Key, Series], dict[str, Content]]
"""All series with their history, and the documents."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


class Change(NamedTuple):
    """What is new since the last flush: points in order of arrival, and buckets that are complete."""

    points: list[tuple[Key, int, float, int]]
    closed: dict[tuple[Key, int], Bucket]


class ViewFile:
    """Used under the view's lock. A damaged file or one of another version is thrown away."""

    def __init__(self, path: Path, ready: Callable[[], None] = lambda: None) -> None:
        """Touches nothing. ``ready`` is called before the file is, and may raise what ``open`` raises."""
        self._path, self._ready = path, ready
        self._ids: dict[Key, int] = {}
        self._db: sqlite3.Connection | None = None

    @property
    def opened(self) -> bool:
        """It can be written."""
        return self._db is not None

    def open(self) -> Kept:
        """Open for writing, and give what is there. Raises ``StorageUnavailable`` where the disk does not give it; a retry may succeed."""
        self._ready()
        try:
            try:
                self._db = self._connect(self._path)
                return self._load(self._db)
            except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
                self.close()
                if isinstance(error, sqlite3.DatabaseError) and not damaged(error):
                    raise
                return self._start_over(error)
        except (sqlite3.DatabaseError, OSError) as error:
            raise StorageUnavailable(f"{self._path}: {error}; the data folder must be writable and have room") from None

    def look(self) -> Kept:
        """What can be read without writing beside it, which may be nothing."""
        for way in (self._copy, self._as_it_stands):
            try:
                with way() as db:
                    return self._load(db)
            except (OSError, sqlite3.DatabaseError, msgspec.DecodeError) as error:
                log.info("view.unread", reason=str(error))
        return {}, {}

    @contextlib.contextmanager
    def _copy(self) -> Iterator[sqlite3.Connection]:
        """In memory, since a reader too needs room for an index beside the file."""
        with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
            copy = Path(folder) / self._path.name
            shutil.copyfile(self._path, copy)
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{self._path}-wal", f"{copy}-wal")
            with contextlib.closing(self._connect(copy)) as db:
                yield db

    @contextlib.contextmanager
    def _as_it_stands(self) -> Iterator[sqlite3.Connection]:
        """Without what its log still holds."""
        with contextlib.closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?immutable=1", uri=True)) as db:
            yield db

    def _connect(self, path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA page_size = 1024")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA cache_size = -256")
            db.execute("BEGIN IMMEDIATE")  # an older file on a disk that only reads opens without complaint
            db.execute("ROLLBACK")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
            elif version != SCHEMA:
                raise broken(f"view version {version}, not {SCHEMA}")
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _start_over(self, error: Exception) -> Kept:
        log.warning("view.discarded", reason=str(error))
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._db = self._connect(self._path)
        return self._load(self._db)

    def _load(self, db: sqlite3.Connection) -> Kept:
        self._ids.clear()
        return self._load_series(db), _load_content(db)

    def _load_series(self, db: sqlite3.Connection) -> dict[Key, Series]:
        by_id: dict[int, Series] = {}
        for number, device, quantity, unit, t, v, q in db.execute("SELECT id, device, quantity, unit, t, v, q FROM series"):
            by_id[number] = Series(device, quantity, unit)
            by_id[number].last = None if t is None else (t, v, q)
            self._ids[device, quantity] = number
        stored: set[tuple[int, int]] = set()
        for number, start, count, total, low, high in db.execute("SELECT series, start, count, total, low, high FROM bucket"):
            if number in by_id:
                by_id[number].buckets[start] = Bucket(count, total, low, high)
                stored.add((number, start))
        for number, t, v, q in db.execute("SELECT series, t, v, q FROM raw ORDER BY t"):
            if number not in by_id:
                continue
            series, start = by_id[number], t - t % BUCKET_MS
            complete = series.buckets.get(start) if (number, start) in stored else None
            series.add(t, v, q)
            if complete is not None:
                series.buckets[start] = complete
        return {(s.device, s.quantity): s for s in by_id.values()}

    def write(self, change: Change, series: Iterable[Series]) -> None:
        """One transaction. Raises ``sqlite3.Error``."""
        touched, db, ids = {point[0] for point in change.points}, self._open_one(), dict(self._ids)
        with db:
            db.execute("BEGIN")
            for one in series:
                key = (one.device, one.quantity)
                if key not in ids:
                    row = db.execute("INSERT INTO series (device, quantity, unit) VALUES (?, ?, ?)", (*key, one.unit))
                    ids[key] = row.lastrowid or 0
                if key in touched and one.last is not None:
                    db.execute("UPDATE series SET t = ?, v = ?, q = ? WHERE id = ?", (*one.last, ids[key]))
            db.executemany("INSERT INTO raw (series, t, v, q) VALUES (?, ?, ?, ?)", [(ids[k], *r) for k, *r in change.points])
            db.executemany(
                "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)",
                [(ids[key], start, *bucket) for (key, start), bucket in change.closed.items()],
            )
        self._ids = ids  # only now: what was rolled back has no number

    def prune(self, newest: int) -> None:
        """Throw away what is older than it is kept; ``newest`` reading in milliseconds UTC. Raises ``sqlite3.Error``."""
        with (db := self._open_one()):
            db.execute("BEGIN")
            db.execute("DELETE FROM raw WHERE t < ?", (newest - RAW_MS - BUCKET_MS,))
            db.execute("DELETE FROM bucket WHERE start < ?", (newest - KEPT_MS,))

    def keep(self, content: Content) -> None:
        """Raises ``sqlite3.Error``."""
        row = (content.key, content.version, content.at, msgspec.json.encode(content.document))
        self._open_one().execute("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Twice is harmless."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open_one(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.OperationalError(f"{self._path} is not open")
        return self._db


def _load_content(db: sqlite3.Connection) -> dict[str, Content]:
    rows = db.execute("SELECT key, version, at, document FROM content")
    return {key: Content(key, version, at, msgspec.json.decode(document)) for key, version, at, document in rows}
