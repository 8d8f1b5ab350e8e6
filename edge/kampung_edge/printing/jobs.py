"""Slips that are to be printed, in a file of their own: none is lost silently, and none is printed twice silently."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from kampung_contract.errors import KampungError, NotFound, StorageUnavailable

from kampung_edge.printing.slip import Slip

State = Literal["waiting", "printing", "done", "perhaps", "dropped"]
"""``perhaps``: bytes went out and nothing came back, so the paper must be looked at. ``dropped``: nobody waits for it any more."""
LIFE_MS = 15 * 60_000
"""A slip that waited so long for paper is not printed any more: whoever asked for it has gone."""
KEPT_MS = 24 * 3_600_000
FORGOTTEN_SOON = "complaint "
"""What such a slip is about begins so: it holds a word that only its owner is to know, and is forgotten after ``LIFE_MS``."""
MOST_COPIES = 3
_TABLE = """CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, about TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, tries INTEGER NOT NULL, slip BLOB NOT NULL
) WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Job:
    """``id`` cannot be guessed: who has it may print again. ``at``: asked for, or asked for again (ms UTC)."""

    id: str
    about: str
    state: State
    at: int
    tries: int
    slip: bytes


class Jobs:
    """Safe to use from several threads. All raise ``StorageUnavailable`` where the disk takes nothing; nothing is then changed."""

    def __init__(self, path: Path, now: Callable[[], int], ready: Callable[[], None] = lambda: None) -> None:
        self._path, self._now, self._ready = path, now, ready
        self._db: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def add(self, about: str, slip: Slip) -> Job:
        """A new one; or the one that is about the same and was asked for before, as it stands (a finger that touched twice)."""
        with self._open() as db:
            there = self._rows(db, "about = ? AND state != 'dropped' ORDER BY at DESC LIMIT 1", about)
            if there:
                return there[0]
            job = Job(secrets.token_hex(16), about, "waiting", self._now(), 1, msgspec.json.encode(slip))
            db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", (job.id, about, job.state, job.at, job.tries, job.slip))
            return job

    def again(self, number: str) -> Job:
        """Once more, because a person who saw the paper says so. Raises ``NotFound``, ``KampungError`` ``too_many``."""
        with self._open() as db:
            job = self._found(db, number)
            if job.state not in {"done", "perhaps", "dropped"}:
                return job
            if job.tries >= MOST_COPIES:
                raise KampungError(f"bukti ini sudah dicetak {MOST_COPIES} kali; catat atau foto nomornya", code="too_many")
            db.execute("UPDATE jobs SET state = 'waiting', at = ?, tries = tries + 1 WHERE id = ?", (self._now(), number))
            return self._found(db, number)

    def settle(self, number: str) -> Job:
        """A person has the paper of one that was perhaps printed. Raises ``NotFound``."""
        with self._open() as db:
            db.execute("UPDATE jobs SET state = 'done' WHERE id = ? AND state = 'perhaps'", (number,))
            return self._found(db, number)

    def job(self, number: str) -> Job:
        """Raises ``NotFound``."""
        with self._open() as db:
            return self._found(db, number)

    def next(self) -> Job | None:
        """The one that waits longest; what waited too long is dropped, what is long over is forgotten."""
        with self._open() as db:
            now = self._now()
            db.execute("UPDATE jobs SET state = 'dropped' WHERE state = 'waiting' AND abs(? - at) > ?", (now, LIFE_MS))
            over = "DELETE FROM jobs WHERE state NOT IN ('waiting', 'printing') AND abs(? - at) > ?"
            db.execute(over, (now, KEPT_MS))
            db.execute(f"{over} AND substr(about, 1, {len(FORGOTTEN_SOON)}) = ?", (now, LIFE_MS, FORGOTTEN_SOON))
            return next(iter(self._rows(db, "state = ? ORDER BY at, id LIMIT 1", "waiting")), None)

    def begin(self, number: str) -> bool:
        """On the disk before the first byte goes out. False when it does not wait."""
        with self._open() as db:
            return db.execute("UPDATE jobs SET state = 'printing' WHERE id = ? AND state = 'waiting'", (number,)).rowcount == 1

    def end(self, number: str, *, clean: bool) -> None:
        """Printed as far as the printer says; or nobody knows."""
        with self._open() as db:
            db.execute("UPDATE jobs SET state = ? WHERE id = ? AND state = 'printing'", ("done" if clean else "perhaps", number))

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._ready()
            try:
                if self._db is None:
                    self._db = _opened(self._path)
                with self._db:
                    self._db.execute("BEGIN IMMEDIATE")
                    yield self._db
            except sqlite3.Error as error:
                if self._db is not None:
                    self._db.close()
                    self._db = None
                raise StorageUnavailable(f"{self._path}: {error}; slips cannot be printed until the disk takes them") from None

    @staticmethod
    def _rows(db: sqlite3.Connection, where: str, value: str) -> list[Job]:
        return [Job(*row) for row in db.execute(f"SELECT id, about, state, at, tries, slip FROM jobs WHERE {where}", (value,))]  # noqa: S608 - our own words

    def _found(self, db: sqlite3.Connection, number: str) -> Job:
        found = self._rows(db, "id = ?", number)
        if not found:
            raise NotFound(f"cetakan {number[:12]!r} tidak dikenal di kios ini; mulai lagi dari bukti permohonan")
        return found[0]


def _opened(path: Path) -> sqlite3.Connection:
    """A damaged file is set aside. What was being printed when the program ended was perhaps printed."""
    for last in (False, True):
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute(_TABLE)
            db.execute("UPDATE jobs SET state = 'perhaps' WHERE state = 'printing'")
        except sqlite3.DatabaseError as error:
            db.close()
            if last or isinstance(error, sqlite3.OperationalError):
                raise
            path.replace(path.with_suffix(".damaged"))
        else:
            return db
    raise AssertionError("unreachable")
