"""The spool's only writer: groups readings into commits, and keeps them while the disk refuses."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable

import structlog
from kampung_contract.errors import KampungError, StorageUnavailable
from kampung_contract.topics import Lane

from kampung_edge.clock import EdgeClock, Era
from kampung_edge.config import SpoolSetting
from kampung_edge.intake import Intake
from kampung_edge.memory import EventItem, Item, Stop
from kampung_edge.packing import Draft, Row, drafts
from kampung_edge.saving import Saving
from kampung_edge.spool import Spool

log = structlog.get_logger("spool")

FIRST_RETRY_S, LAST_RETRY_S = 0.5, 5.0
"""Residents are turned away until the disk takes again, and a disk that refuses is not worn by being asked."""
TICK_S = 1.0
"""So often the spool is tended while nothing comes."""


class Writer:
    """``run`` is a thread's body. A group is at most ``commit_rows`` readings or ``commit_ms`` old; an event commits at once.

    The time it took to write the group before counts: what came meanwhile is on the disk ``commit_ms`` after it came, and a commit later.

    A group never mixes two eras of the clock: a reading of another one closes it. While the spool cannot be opened or does not take,
    readings and the edge's own events wait; what somebody asked for is refused.
    """

    def __init__(
        self, intake: Intake, spool: Spool, clock: EdgeClock, setting: SpoolSetting, *, saving: Saving, written: Callable[[], None]
    ) -> None:
        """``written`` is called after each commit."""
        self._intake, self._spool, self._clock, self._saving, self._written = intake, spool, clock, saving, written
        self._rows, self._seconds = setting.commit_rows, setting.commit_ms / 1000
        self._group: list[Row] = []
        self._next: Row | None = None
        """A reading of another era than the open group's."""
        self._events: list[EventItem] = []
        self._stopping = False
        self._hurry = threading.Event()
        self.progress = time.monotonic()
        """When it last got on: a commit, or nothing to commit. A disk that is full is no standstill, a lock that is held is."""

    @property
    def held(self) -> int:
        """Readings in memory that are on no disk yet."""
        return self._intake.queue.readings() + len(self._group) + (self._next is not None)

    def run(self) -> None:
        """Until the intake is closed; takes up its own open group when it is started again.

        Raises ``ConfigurationError`` when the spool, once it can be seen, is one that must not be used.
        """
        busy = False
        since = time.monotonic()  # nothing that waits came before
        while not self._stopping:
            self._take_next()
            if not self._group and not self._events and not self._waited():
                try:
                    self._accept(self._intake.queue.get(timeout=0.01 if busy else TICK_S))
                except queue.Empty:
                    busy = self._tend()
                    continue
                since = time.monotonic()
            self.progress = time.monotonic() + self._seconds
            self._gather(since + self._seconds)
            if self._intake.queue.empty():  # else what is left there has waited as long as this group
                since = time.monotonic()
            self._commit()
            busy = self._tend()
        self._take_next()
        if self._group:
            self._commit()

    def hurry(self) -> None:
        """The edge stops: do not wait for a disk that refuses."""
        self._hurry.set()

    def _waited(self) -> bool:
        """Whether something came while the last group was written."""
        try:
            self._accept(self._intake.queue.get_nowait())
        except queue.Empty:
            return False
        return True

    def _take_next(self) -> None:
        if self._next is not None and not self._group:
            self._group, self._next = [self._next], None

    def _gather(self, until: float) -> None:
        while not self._stopping and not self._events and self._next is None and len(self._group) < self._rows:
            left = until - time.monotonic()
            try:
                self._accept(self._intake.queue.get(timeout=left) if left > 0 else self._intake.queue.get_nowait())
            except queue.Empty:
                return

    def _accept(self, item: Item) -> None:
        if isinstance(item, Stop):
            self._stopping = True
        elif isinstance(item, EventItem):
            self._events.append(item)
        elif self._group and self._group[0].era != item.era:
            self._next = item
        else:
            self._group.append(item)

    def _commit(self) -> None:
        wait = FIRST_RETRY_S
        while self._group or self._events:
            last_try = self._hurry.is_set()
            try:
                self._store()
            except StorageUnavailable as error:
                self._refused(error, wait)
                if last_try:
                    log.error("spool.lost", readings=self.held, reason=error.message)
                    self._group, self._events, self._next, self._stopping = [], [], None, True
                    return
                self._hurry.wait(wait)
                wait = min(wait * 2, LAST_RETRY_S)
        self._saving.resumes()
        self.progress = time.monotonic()
        self._written()

    def _refused(self, error: StorageUnavailable, wait: float) -> None:
        for item in self._events:
            if not item.patient:
                item.refuse(error)
        self._events = [item for item in self._events if item.patient]
        if self._group or self._events or not self._spool.opened:
            self._saving.stops(error.message)
        if not _held_up(error):
            self.progress = time.monotonic() + wait

    def _store(self) -> None:
        self._spool.open()
        if self._group:
            self._store_rows(self._group, self._group[0].era or self._clock.era())
            self._group = []
        self._tell_gaps()
        while self._events:
            self._store_event(self._events.pop(0))

    def _store_rows(self, rows: list[Row], era: Era) -> None:
        """What no pack can hold is set aside, one reading at a time, and holds nothing else up."""
        try:
            self._spool.append(drafts(rows), self._clock.boot, era.stamp(self._clock.up()), era=era)
        except StorageUnavailable:
            raise
        except Exception as error:
            if len(rows) == 1:
                log.exception("reading.refused", reading=str(rows[0]))
                self._spool.set_aside(str(rows[0]), repr(error))
                return
            half = len(rows) // 2
            self._store_rows(rows[:half], era)
            del rows[:half]  # stored: not again when the disk refuses the rest
            self._store_rows(rows, era)

    def _store_event(self, item: EventItem) -> None:
        if not item.begin():
            return
        try:
            numbers = self._spool.append([Draft(Lane.EVENT, events=[item.event])], self._clock.boot, self._clock.stamp())
        except Exception as error:
            if item.patient and isinstance(error, StorageUnavailable):
                self._events.insert(0, item)
                raise
            item.stored.set_exception(error)
            if not isinstance(error, KampungError | TypeError):
                raise
            return
        item.stored.set_result(numbers[-1])

    def _tell_gaps(self) -> None:
        era = self._clock.era()
        with self._saving.gaps(era) as events:
            if events:
                self._spool.append([Draft(Lane.EVENT, events=events)], self._clock.boot, era.stamp(self._clock.up()))

    def _tend(self) -> bool:
        """True when there is more to tend at once."""
        try:
            era, boot = self._clock.era(), self._clock.boot
            clock = era.stamp(self._clock.up())
            self._spool.open()
            self._tell_gaps()
            if era.synchronised and self._spool.needs_correction(boot):
                self._spool.correct(boot, clock, clock.up + era.offset)
                self._written()
            more = self._spool.tend(boot, clock)
        except StorageUnavailable as error:
            self._refused(error, 0.0)  # an open spool's trouble is told when readings meet it
            return False
        self._saving.resumes()
        self.progress = time.monotonic()
        if more:
            self._written()
        return more


def _held_up(error: StorageUnavailable) -> bool:
    """Somebody holds the database and does not let go."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
