"""What residents asked about their data, once it is over its time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kampung_cloud.records.resident_models import DataRequestRow as Row
from kampung_cloud.retention.kind import Item, Pile


class DataRequests:
    """Words of request and answer; kind, times and outcome stay."""

    name = "permintaan-data"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(Row.closed)).where(*_over(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(Row).where(*_over(village, before)).order_by(Row.closed, Row.id).limit(limit))
        return [Item(str(row.id), f"permintaan {row.kind}", row.closed or 0) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its number."""
        row = session.get(Row, int(said)) if said.isdecimal() and len(said) < 10 else None
        return str(row.id) if row is not None and row.village == village else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(Row).where(*_over(village, before), Row.id == int(subject)))
        if row is None:
            return False, None
        row.text_sealed, row.answer_sealed = b"", None
        return True, row.resident


def _over(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return Row.village == village, Row.state != "open", Row.closed < before, func.length(Row.text_sealed) > 0
