"""What waits in memory for the spool's writer: readings and events, in order of arrival and bounded."""

from __future__ import annotations

import queue
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from kampung_contract.topics import Lane

from kampung_edge.packing import Row

SHARE = 50
"""At least this part (1/50) is given up at once, since finding the oldest backfill means looking at all."""


@dataclass(frozen=True, slots=True)
class EventItem:
    """An event on its way to the spool; ``stored`` gives the pack's number once it is on the disk.

    Somebody waits for the answer and may be told that it is not taken, unless it is ``patient``: then it waits for the disk itself.
    """

    event: dict[str, Any]
    stored: Future[int]
    patient: bool = False

    def begin(self) -> bool:
        """False when whoever sent it was told that it came too late: it must not be stored any more."""
        return self.patient or self.stored.set_running_or_notify_cancel()

    def refuse(self, error: Exception) -> None:
        """It is not stored and never will be."""
        if self.begin():
            self.stored.set_exception(error)


class Stop:
    """Ends the queue."""


STOP = Stop()
Item = Row | EventItem | Stop


class Memory(queue.Queue[Item]):
    """A queue that can give up what matters least."""

    def readings(self) -> int:
        """How many wait."""
        with self.mutex:
            return sum(isinstance(item, Row) for item in self.queue)

    def end(self) -> None:
        """Nothing comes any more; there is always room for that."""
        with self.mutex:
            self.queue.append(STOP)
            self.not_empty.notify()

    def give_up(self) -> list[Row]:
        """Make room: the oldest backfill goes first, then the oldest live readings, never an event. Nothing goes while there is room."""
        with self.mutex:
            if len(self.queue) < self.maxsize:
                return []
            rows = [item for item in self.queue if isinstance(item, Row)]
            rows.sort(key=lambda row: row.lane is not Lane.BACKFILL)  # stable: the oldest of each stay in front
            gone = rows[: max(1, self.maxsize // SHARE)]
            numbers = {id(row) for row in gone}
            self.queue = deque(item for item in self.queue if id(item) not in numbers)
            self.not_full.notify_all()
            return gone
