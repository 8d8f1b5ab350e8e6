"""What became of tickets goes to the regency as events: from the journal into the spool, at least once, and marked when it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import structlog
from kampung_contract.errors import StorageUnavailable
from kampung_contract.queue_tickets import MOST, QueueTickets, TicketTold, event

from kampung_edge.queueing.owner import Office
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.state import Ticket

log = structlog.get_logger("queue")

EVERY_S, MANY = 60.0, 20
"""Told once a minute, or when so many have ended: a village pays for its bytes."""


class Telling:
    """``tend`` is called by one thread, often."""

    def __init__(self, office: Office, store: Callable[[dict[str, Any]], object], now: Callable[[], float] = time.monotonic) -> None:
        """``store`` returns when the event is in the spool; it raises ``StorageUnavailable``."""
        self._office, self._store, self._now = office, store, now
        self._since = now()

    def tend(self) -> None:
        """A spool or a journal that takes nothing is asked again a minute later: what was not marked is told again, and counts once."""
        late = self._now() - self._since >= EVERY_S
        try:
            found = self._office.untold(MOST)
            if not found or (len(found) < MANY and not late):
                return
            self._since = self._now()
            self._store(event(QueueTickets(tuple(told(day, ticket, self._office.setting) for day, ticket in found))))
            self._office.tell(found)
        except StorageUnavailable as error:
            self._since = self._now()
            log.debug("queue.untold", reason=error.message)


def told(day: str, ticket: Ticket, setting: QueueSetting) -> TicketTold:
    """As it travels."""
    return TicketTold(
        token=ticket.token,
        rev=ticket.rev,
        day=date.fromisoformat(day),
        number=ticket.number,
        line=ticket.line,
        title=setting.title(ticket.line),
        outcome=ticket.state,  # type: ignore[arg-type]  # only tickets that ended are told
        taken=ticket.taken,
        called=ticket.called,
        began=ticket.began,
        ended=ticket.ended,
        calls=ticket.calls,
        counter=ticket.counter,
        priority=ticket.priority,
        doubtful=ticket.doubtful,
        simulated=ticket.simulated,
    )
