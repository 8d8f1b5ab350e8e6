"""Reports that are over their time: the reporter's contact goes, and a photo that nobody released; what was reported stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from kampung_cloud.modules.reports.models import CitizenReportRow as Row
from kampung_cloud.modules.reports.status import OPEN
from kampung_cloud.retention.kind import Item, Pile


class ReporterContacts:
    """Of reports that are closed."""

    name = "kontak-pelapor"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(Row.since)).where(*_over(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(Row).where(*_over(village, before)).order_by(Row.since, Row.id).limit(limit))
        return [Item(str(row.id), f"laporan {row.kind}", row.since) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its number at the desk, or by its ticket."""
        mine = Row.id == int(said) if said.isdecimal() and len(said) < 10 else Row.ticket == said.upper()
        found = session.scalar(select(Row.id).where(Row.village == village, mine))
        return None if found is None else str(found)

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(Row).where(*_over(village, before), Row.id == int(subject)))
        if row is None:
            return False, None
        row.contact = None
        if not row.released:
            row.photo, row.has_photo = None, False
        return True, None


def _over(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    left = or_(Row.contact.is_not(None), Row.has_photo & ~Row.released)
    return Row.village == village, Row.status.not_in(OPEN), Row.since < before, left
