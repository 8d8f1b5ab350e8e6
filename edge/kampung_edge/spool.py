"""The spool: what leaves the village waits here until the cloud's receipt."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from kampung_contract.errors import InvalidPack, StorageUnavailable
from kampung_contract.pack import VERSION, Clock, Pack, encode
from kampung_contract.receipt import Receipt, Rejection, coalesce
from kampung_contract.topics import Lane

from kampung_edge.clock import wall_ms
from kampung_edge.packing import FRESH_MS, Draft
from kampung_edge.spool_file import PAGE, damaged, open_spool, quarantine, transaction
from kampung_edge.spool_room import make_room

log = structlog.get_logger("spool")

MAX_BYTES = 2_000_000_000
LAZY_FORGETS = 128
"""Receipted packs are deleted together with the next append (a second commit would double the bytes written), or when so many wait."""


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
    """``bytes`` of packs waiting; ``oldest`` first reading in milliseconds UTC; ``last`` the highest number given."""

    epoch: str
    packs: int
    bytes: int
    oldest: int | None
    last: int
    rejected: int
    dropped: int
    ignored_receipts: int
    damaged: str | None


class Spool:
    """Durable queue of packs over one SQLite file; safe to use from several threads.

    ``append`` has a pack on the disk when it returns. ``peek`` gives packs to send and changes nothing. ``forget`` takes a receipt.
    All raise ``StorageUnavailable`` when the disk does not take or give data; a retry may succeed. A damaged file is moved aside and
    a new one with a new epoch begun, whichever call meets it.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, now: Callable[[], int] = wall_ms) -> None:
        """Raises ``ConfigurationError`` for a file of a newer version and ``StorageUnavailable`` where none can be had."""
        self.path, self._max_pages, self._now = path, max(max_bytes // PAGE, 32), now
        self._lock = threading.RLock()
        self._damaged: str | None = None
        self._dropped = self._ignored = 0
        self._said: set[str] = set()
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._quarantine(error)

    def _open(self) -> None:
        self._db, self.epoch = open_spool(self.path)
        self._packs, self._bytes = self._db.execute("SELECT count(*), coalesce(sum(length(payload)), 0) FROM packs").fetchone()
        self._rejected = self._db.execute("SELECT count(*) FROM rejected").fetchone()[0]
        self._last = self._given()
        self._forgotten: set[int] = set()  # receipted, still in the file
        self._handed: dict[int, int] = {}  # seq to size, of what peek gave out in this run
        self._fresh: deque[tuple[int, int]] = deque()  # (seq, last) of live packs of this run, oldest first

    def append(self, drafts: Sequence[Draft], boot: str, clock: Clock) -> list[int]:
        """Store ``drafts`` in one transaction and give their numbers, ascending; a draft over 64 KB becomes several packs.

        Raises ``KampungError`` with code ``too_large`` for one event or reading that is over 64 KB; nothing is stored then.
        """
        with self._lock:
            try:
                return self._append(drafts, boot, clock)
            except sqlite3.DatabaseError as error:
                self._meet(error)
                return self._append(drafts, boot, clock)  # into the new file

    def _append(self, drafts: Sequence[Draft], boot: str, clock: Clock) -> list[int]:
        with transaction(self._db):
            self._delete_forgotten()
            stored = [row for draft in drafts for row in self._store(draft, boot, clock)]
            numbers = [row.seq for row in stored]
            room = make_room(self._db, self._max_pages)
            if room.gaps:
                stored += self._store(Draft(Lane.EVENT, events=room.gaps), boot, clock)
        self._last = stored[-1].seq if stored else self._last
        self._packs += len(stored) - len(room.dropped)
        self._bytes += sum(len(w.payload) for w in stored) - room.bytes
        self._rejected -= room.rejected
        self._dropped += len(room.dropped)
        self._forgotten.clear()
        for seq in room.dropped:
            self._handed.pop(seq, None)
        self._fresh.extend((w.seq, w.last) for w in stored if w.lane is Lane.LIVE and w.seq not in room.dropped)
        self._prune_fresh()
        return numbers

    def _store(self, draft: Draft, boot: str, clock: Clock) -> Iterator[Waiting]:
        seq = self._given() + 1
        try:
            payload = encode(Pack(VERSION, self.epoch, seq, boot, clock, draft.series, draft.events))
        except InvalidPack:
            for half in draft.halves():
                yield from self._store(half, boot, clock)
            return
        row = Waiting(seq, draft.lane, draft.readings, *draft.span(), payload)
        cursor = self._db.execute(
            "INSERT INTO packs (lane, readings, first, last, payload) VALUES (?, ?, ?, ?, ?)",
            (row.lane, row.readings, row.first, row.last, payload),
        )
        if cursor.lastrowid != seq:
            raise AssertionError(f"sqlite gave {cursor.lastrowid} where {seq} was due")
        yield row

    def _given(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'packs'").fetchone()
        return 0 if row is None else int(row[0])

    def peek(self, limit: int, skip: Collection[int] = frozenset()) -> list[Waiting]:
        """At most ``limit`` packs that are not in ``skip``: events, then live ones under a minute old, then the rest, each by number."""
        with self._lock, self._guarded():
            hidden = self._forgotten.union(skip)
            events = "SELECT seq FROM packs WHERE lane = 'event' ORDER BY seq LIMIT ?"
            numbers = [s for (s,) in self._db.execute(events, (limit + len(hidden),)) if s not in hidden][:limit]
            self._prune_fresh()
            numbers += [s for s, _ in self._fresh if s not in hidden][: limit - len(numbers)]
            if len(numbers) < limit:
                hidden.update(numbers)
                rest = self._db.execute("SELECT seq FROM packs ORDER BY seq LIMIT ?", (limit + len(hidden),))
                numbers += [s for (s,) in rest if s not in hidden][: limit - len(numbers)]
            return self.read(numbers)
        return []

    def read(self, numbers: Collection[int]) -> list[Waiting]:
        """These packs in the order asked; those that are receipted or dropped by now are left out."""
        with self._lock, self._guarded():
            out = []
            for number in numbers:
                row = self._db.execute("SELECT lane, readings, first, last, payload FROM packs WHERE seq = ?", (number,)).fetchone()
                if row is not None and number not in self._forgotten:
                    out.append(Waiting(number, Lane(row[0]), *row[1:]))
                    self._handed[number] = len(row[4])
            return out
        return []

    def forget(self, receipt: Receipt) -> list[int]:
        """Let go of what ``receipt`` names and keep what it rejects in the table ``rejected``; gives the numbers that wait no more.

        A receipt of another epoch, and numbers that were not handed out in this run, change nothing: they are counted.
        """
        with self._lock:
            if receipt.epoch != self.epoch:
                self._ignore("epoch", receipt=receipt.epoch, own=self.epoch)
                return []
            for first, last in receipt.ranges:
                if last > self._last:
                    self._ignore("never given", first=first, last=last, own_last=self._last)
            gone = [s for s in self._handed if any(first <= s <= last for first, last in receipt.ranges)]
            refused = {r.seq: r for r in receipt.rejected if r.seq in self._handed and r.seq not in gone}
            if refused:
                self._reject(refused)
            for seq in gone:
                self._bytes -= self._handed.pop(seq)
            self._packs -= len(gone)
            self._forgotten.update(gone)
            if len(self._forgotten) >= LAZY_FORGETS:
                self.flush()
            return [*gone, *refused]

    def _reject(self, refused: dict[int, Rejection]) -> None:
        move = "INSERT OR REPLACE INTO rejected SELECT seq, lane, readings, first, last, ?, ?, ?, payload FROM packs WHERE seq = ?"
        with self._guarded():
            with transaction(self._db):
                self._db.executemany(move, [(self._now(), r.code, r.detail, seq) for seq, r in refused.items()])
                self._db.executemany("DELETE FROM packs WHERE seq = ?", [(seq,) for seq in refused])
            for seq, r in refused.items():
                self._bytes -= self._handed.pop(seq)
                log.warning("pack.rejected", seq=seq, code=r.code, detail=r.detail)
            self._packs -= len(refused)
            self._rejected += len(refused)

    def flush(self) -> None:
        """Delete what is receipted from the file now rather than with the next append."""
        with self._lock, self._guarded():
            if self._forgotten:
                with transaction(self._db):
                    self._delete_forgotten()
                self._forgotten.clear()

    def _delete_forgotten(self) -> None:
        ranges = coalesce(self._forgotten)
        self._db.executemany("DELETE FROM packs WHERE seq BETWEEN ? AND ?", ranges)

    def stats(self) -> SpoolStats:
        """What health and the node's state say of the spool."""
        with self._lock:
            oldest = None
            with self._guarded():
                if self._packs:
                    rows = self._db.execute(
                        "SELECT seq, first FROM packs WHERE first > 0 ORDER BY seq LIMIT ?", (len(self._forgotten) + 1,)
                    )
                    oldest = next((first for seq, first in rows if seq not in self._forgotten), None)
            return SpoolStats(
                self.epoch, self._packs, self._bytes, oldest, self._last, self._rejected, self._dropped, self._ignored, self._damaged
            )

    def close(self) -> None:
        """Flush and close the file; the spool cannot be used after."""
        with self._lock:
            with contextlib.suppress(StorageUnavailable):
                self.flush()
            self._db.close()

    def _prune_fresh(self) -> None:
        while self._fresh and (self._fresh[0][0] in self._forgotten or self._fresh[0][1] < self._now() - FRESH_MS):
            self._fresh.popleft()

    def _ignore(self, why: str, **fields: object) -> None:
        self._ignored += 1
        if why not in self._said:
            self._said.add(why)
            log.warning("receipt.ignored", why=why, **fields)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """A damaged file is replaced and the block given up; any other trouble of sqlite is ``StorageUnavailable``."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._meet(error)

    def _meet(self, error: sqlite3.DatabaseError) -> None:
        if not damaged(error):
            raise StorageUnavailable(f"{self.path}: {error}; make room on the disk or repair it, the spool tries again") from error
        self._db.close()
        self._quarantine(error)

    def _quarantine(self, error: sqlite3.DatabaseError) -> None:
        if not damaged(error):
            raise StorageUnavailable(f"{self.path}: {error}") from error
        aside = quarantine(self.path)
        self._damaged = aside.name
        log.error("spool.damaged", error=str(error), kept_as=aside.name)
        self._open()
