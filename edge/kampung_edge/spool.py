"""The spool: what leaves the village waits here until the cloud's receipt."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import structlog
from kampung_contract.errors import InvalidPack, StorageUnavailable
from kampung_contract.pack import VERSION, Clock, Pack, encode
from kampung_contract.receipt import Receipt, Rejection, coalesce
from kampung_contract.topics import Lane

from kampung_edge import spool_clock
from kampung_edge.clock import Era, wall_ms
from kampung_edge.packing import FRESH_MS, Draft
from kampung_edge.spool_base import SpoolStats, Waiting
from kampung_edge.spool_commands import CommandSpool
from kampung_edge.spool_file import PAGE, transaction
from kampung_edge.spool_grow import Grown, Growth, grow
from kampung_edge.spool_room import ceiling, gaps, low_disk, make_room

log = structlog.get_logger("spool")

MAX_BYTES = 2_000_000_000
RESERVE_BYTES = 200_000_000
LAZY_FORGETS = 128
"""Receipted packs are deleted together with the next append (a second commit would double the bytes written), or when so many wait."""

_NUMBERS = "CAST(coalesce(readings, 0) AS INTEGER), CAST(coalesce(first, 0) AS INTEGER), CAST(coalesce(last, 0) AS INTEGER)"
"""Of a row whose bytes may be anything."""


class Spool(CommandSpool):
    """Durable queue of packs over one SQLite file; safe to use from several threads.

    ``append`` has a pack on the disk when it returns. ``peek`` gives packs to send and changes nothing. ``forget`` takes a receipt.
    All raise ``StorageUnavailable`` when the disk does not take or give data; a retry may succeed. A damaged file is moved aside and
    a new one with a new epoch begun, whichever call meets it; ``tend`` brings over what can be read of the old one.
    """

    def __init__(
        self,
        path: Path,
        max_bytes: int = MAX_BYTES,
        now: Callable[[], int] = wall_ms,
        reserve_bytes: int = RESERVE_BYTES,
        *,
        later: bool = False,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Opens the file as ``open`` does; ``later`` and ``ready``: see ``SpoolBase``."""
        self._max_pages, self._reserve, self._now = max(max_bytes // PAGE, 32), reserve_bytes, now
        self._dropped = self._ignored = 0
        self._said: set[str] = set()
        super().__init__(path, later=later, ready=ready)

    def _blank(self) -> None:
        self._packs = self._bytes = self._rejected = self._refused = self._last = 0
        self._forgotten: set[int] = set()  # receipted, still in the file
        self._handed: dict[int, int] = {}  # seq to size, of what peek gave out in this run
        self._bad: set[int] = set()  # not what was stored under this number; moved and told with the next append, or by ``tend``
        self._fresh: deque[tuple[int, int]] = deque()  # (seq, last) of live packs of this run, oldest first
        self._pending: set[str] = set()
        self._uncorrected = False
        self._growth = Growth(self._now)

    def _load(self) -> None:
        self._blank()
        self._packs, self._bytes = self._db.execute("SELECT count(*), coalesce(sum(length(payload)), 0) FROM packs").fetchone()
        self._rejected = self._db.execute("SELECT count(*) FROM rejected").fetchone()[0]
        self._refused = self._db.execute("SELECT count(*) FROM refused").fetchone()[0]
        self._last = self._given()
        self._pending = spool_clock.pending(self._db)
        self._uncorrected = self._db.execute("SELECT count(*) FROM unsynchronised").fetchone()[0] > 0

    def append(
        self,
        drafts: Sequence[Draft],
        boot: str,
        clock: Clock,
        also: Callable[[sqlite3.Connection], None] | None = None,
        *,
        era: Era | None = None,
    ) -> list[int]:
        """Store ``drafts`` in one transaction and give their numbers, ascending; a draft over 64 KB becomes several packs.

        ``also`` writes what must be true exactly when the drafts are stored. With ``era``, in which the readings were stamped, live ones
        may join the last pack of that era while nobody takes packs; its number is then given again.

        Raises ``KampungError`` with code ``too_large`` for one event or reading that is over 64 KB; nothing is stored then.
        """
        with self._lock:
            try:
                return self._append(drafts, boot, clock, also, era)
            except sqlite3.DatabaseError as error:
                self._meet(error)
                return self._append(drafts, boot, clock, also, era)  # into the new file

    def _append(
        self, drafts: Sequence[Draft], boot: str, clock: Clock, also: Callable[[sqlite3.Connection], None] | None, era: Era | None
    ) -> list[int]:
        with transaction(self._db):
            if also is not None:
                also(self._db)
            self._delete_forgotten()
            limit = ceiling(self._db, self._max_pages, self.path.parent, self._reserve)
            grown = self._grow(drafts[0], era) if drafts and era is not None else None
            stored = [row for draft in drafts[grown is not None :] for row in self._store(draft, boot, clock)]
            numbers = [row.seq for row in stored] if grown is None else [grown.seq, *(row.seq for row in stored)]
            bad = self._move_bad()
            room = make_room(self._db, limit)
            if told := gaps(bad) + room.gaps:
                stored += self._store(Draft(Lane.EVENT, events=told), boot, clock)
            if self._uncorrected:
                spool_clock.forget(self._db, coalesce(room.dropped))
        gone = room.dropped.union(b[0] for b in bad)
        if grown is not None:
            self._bytes += grown.growth
            self._fresh = deque(sorted((dict(self._fresh) | {grown.seq: grown.last}).items()))
        self._last = max([self._last, *(w.seq for w in stored)])
        self._added([w for w in stored if w.seq not in room.dropped])
        if era is not None and (live := [w.seq for w in stored if w.lane is Lane.LIVE]):
            self._growth.stored(live[-1], era)
        self._packs += len(stored) - len(gone) - sum(w.seq not in room.dropped for w in stored)
        self._bytes += sum(len(w.payload) for w in stored if w.seq in room.dropped) - room.bytes - sum(b[4] for b in bad)
        self._rejected += len(bad) - room.rejected
        self._dropped += len(room.dropped)
        self._cleared(gone)
        self._bad.clear()
        return numbers

    def _grow(self, draft: Draft, era: Era) -> Grown | None:
        """Put live readings into the newest pack while that is nobody's business yet."""
        seq = self._growth.seq(draft, era)
        if seq is None or seq in self._handed or seq in self._forgotten or seq in self._bad:
            return None
        row = self._db.execute("SELECT lane, readings, first, last, payload FROM packs WHERE seq = ?", (seq,)).fetchone()
        if row is None or not self._sound(row, self.epoch, seq):
            return None
        grown = grow(seq, row[4], draft, era)
        if grown is not None:
            change = "UPDATE packs SET readings = ?, first = ?, last = ?, payload = ? WHERE seq = ?"
            self._db.execute(change, (grown.readings, grown.first, grown.last, grown.payload, seq))
        return grown

    def _added(self, stored: Sequence[Waiting]) -> None:
        """Committed: count them."""
        self._last = max([self._last, *(w.seq for w in stored)])
        self._packs += len(stored)
        self._bytes += sum(len(w.payload) for w in stored)
        self._fresh.extend((w.seq, w.last) for w in stored if w.lane is Lane.LIVE)
        self._prune_fresh()

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
        if not clock.synchronised:
            spool_clock.remember(self._db, seq, boot)
            self._uncorrected = True
            self._pending.add(boot)
        yield row

    def peek(self, limit: int, skip: Collection[int] = frozenset(), budget: int | None = None, *, rest: int | None = None) -> list[Waiting]:
        """At most ``limit`` packs that are not in ``skip``: events, then live ones under a minute old, then the rest, each by number.

        Of the rest at most ``rest``, and no more than make up ``budget`` bytes; the last of them may be over.
        """
        with self._lock, self._guarded():
            self._growth.asked()
            hidden = self._forgotten.union(skip, self._bad)
            events = "SELECT seq FROM packs WHERE lane = 'event' ORDER BY seq LIMIT ?"
            numbers = [s for (s,) in self._db.execute(events, (limit + len(hidden),)) if s not in hidden][:limit]
            self._prune_fresh()
            since = self._now() - FRESH_MS
            numbers += [s for s, last in self._fresh if last >= since and s not in hidden][: limit - len(numbers)]
            out = self.read(numbers)
            if len(numbers) < limit and budget != 0:
                hidden.update(numbers)
                others = self._db.execute("SELECT seq FROM packs ORDER BY seq LIMIT ?", (limit + len(hidden),)).fetchall()
                left, most = float("inf") if budget is None else float(budget), limit - len(numbers)
                for number in [s for (s,) in others if s not in hidden][: most if rest is None else min(most, rest)]:
                    if left <= 0:
                        break
                    out += (read := self.read([number]))
                    left -= sum(len(w.payload) for w in read)
            return out
        return []

    def read(self, numbers: Collection[int]) -> list[Waiting]:
        """These packs in the order asked; those that are receipted or dropped by now are left out."""
        with self._lock, self._guarded():
            out = []
            for number in numbers:
                row = self._db.execute("SELECT lane, readings, first, last, payload FROM packs WHERE seq = ?", (number,)).fetchone()
                if row is None or number in self._forgotten:
                    continue
                if number not in self._handed and not self._sound(row, self.epoch, number):
                    log.error("pack.damaged", seq=number)
                    self._doubt()
                    self._bad.add(number)
                else:
                    out.append(Waiting(number, Lane(row[0]), *row[1:]))
                    self._handed[number] = len(row[4])
            return out
        return []

    def waits(self, epoch: str, seq: int) -> bool:
        """Whether a pack of that epoch is not receipted yet; one of a spool that is gone does not wait. Raises ``StorageUnavailable``."""
        with self._lock, self._guarded():
            if epoch != self.epoch or seq in self._forgotten:
                return False
            return self._db.execute("SELECT 1 FROM packs WHERE seq = ?", (seq,)).fetchone() is not None

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
            self._fresh = deque(entry for entry in self._fresh if entry[0] not in refused)

    def flush(self) -> None:
        """Delete what is receipted from the file now rather than with the next append."""
        with self._lock, self._guarded():
            if self._forgotten:
                with transaction(self._db):
                    self._delete_forgotten()
                self._cleared()

    def _cleared(self, dropped: Collection[int] = ()) -> None:
        """What was receipted is deleted, and so is what was dropped."""
        gone = self._forgotten.union(dropped)
        self._fresh = deque(entry for entry in self._fresh if entry[0] not in gone)
        self._forgotten.clear()
        for seq in dropped:
            self._handed.pop(seq, None)

    def _delete_forgotten(self) -> None:
        ranges = coalesce(self._forgotten)
        self._db.executemany("DELETE FROM packs WHERE seq BETWEEN ? AND ?", ranges)
        if self._uncorrected:
            spool_clock.forget(self._db, ranges)

    def tend(self, boot: str, clock: Clock) -> bool:
        """As below; and packs found damaged are set apart and told, though no reading may ever come again."""
        with self._lock:
            told = bool(self._bad - self._forgotten) and self.opened
            if told:
                self.append([], boot, clock)
            return super().tend(boot, clock) or told

    def _move_bad(self) -> list[tuple[int, int, int, int, int]]:
        """Keep damaged packs apart; the cloud is told that they will not come."""
        moved = []
        look = f"SELECT seq, {_NUMBERS}, length(payload) FROM packs WHERE seq = ?"  # noqa: S608 - a constant
        for seq in sorted(self._bad - self._forgotten):
            row = self._db.execute(look, (seq,)).fetchone()
            if row is not None:
                moved.append(row)
        move = f"INSERT OR REPLACE INTO rejected SELECT seq, coalesce(lane, ''), {_NUMBERS}, ?, 'damaged', '', coalesce(payload, '')"
        self._db.executemany(f"{move} FROM packs WHERE seq = ?", [(self._now(), row[0]) for row in moved])
        self._db.executemany("DELETE FROM packs WHERE seq = ?", [(row[0],) for row in moved])
        return moved

    def stats(self) -> SpoolStats:
        """What health and the node's state say of the spool."""
        with self._lock:
            oldest = trouble = None
            try:
                oldest = self._oldest()
            except StorageUnavailable as error:
                trouble = error.message
            return SpoolStats(
                self.epoch,
                self._packs,
                self._bytes,
                oldest,
                self._last,
                self._rejected,
                self._dropped,
                self._ignored,
                self._damaged,
                self._refused,
                low_disk(self.path.parent, self._reserve),
                trouble,
            )

    def _oldest(self) -> int | None:
        with self._guarded():
            if self._packs:
                query = "SELECT seq, CAST(first AS INTEGER) FROM packs WHERE first > 0 ORDER BY seq LIMIT ?"
                rows = self._db.execute(query, (len(self._forgotten) + 1,))
                return next((first for seq, first in rows if seq not in self._forgotten), None)
        return None

    def close(self) -> None:
        """Flush and close the file; the spool cannot be used after."""
        with self._lock:
            if self.opened:
                with contextlib.suppress(StorageUnavailable):
                    self.flush()
                self._mark.renew(self.epoch, self._last, force=True)
            self._salvager.close()
            self._closed = True
            self._db.close()

    def _prune_fresh(self) -> None:
        while self._fresh and (self._fresh[0][0] in self._forgotten or self._fresh[0][1] < self._now() - FRESH_MS):
            self._fresh.popleft()

    def _ignore(self, why: str, **fields: object) -> None:
        self._ignored += 1
        if why not in self._said:
            self._said.add(why)
            log.warning("receipt.ignored", why=why, **fields)
