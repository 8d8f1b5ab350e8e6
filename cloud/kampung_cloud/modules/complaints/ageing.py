"""Complaints and suggestions that are over their time: first who wrote goes, later what was written; figures and times stay.

What is about the village's own head and went past the village is not listed there: that it exists is not the village's to know. Inspectors
destroy it, as of the regency.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from kampung_cloud.modules.complaints.models import ComplaintRow as Row
from kampung_cloud.modules.complaints.models import ComplaintStepRow as Step
from kampung_cloud.modules.complaints.models import SuggestionRow
from kampung_cloud.modules.complaints.status import OPEN
from kampung_cloud.retention.kind import Item, Pile
from kampung_cloud.retention.office import REGENCY


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
        return str(row.id) if row is not None and office_of(row) == village else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(Row).where(*_over(village, before), Row.id == int(subject)))
        if row is None:
            return False, None
        row.writer = None
        return True, None


class Words:
    """What was written in complaints that are closed, and what was answered; category, service, clocks, acts and whose they were stay."""

    name = "isi-pengaduan"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(Row.since)).where(*_said(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(Row).where(*_said(village, before)).order_by(Row.since, Row.id).limit(limit))
        return [Item(str(row.id), f"pengaduan {row.category}", row.since) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its number at the desk."""
        return Writers().named(session, village, said)

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says. What kiosks were told of it goes, too: ``opening`` alone opens nothing."""
        del certificate
        row = session.scalar(select(Row).where(*_said(village, before), Row.id == int(subject)))
        if row is None:
            return False, None
        row.said, row.told = b"", ""
        session.execute(update(Step).where(Step.complaint == row.id, Step.note.is_not(None)).values(note=None))
        return True, None


class Suggestions:
    """Words of suggestions that the office has read; service and day stay. One that nobody has read waits for a reader."""

    name = "saran-warga"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(SuggestionRow.seen)).where(*_seen(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        chosen = select(SuggestionRow).where(*_seen(village, before)).order_by(SuggestionRow.seen, SuggestionRow.id).limit(limit)
        return [Item(row.id, f"saran {row.opened}", row.seen or 0) for row in session.scalars(chosen)]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its number at the desk, which is how its id begins; None where two begin so."""
        wanted = said.lower()
        if not 8 <= len(wanted) <= 32 or not set(wanted) <= set("0123456789abcdef"):
            return None
        begins = SuggestionRow.id.startswith(wanted, autoescape=True)
        found = session.scalars(select(SuggestionRow.id).where(SuggestionRow.village == village, begins).limit(2)).all()
        return found[0] if len(found) == 1 else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(SuggestionRow).where(*_seen(village, before), SuggestionRow.id == subject))
        if row is None:
            return False, None
        row.text = b""
        return True, None


def office_of(row: Row) -> str:
    """Whose it is to destroy: the village's, or the inspectorate's."""
    return REGENCY if row.past else row.village


def _closed(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    mine = Row.past.is_(True) if village == REGENCY else (Row.village == village) & ~Row.past
    return mine, Row.state.not_in(OPEN), Row.since < before


def _over(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return *_closed(village, before), Row.writer.is_not(None)


def _said(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    noted = exists().where(Step.complaint == Row.id, Step.note.is_not(None))
    return *_closed(village, before), or_(func.length(Row.said) > 0, noted)


def _seen(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return SuggestionRow.village == village, SuggestionRow.seen < before, func.length(SuggestionRow.text) > 0
