"""PINs that their holders changed at kiosks. Each event counts once, and a PIN does not stay in it."""

from __future__ import annotations

import structlog
from kampung_contract.errors import InvalidEvent
from kampung_contract.roll import PIN_CHANGE, parse_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow
from kampung_cloud.roll.pins import Pins
from kampung_cloud.sealing import Keyring, Unreadable

log = structlog.get_logger("roll")

TAKEN = "taken"
AT_ONCE = 500


def take_in(records: Records, ring: Keyring, now: int) -> int:
    """How many events were looked at. Raises ``StorageUnavailable``."""
    pins = Pins(records, ring)
    with records.session() as session:
        query = select(EventRow).where(EventRow.type == PIN_CHANGE, EventRow.body[TAKEN].as_string().is_(None))
        query = query.order_by(EventRow.received, EventRow.seq)  # two processes take different ones
        events = session.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        for event in events:
            try:
                outcome = _one(session, pins, event, now)
            except (InvalidEvent, Unreadable) as error:
                log.warning("roll.event_refused", node=event.node, seq=event.seq, reason=error.message)
                outcome = "refused"
            event.body = {"type": event.type, TAKEN: outcome}
            session.flush()
        return len(events)


def _one(session: Session, pins: Pins, event: EventRow, now: int) -> str:
    said = parse_event(event.body)
    assert said is not None  # the query asks for no other type
    if pins.change(session, event.village, said, now):
        return "changed"
    log.warning("roll.pin_not_changed", node=event.node, seq=event.seq)  # staff gave another since, or took it away
    return "overtaken"
