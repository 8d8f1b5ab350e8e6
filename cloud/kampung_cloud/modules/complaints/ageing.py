"""Who wrote a complaint, once that is over its time: name and contact go, the complaint and its answer stay.

What is about the village's own head and went past the village is not listed there: that it exists is not the village's to know.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kampung_cloud.modules.complaints.models import ComplaintRow as Row
from kampung_cloud.modules.complaints.status import OPEN
from kampung_cloud.retention.kind import Item, Pile


class Writers:
    """Of complaints that are closed."""

    name = "penulis-pengaduan"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(Row.since)).where(*_over(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(Row).where(*_over(village, before)).order_by(Row.since, Row.id).limit(limit))
        return [Item(str(row.id), f"pengaduan {row.category}", row.since) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its number at the desk."""
        row = session.get(Row, int(said)) if said.isdecimal() and len(said) < 10 else None
        return str(row.id) if row is not None and row.village == village and not row.past else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(Row).where(*_over(village, before), Row.id == int(subject)))
        if row is None:
            return False, None
        row.writer = None
        return True, None


def _over(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return Row.village == village, ~Row.past, Row.state.not_in(OPEN), Row.since < before, Row.writer.is_not(None)
