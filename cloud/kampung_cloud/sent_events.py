"""What kiosks sent, once it is over its time. Books take what they need out of an event; what was sent stays whole beside them, with names
and numbers, unless its book takes it out at once, and so does what no book could take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from kampung_contract.times import WIB
from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.orm import Session

from kampung_cloud.local_day import day_of
from kampung_cloud.records.models import EventRow
from kampung_cloud.refused_events import TAKEN
from kampung_cloud.retention.kind import Item, Pile

DAY_MS = 86_400_000
STAYS = ("type", "reference", TAKEN)
"""Of an event: what it was, by which number a receipt names it, what became of it."""
GONE = "destroyed"


@dataclass(frozen=True, slots=True)
class SentEvents:
    """By type and day of receipt (WIB), as ``tree-planting 2026-01-14``: names of single events are long, and say no more.

    ``whole``: types that stay as they were sent once their book has them. ``emptied``: those of which only what was refused is still there.
    Whether a book has them is not asked: each looks for what is new far more often than within ``LEAST_DAYS``.
    """

    whole: tuple[str, ...]
    emptied: tuple[str, ...]
    name: str = "kiriman-kios"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says: days with something."""
        heaps = self.over(session, village, before, 1_000_000)
        return Pile(len(heaps), heaps[0].at if heaps else None)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says; ``at`` is the end of its day."""
        day = ((EventRow.received + 7 * 3_600_000) // DAY_MS).label("day")  # of WIB, since 1970
        found = select(EventRow.type, day, func.count()).where(*self._left(village), EventRow.received < _begin(day_of(before)))
        rows = session.execute(found.group_by(EventRow.type, text("day")).order_by(text("day"), EventRow.type).limit(limit))
        start = date(1970, 1, 1)
        days = [(kind, start + timedelta(int(number)), n) for kind, number, n in rows]
        return [Item(f"{kind} {day}", f"{n} kiriman kios", _begin(day + timedelta(1))) for kind, day, n in days]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by type and day, as lists have it."""
        heap = self._heap(said)
        if heap is None:
            return None
        kind, day = heap
        found = select(EventRow.seq).where(*self._left(village), EventRow.type == kind, *_of(day))
        return f"{kind} {day}" if session.scalar(found.limit(1)) is not None else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        heap = self._heap(subject)
        if heap is None or heap[1] >= day_of(before):
            return False, None
        kind, day = heap
        done = False
        for row in session.scalars(select(EventRow).where(*self._left(village), EventRow.type == kind, *_of(day))):
            left: dict[str, Any] = {key: row.body[key] for key in STAYS if key in row.body}
            row.body, done = {TAKEN: GONE} | left | {"certificate": certificate}, True
        return done, None

    def _left(self, village: str) -> tuple[ColumnElement[bool], ...]:
        certificate, why = EventRow.body["certificate"].as_string(), EventRow.body["why"].as_string()
        refused = and_(EventRow.type.in_(self.emptied), EventRow.body[TAKEN].as_string() == "refused", why.is_not(None))
        return EventRow.village == village, or_(and_(EventRow.type.in_(self.whole), certificate.is_(None)), refused)

    def _heap(self, said: str) -> tuple[str, date] | None:
        kind, _, day = said.strip().partition(" ")
        try:
            return (kind, date.fromisoformat(day)) if kind in (*self.whole, *self.emptied) else None
        except ValueError:
            return None


def _begin(day: date) -> int:
    """Of a local day, ms UTC."""
    return round(datetime(day.year, day.month, day.day, tzinfo=WIB).timestamp() * 1000)


def _of(day: date) -> tuple[ColumnElement[bool], ...]:
    return EventRow.received >= _begin(day), EventRow.received < _begin(day + timedelta(1))
