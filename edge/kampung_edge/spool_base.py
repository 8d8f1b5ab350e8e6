"""The spool's file in use: opened, replaced when it is damaged, taken away or an older copy of itself, and what is then brought over."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from kampung_contract.errors import StorageUnavailable
from kampung_contract.pack import decode
from kampung_contract.receipt import coalesce
from kampung_contract.topics import Lane

from kampung_edge.salvage import Wreck
from kampung_edge.spool_file import PAGE, broken, damaged, open_spool, quarantine
from kampung_edge.spool_mark import Mark
from kampung_edge.spool_salvage import Salvager, roots

log = structlog.get_logger("spool")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pack as it waits. ``first`` and ``last`` are times of its readings in milliseconds UTC (0 for events)."""

    seq: int
    lane: Lane
    readings: int
    first: int
    last: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class SpoolStats:
    """``bytes`` of packs waiting; ``oldest`` first reading in milliseconds UTC; ``last`` the highest number given.

    ``refused``: groups of readings no pack could hold; ``low_disk``: the disk's reserve is touched; ``damaged``: the file set aside;
    ``trouble``: why the file cannot be read now.
    """

    epoch: str
    packs: int
    bytes: int
    oldest: int | None
    last: int
    rejected: int
    dropped: int
    ignored_receipts: int
    damaged: str | None
    refused: int = 0
    low_disk: bool = False
    trouble: str | None = None


class SpoolBase:
    """``_db`` and ``epoch`` change when the file is replaced; everything happens under ``_lock``."""

    epoch: str
    """Empty as long as the file was never open."""

    def __init__(self, path: Path, *, later: bool = False, ready: Callable[[], None] = lambda: None) -> None:
        """Opens the file as ``open`` does, unless it is to be opened ``later``.

        ``ready`` is called before the file is touched, and may raise what ``open`` raises.
        """
        self.path, self._ready = path, ready
        self._lock = threading.RLock()
        self._damaged: str | None = None
        self._closed = self.opened = False
        self._mark = Mark(path, self._first_waiting)
        self._salvager = Salvager(path)
        self._db, self.epoch = sqlite3.connect(":memory:"), ""
        self._db.close()
        self._blank()
        if not later:
            self.open()

    def open(self) -> None:
        """Have the file open; does nothing where it is.

        Raises ``ConfigurationError`` for a file of a newer version and ``StorageUnavailable`` where none can be had; a retry may succeed.
        """
        with self._lock:
            if self.opened or self._closed:
                return
            self._ready()
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                self._quarantine(error)
            reached = self._mark.behind(self.epoch, self._given())
            if reached is not None:
                self.renew(f"it ends with pack {self._given()}, but had already come to {reached}: it is an older copy of itself")
            self._mark.renew(self.epoch, self._given(), force=True)
            self._salvager.begin()

    def _open(self) -> None:
        try:
            self._db, self.epoch = open_spool(self.path)
            try:
                stat = self.path.stat()
                self._identity = stat.st_dev, stat.st_ino
                self._looked_through = False
                self._load()
            except BaseException:
                self._db.close()
                raise
        except OSError as error:
            raise StorageUnavailable(f"{self.path}: {error.strerror}; the data folder must be there and be writable") from None
        self.opened = True

    def _blank(self) -> None:
        """What is kept in memory, before there is a file."""
        raise NotImplementedError

    def _load(self) -> None:
        """What is kept in memory of the file."""
        raise NotImplementedError

    def renew(self, reason: str) -> None:
        """Begin a new epoch and bring over what waits: numbers of this one may stand for other packs elsewhere."""
        with self._lock:
            self._db.close()
            self._replace(reason)

    def _look(self) -> None:
        """Notice a file that was deleted or replaced under us: what it held is still readable to us, and brought over."""
        try:
            stat = self.path.stat()
            if (stat.st_dev, stat.st_ino) == self._identity:
                return
        except FileNotFoundError:
            pass
        except OSError:  # it cannot be seen whether it is there; whoever needs it finds out
            return
        lost = self._db
        try:
            self._replace("the file was taken away while it was in use")
        except StorageUnavailable:
            self._db, self.opened = lost, True  # it still takes and gives; the next look tries again
            raise
        self._salvager.begin_open(lost)

    def _doubt(self) -> None:
        """A pack is not what was stored: see, once, that the pages beside it are. Raises ``sqlite3.DatabaseError`` when others are lost."""
        if self._looked_through:
            return
        packs, _ = roots(self._db)
        with Wreck(self.path, PAGE) as file:
            there = file.held(packs, 1, self._given())
        if there != coalesce(seq for (seq,) in self._db.execute("SELECT seq FROM packs")):
            raise broken("packs are missing from its pages")
        self._looked_through = True

    def _first_waiting(self) -> int:
        row = self._db.execute("SELECT min(seq) FROM packs").fetchone()
        return int(row[0] or self._given() + 1)

    def _given(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'packs'").fetchone()
        return 0 if row is None else int(row[0])

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """A damaged file is replaced and the block given up; any other trouble of sqlite is ``StorageUnavailable``."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._meet(error)

    def _meet(self, error: sqlite3.DatabaseError) -> None:
        if not self._closed and (not self.opened or isinstance(error, sqlite3.ProgrammingError)):
            self.opened = False  # none could be had yet, or the last one was moved aside and no new one made
            self.open()
            return
        if not damaged(error):
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:  # a handle that stays so when the disk is not
                self._db.close()
                self.opened = False
            raise StorageUnavailable(f"{self.path}: {error}; make room on the disk or repair it, the spool tries again") from error
        self._db.close()
        self._quarantine(error)

    def _quarantine(self, error: sqlite3.DatabaseError) -> None:
        if not damaged(error):
            raise StorageUnavailable(f"{self.path}: {error}") from error
        self._replace(str(error))

    def _replace(self, reason: str) -> None:
        self.opened = False
        try:
            aside = quarantine(self.path)
        except OSError as error:
            raise StorageUnavailable(f"{self.path}: {reason}; it cannot be moved aside: {error.strerror}") from None
        self._mark.set_aside(aside)
        self._damaged = aside.name
        log.error("spool.damaged", error=reason, kept_as=aside.name)
        self._open()
        self._mark.renew(self.epoch, self._given(), force=True)
        self._salvager.begin()

    @staticmethod
    def _sound(row: tuple[Any, ...], epoch: str, seq: int) -> bool:
        """Whether (lane, readings, first, last, payload) are still what was stored under this number."""
        try:
            Lane(row[0])
            pack = decode(row[4])
        except Exception:  # noqa: BLE001 - bytes from a damaged disk may be anything
            return False
        return (pack.epoch, pack.seq) == (epoch, seq) and all(isinstance(number, int) for number in row[1:4])
