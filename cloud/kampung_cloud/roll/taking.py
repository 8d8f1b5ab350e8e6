"""What kiosks say for the roll: their keys, and PINs that their holders changed. Each event counts once, and a PIN does not stay in it."""

from __future__ import annotations

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from kampung_contract.errors import InvalidEvent
from kampung_contract.roll import KEY, PIN_CHANGE, KioskKey, PinChange, parse_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow
from kampung_cloud.records.roll_models import KioskKeyRow
from kampung_cloud.roll.pins import Pins
from kampung_cloud.sealing import Keyring, Unreadable

log = structlog.get_logger("roll")

TAKEN = "taken"
AT_ONCE = 500


def take_in(records: Records, ring: Keyring, now: int) -> int:
    """How many events were looked at. Raises ``StorageUnavailable``."""
    pins = Pins(records, ring)
    with records.session() as session:
        query = select(EventRow).where(EventRow.type.in_((KEY, PIN_CHANGE)), EventRow.body[TAKEN].as_string().is_(None))
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
    if isinstance(said, PinChange):
        if pins.change(session, event.village, said, now):
            return "changed"
        log.warning("roll.pin_not_changed", node=event.node, seq=event.seq)  # staff gave another since, or took it away
        return "overtaken"
    assert isinstance(said, KioskKey)  # the query asks for no other type
    try:
        X25519PublicKey.from_public_bytes(said.public)
    except ValueError as error:
        raise InvalidEvent(f"not an X25519 key: {error}") from None
    row = session.get(KioskKeyRow, event.node)
    if row is None:
        session.add(KioskKeyRow(node=event.node, village=event.village, public=said.public, at=event.received))
    elif (row.public, row.village) != (said.public, event.village):
        log.warning("roll.kiosk_key_changed", node=event.node)
        row.public, row.village, row.at = said.public, event.village, event.received
    return "kept"
