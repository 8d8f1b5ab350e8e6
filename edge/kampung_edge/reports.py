"""Residents' reports at this kiosk: in the spool before a ticket is shown, sent when the link is there."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_contract.citizen import CitizenReport, checked, event, ticket
from kampung_contract.errors import InvalidEvent, InvalidRequest, KampungError
from kampung_contract.tickets import word

from kampung_edge import remembering
from kampung_edge.clock import wall_ms

log = structlog.get_logger("reports")

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MOST_HOUR, MOST_DAY = 12, 60
"""A kiosk stands in the open: more than this is somebody's game, and fills the village's line with photos."""
KEPT_MS = 90 * DAY_MS


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was taken here (ms UTC), with the spool's epoch and the number of its pack. Nothing of what it said is kept."""

    ticket: str
    at: int
    epoch: str
    seq: int


class Reports:
    """Called by the kiosk's threads."""

    def __init__(self, path: Path, store: Callable[[dict[str, Any]], tuple[str, int]], waits: Callable[[str, int], bool]) -> None:
        """``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits`` whether it has yet to go."""
        self._path, self._store, self._waits = path, store, waits
        self._lock = threading.Lock()
        self._kept: deque[Written] = deque(remembering.read(self._path, Written))

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ticket, word and whether it is sent. The same ``id`` again is the same report.

        Raises ``InvalidRequest``, ``KampungError`` ``too_many``, and ``StorageUnavailable`` when the disk does not take it.
        """
        now = wall_ms()
        try:
            said = checked(msgspec.convert({**body, "type": "citizen-report", "at": now}, CitizenReport))
        except (msgspec.ValidationError, RecursionError) as error:
            raise InvalidRequest(f"not a report: {error}") from None
        except InvalidEvent as error:
            raise InvalidRequest(error.message) from None
        number = ticket(said.id)
        with self._lock:
            if not any(k.ticket == number for k in self._kept):
                self._check_rate(now)
                epoch, seq = self._store(event(said))
                self._kept.append(Written(number, now, epoch, seq))
                self._write(now)
                log.info("report.taken", kind=said.kind)
        return {"ticket": number, "word": word(said.id), "sent": self.sent(number)}

    def sent(self, number: str) -> bool | None:
        """Whether the regency has a report of this kiosk; None for one that was not written here."""
        with self._lock:
            found = next((k for k in self._kept if k.ticket == number), None)
        return None if found is None else not self._waits(found.epoch, found.seq)

    def _check_rate(self, now: int) -> None:
        for most, span, unit in ((MOST_HOUR, HOUR_MS, "an hour"), (MOST_DAY, DAY_MS, "a day")):
            mine = [k.at for k in self._kept if now - span < k.at <= now]
            if len(mine) >= most:
                wait = (mine[-most] + span - now) // 60_000 + 1
                said = f"this kiosk takes {most} reports {unit}; try again in {wait} minutes, or tell the village office"
                raise KampungError(said, code="too_many")

    def _write(self, now: int) -> None:
        while self._kept and now - self._kept[0].at > KEPT_MS:
            self._kept.popleft()
        remembering.write(self._path, self._kept)
