"""Whether what comes can be written down now; since when not, why, and what had to be given up meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from kampung_contract.times import text

from kampung_edge.clock import Era, wall_ms
from kampung_edge.packing import Row

log = structlog.get_logger("spool")


@dataclass(slots=True)
class Lost:
    """Readings of one era that were given up; first and last time in milliseconds UTC."""

    readings: int
    first: int
    last: int


class Saving:
    """Told by the writer, asked by intake and health; safe to use from several threads."""

    def __init__(self, now: Callable[[], int] = wall_ms) -> None:
        """``now``: milliseconds UTC."""
        self._now, self._lock = now, threading.Lock()
        self.reason: str | None = None
        """Why the disk takes nothing; None while it does."""
        self.since: int | None = None
        self.given_up = 0
        """Readings since the start that no memory was left for."""
        self._lost: dict[Era | None, Lost] = {}

    def stops(self, reason: str) -> None:
        """The disk does not take what is there for it."""
        if self.reason is None:
            self.since = self._now()
            log.error("spool.refuses", reason=reason)
        self.reason = reason

    def resumes(self) -> None:
        """It does."""
        if self.reason is not None:
            log.info("spool.writes_again")
        self.reason = self.since = None

    def give_up(self, rows: Iterable[Row]) -> None:
        """``rows`` will never be stored; gap events are due."""
        with self._lock:
            if not self.given_up:
                log.error("readings.given_up", reason="memory is full and the disk takes nothing; the oldest go first")
            for row in rows:
                self._add(row.era, Lost(1, row.t, row.t))
                self.given_up += 1

    @contextlib.contextmanager
    def gaps(self, now: Era) -> Iterator[list[dict[str, Any]]]:
        """The events that are due, to be stored within the block; when it fails they stay due. They name no packs: there were none.

        Times of an unsynchronised era are corrected when ``now`` is a synchronised one of the same boot.
        """
        with self._lock:
            taken, self._lost = self._lost, {}
        try:
            yield [_event(lost, era, now) for era, lost in taken.items()]
        except BaseException:
            with self._lock:
                for era, lost in taken.items():
                    self._add(era, lost)
            raise

    def _add(self, era: Era | None, more: Lost) -> None:
        lost = self._lost.setdefault(era, Lost(0, more.first, more.last))
        lost.readings += more.readings
        lost.first, lost.last = min(lost.first, more.first), max(lost.last, more.last)

    def object(self, waiting: int) -> dict[str, Any]:
        """As the kiosk API gives it; ``waiting`` readings are in memory alone."""
        since = self.since
        return {
            "saves": self.reason is None,
            "since": None if since is None else text(since),
            "detail": self.reason or "",
            "waiting": waiting,
            "given_up": self.given_up,
        }


def _event(lost: Lost, era: Era | None, now: Era) -> dict[str, Any]:
    shift = now.offset - era.offset if era is not None and now.synchronised and not era.synchronised else 0
    return {"type": "gap", "readings": lost.readings, "from": lost.first + shift, "to": lost.last + shift}
