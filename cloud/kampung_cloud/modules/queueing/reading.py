"""Tickets out of the records."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from kampung_cloud.modules.queueing.figures import Ticket
from kampung_cloud.modules.queueing.models import QueueTicketRow
from kampung_cloud.records import Records

COLUMNS = tuple(getattr(QueueTicketRow, name) for name in Ticket.__dataclass_fields__)
MOST_NAMED = 300
"""Villages that a query names; the regency has 217."""


def tickets(records: Records, villages: Collection[str], first: date, last: date) -> dict[str, list[Ticket]]:
    """Of these days, both counted, by village, in the order of taking. Raises ``StorageUnavailable``."""
    assert len(villages) <= MOST_NAMED
    query = select(QueueTicketRow.village, *COLUMNS).where(QueueTicketRow.village.in_(sorted(villages)))
    query = query.where(QueueTicketRow.day.between(first.isoformat(), last.isoformat())).order_by(QueueTicketRow.taken)
    found: dict[str, list[Ticket]] = {}
    with records.session() as session:
        for village, *rest in session.execute(query):
            found.setdefault(village, []).append(Ticket(*rest))
    return found
