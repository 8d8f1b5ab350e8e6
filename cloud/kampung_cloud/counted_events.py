"""Events of kiosks that are counted once, and then hold nothing of what they said."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from kampung_contract.errors import InvalidEvent
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow
from kampung_cloud.refused_events import TAKEN

AT_ONCE = 500


def count(records: Records, kind: str, keep: Callable[[Session, EventRow], int], domain: str) -> int:
    """How much was new in events of ``kind`` that have come since the last time. Raises ``StorageUnavailable``.

    ``keep`` reads an event, puts what it says where it belongs, and gives how much of it was new; ``InvalidEvent`` refuses it before it
    has put anything anywhere. An event is emptied in the transaction that counts it.
    """
    new = 0
    with records.session() as session:
        query = select(EventRow).where(EventRow.type == kind, EventRow.body[TAKEN].as_string().is_(None)).order_by(EventRow.received)
        for event in session.scalars(query.limit(AT_ONCE)).all():
            try:
                new += keep(session, event)
            except InvalidEvent as error:
                structlog.get_logger(domain).warning("event.refused", type=kind, node=event.node, seq=event.seq, reason=error.message)
                event.body = {"type": kind, TAKEN: "refused", "why": error.message[:300]}
                continue
            session.flush()
            event.body = {"type": kind, TAKEN: "counted"}
    return new
