"""What a spool does beside its queue: correct clocks, bring over packs of a file set aside, keep its file small and whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import structlog
from kampung_contract.pack import Clock
from kampung_contract.topics import Lane

from kampung_edge import spool_clock
from kampung_edge.packing import Draft
from kampung_edge.spool_base import SpoolBase, Waiting
from kampung_edge.spool_file import transaction
from kampung_edge.spool_room import low_disk

log = structlog.get_logger("spool")

VACUUM_PAGES = 400
"""The file gives so many free pages back at once, when a quarter of it is free."""


class TendedSpool(SpoolBase):
    """``tend`` is called by the writer between commits, ``keep_house`` twice a minute."""

    _now: Callable[[], int]
    _reserve: int
    _last: int
    _bytes: int
    _refused: int
    _handed: dict[int, int]
    _fresh: deque[tuple[int, int]]
    _pending: set[str]
    _uncorrected: bool

    def _store(self, draft: Draft, boot: str, clock: Clock) -> Iterator[Waiting]:
        """Number and insert; within a transaction."""
        raise NotImplementedError

    def _added(self, stored: Sequence[Waiting]) -> None:
        """Committed: count them."""
        raise NotImplementedError

    def needs_correction(self, boot: str) -> bool:
        """Packs of ``boot`` were made unsynchronised, and no correction was told since."""
        return boot in self._pending

    def correct(self, boot: str, clock: Clock, at: int) -> None:
        """True time is known: at CLOCK_BOOTTIME ``clock.up`` of ``boot`` it was ``at`` (milliseconds UTC).

        The event that says so and what is remembered of it are one transaction; ``tend`` then corrects the packs that still wait.
        """
        with self._lock, self._guarded():
            with transaction(self._db):
                event = spool_clock.learn(self._db, boot, clock.up, at)
                stored = list(self._store(Draft(Lane.EVENT, events=[event]), boot, clock))
            self._added(stored)
            self._pending.discard(boot)

    def tend(self, boot: str, clock: Clock) -> bool:
        """A step of what is left to do: correct packs, bring over packs of a file set aside. True when there may be more."""
        with self._lock, self._guarded():
            return self._correct_some() | self._salvage_some(boot, clock)
        return True

    def _correct_some(self) -> bool:
        if not self._uncorrected:
            return False
        with transaction(self._db):
            done, more = spool_clock.correct(self._db)
        self._bytes += sum(c.growth for c in done)
        times = {c.seq: c.last for c in done}
        self._fresh = deque((seq, times.get(seq, last)) for seq, last in self._fresh)
        for c in done:
            if c.seq in self._handed:
                self._handed[c.seq] += c.growth
        self._uncorrected = more or self._db.execute("SELECT count(*) FROM unsynchronised").fetchone()[0] > 0
        return more

    def _salvage_some(self, boot: str, clock: Clock) -> bool:
        if self._salvager.waiting is None:
            return False
        stored: list[Waiting] = []
        with transaction(self._db):
            event = self._salvager.step(self._db, lambda draft, b, c: stored.extend(self._store(draft, b, c)))
            if event is not None:
                stored += self._store(Draft(Lane.EVENT, events=[event]), boot, clock)
        self._added(stored)
        name = self._salvager.settle()
        self._damaged = name or self._damaged
        return self._salvager.waiting is not None

    def set_aside(self, readings: str, reason: str) -> None:
        """Keep what no pack can hold; it is not sent."""
        with self._lock, self._guarded():
            with transaction(self._db):
                self._db.execute("INSERT INTO refused (at, reason, readings) VALUES (?, ?, ?)", (self._now(), reason, readings))
            self._refused += 1

    def keep_house(self) -> None:
        """Now and then: see that the file is still there, delete what is receipted, give free pages back."""
        if not self.opened:
            return
        with self._lock, self._guarded():
            self._look()
            self._mark.renew(self.epoch, self._last)
            free, pages = (self._db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("freelist_count", "page_count"))
            if free > max(VACUUM_PAGES, pages // 4):
                self._db.executescript(f"PRAGMA incremental_vacuum({VACUUM_PAGES})")  # execute() would take one step, which is one page
            if low_disk(self.path.parent, self._reserve):
                for old in self._salvager.finished():
                    old.unlink(missing_ok=True)
                    log.warning("spool.removed", file=old.name, reason="the disk is low; everything readable in it was brought over")
