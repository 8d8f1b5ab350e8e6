"""Reports that are over their time: first the reporter's contact goes, and a photo that nobody released, later words, notes and any photo.

Kind, times, steps and the place as everybody may know it (about 110 m) stay, so that maps and reports of past months keep their figures.
A part of another report is not over before the whole: whoever follows it follows that one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from kampung_cloud.modules.reports.models import CitizenReportRow as Row
from kampung_cloud.modules.reports.models import CitizenStepRow as Step
from kampung_cloud.modules.reports.places import ROUNDED_M, rounded
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


class ReportWords:
    """Words, notes and photos of reports that are closed, also photos that everybody saw."""

    name = "isi-laporan"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(Row.since)).where(*_said(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(Row).where(*_said(village, before)).order_by(Row.since, Row.id).limit(limit))
        return [Item(str(row.id), f"laporan {row.kind}", row.since) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its number at the desk, or by its ticket."""
        return ReporterContacts().named(session, village, said)

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(Row).where(*_said(village, before), Row.id == int(subject)))
        if row is None:
            return False, None
        row.text = row.spot = ""
        row.photo, row.has_photo, row.released = None, False, False
        if _exact(row.accuracy):
            place = rounded(row.latitude, row.longitude)
            row.latitude, row.longitude, row.accuracy = (None, None, None) if place is None else (*place, ROUNDED_M)
        session.execute(update(Step).where(Step.report == row.id, Step.note != "").values(note=""))
        return True, None


def _exact(accuracy: float | None) -> bool:
    return accuracy is None or accuracy < ROUNDED_M


def _closed(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    whole = aliased(Row)
    open_whole = exists().where(whole.id == Row.into, whole.status.in_(OPEN))
    return Row.village == village, Row.status.not_in(OPEN), Row.since < before, ~open_whole


def _over(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    left = or_(Row.contact.is_not(None), Row.has_photo & ~Row.released)
    return *_closed(village, before), left


def _said(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    exact = Row.latitude.is_not(None) & or_(Row.accuracy.is_(None), Row.accuracy < ROUNDED_M)
    noted = exists().where(Step.report == Row.id, Step.note != "")
    return *_closed(village, before), or_(Row.text != "", Row.spot != "", Row.has_photo, exact, noted)
