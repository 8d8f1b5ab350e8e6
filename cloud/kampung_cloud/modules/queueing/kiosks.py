"""Tickets that kiosks told of, out of the events of packs: each stands once, as it was told last."""

from __future__ import annotations

from datetime import timedelta

from kampung_contract.queue_tickets import TYPE, TicketTold, parse_event
from sqlalchemy.orm import Session

from kampung_cloud.counted_events import count
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.queueing.models import QueueTicketRow
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

OLDEST = timedelta(days=60)
"""A kiosk keeps what it tells for weeks without a line, not longer."""
LONGEST_MS = 24 * 3_600_000


def take_in(records: Records, now: int) -> int:
    """How many tickets were new or changed. Raises ``StorageUnavailable``."""
    del now
    return count(records, TYPE, _take, "queueing")


def _take(session: Session, event: EventRow) -> int:
    said = parse_event(event.body)
    assert said is not None  # no other type is asked for
    return sum(_keep(session, event, ticket) for ticket in said.tickets)


def _keep(session: Session, event: EventRow, told: TicketTold) -> bool:
    """Whether it was new or told later than what stands. A kiosk changes no other kiosk's ticket."""
    row = session.get(QueueTicketRow, told.token)
    if row is None:
        row = QueueTicketRow(token=told.token, village=event.village, node=event.node)
    elif told.rev <= row.rev or (row.village, row.node) != (event.village, event.node):
        return False
    came = day_of(event.received)
    right = came - OLDEST <= told.day <= came
    row.rev, row.day = told.rev, (told.day if right else came).isoformat()
    for name in ("number", "line", "title", "outcome", "counter", "calls", "priority", "simulated", "taken", "called", "began", "ended"):
        setattr(row, name, getattr(told, name))
    row.doubtful = told.doubtful or not right or not ordered(told)
    session.add(row)
    session.flush()
    return True


def ordered(told: TicketTold) -> bool:
    """Its times follow one another within a day, as far as there are any."""
    times = [t for t in (told.taken, told.called, told.began, told.ended) if t]
    return times == sorted(times) and (not times or times[-1] - times[0] <= LONGEST_MS)
