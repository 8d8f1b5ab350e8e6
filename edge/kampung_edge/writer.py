"""The spool's only writer: groups readings into commits, and keeps them while the disk refuses."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import structlog
from kampung_contract.errors import KampungError, StorageUnavailable
from kampung_contract.topics import Lane

from kampung_edge.clock import EdgeClock
from kampung_edge.config import SpoolSetting
from kampung_edge.intake import EventItem, Intake, Stop
from kampung_edge.packing import Draft, Row, drafts
from kampung_edge.spool import Spool

log = structlog.get_logger("spool")

FIRST_RETRY_S, LAST_RETRY_S = 0.5, 30.0


class Writer:
    """``run`` is a thread's body. A group is at most ``commit_rows`` readings or ``commit_ms`` old; an event commits at once."""

    def __init__(self, intake: Intake, spool: Spool, clock: EdgeClock, setting: SpoolSetting, written: Callable[[], None]) -> None:
        """``written`` is called after each commit."""
        self._intake, self._spool, self._clock, self._written = intake, spool, clock, written
        self._rows, self._seconds = setting.commit_rows, setting.commit_ms / 1000
        self._group: list[Row] = []
        self._events: list[EventItem] = []
        self._stopping = False
        self._hurry = threading.Event()
        self.trouble: str | None = None
        """Why the disk does not take what is in memory; None when it does."""

    def run(self) -> None:
        """Until the intake is closed; takes up its own open group when it is started again."""
        while not self._stopping:
            if not self._group and not self._events:
                self._accept(self._intake.queue.get())
            self._gather(time.monotonic() + self._seconds)
            self._commit()

    def hurry(self) -> None:
        """The edge stops: do not wait for a disk that refuses."""
        self._hurry.set()

    def _gather(self, until: float) -> None:
        while not self._stopping and not self._events and len(self._group) < self._rows:
            left = until - time.monotonic()
            try:
                self._accept(self._intake.queue.get(timeout=left) if left > 0 else self._intake.queue.get_nowait())
            except queue.Empty:
                return

    def _accept(self, item: Row | EventItem | Stop) -> None:
        if isinstance(item, Stop):
            self._stopping = True
        elif isinstance(item, EventItem):
            self._events.append(item)
        else:
            self._group.append(item)

    def _commit(self) -> None:
        wait = FIRST_RETRY_S
        while self._group or self._events:
            try:
                self._store()
            except StorageUnavailable as error:
                if self.trouble is None:
                    log.error("spool.refuses", reason=error.message, readings=len(self._group))
                self.trouble = error.message
                if self._hurry.wait(wait):
                    log.error("spool.lost", readings=len(self._group) + self._intake.queue.qsize(), reason=error.message)
                    self._group, self._events = [], []
                    return
                wait = min(wait * 2, LAST_RETRY_S)
        if self.trouble is not None:
            log.info("spool.writes_again")
            self.trouble = None
        self._written()

    def _store(self) -> None:
        events, self._events = self._events, []
        try:
            batch = drafts(self._group)
            if batch:
                self._spool.append(batch, self._clock.boot, self._clock.stamp())
                self._group = []
            while events:
                self._store_event(events[0])
                events.pop(0)
        except StorageUnavailable:
            self._events = events
            raise

    def _store_event(self, item: EventItem) -> None:
        try:
            numbers = self._spool.append([Draft(Lane.EVENT, events=[item.event])], self._clock.boot, self._clock.stamp())
        except StorageUnavailable:
            raise
        except (KampungError, TypeError) as error:
            item.stored.set_exception(error)
            return
        item.stored.set_result(numbers[-1])
