"""Requests and letters that are over their time: what names a person goes, what the register needs stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from kampung_contract.errors import InvalidRequest
from kampung_contract.service_request import parse_reference
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from kampung_cloud.local_day import day_of
from kampung_cloud.modules.services.certified.models import CertifiedRow
from kampung_cloud.modules.services.lookups.models import LookupRow
from kampung_cloud.modules.services.models import GateRow, LetterRow, ServiceRequestRow, ServiceStepRow
from kampung_cloud.retention.kind import Item, Pile

SEEN = "sha256:"


class Requests:
    """Answers and applicant of closed requests; reference, service, times and acts stay."""

    name = "permohonan"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        counted = select(func.count(), func.min(ServiceRequestRow.closed)).where(*_requests(village, before))
        count, oldest = session.execute(counted).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        chosen = select(ServiceRequestRow).where(*_requests(village, before))
        rows = session.scalars(chosen.order_by(ServiceRequestRow.closed, ServiceRequestRow.id).limit(limit))
        return [Item(row.id, row.service, row.closed or 0) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by the reference on the receipt."""
        try:
            row = session.get(ServiceRequestRow, parse_reference(said))
        except InvalidRequest:
            return None
        return row.id if row is not None and row.village == village else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        row = session.scalar(select(ServiceRequestRow).where(*_requests(village, before), ServiceRequestRow.id == subject))
        if row is None:
            return False, None
        owner = _number(row.person)
        row.body, row.person, row.note = b"", None, f"isi dimusnahkan, berita acara {certificate}"
        row.version += 1
        session.execute(update(ServiceStepRow).where(ServiceStepRow.request == subject, ServiceStepRow.note != "").values(note=""))
        session.execute(delete(LookupRow).where(LookupRow.request == subject))
        session.execute(update(GateRow).where(GateRow.request == subject).values(phone="", exemptions=""))
        return True, owner


class LetterTexts:
    """Words of letters that hold no longer; the register's line stays, and the letter in its owner's hands can still be checked."""

    name = "isi-surat"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(LetterRow.at)).where(*_letters(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(LetterRow).where(*_letters(village, before)).order_by(LetterRow.at, LetterRow.id).limit(limit))
        return [Item(row.id, f"surat {row.number}", row.at) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by the letter's number."""
        return session.scalar(select(LetterRow.id).where(LetterRow.village == village, LetterRow.number == said))

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(LetterRow).where(*_letters(village, before), LetterRow.id == subject))
        if row is None:
            return False, None
        row.page = None
        session.execute(update(CertifiedRow).where(CertifiedRow.letter == subject).values(pdf=None))
        if row.code:
            row.code = seen(row.code)  # the code names the person; whether a code is this one is still told by this
        owner = session.scalar(select(ServiceRequestRow.person).where(ServiceRequestRow.id == row.request))
        return True, _number(owner)


def seen(code: str) -> str:
    """What stays of a letter's code."""
    return SEEN + hashlib.sha256(code.encode()).hexdigest()


def _number(person: str | None) -> int | None:
    """A resident's number in the register; other ids are a kiosk's."""
    return int(person) if person is not None and person.isdigit() else None


def _requests(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return ServiceRequestRow.village == village, ServiceRequestRow.closed < before, func.length(ServiceRequestRow.body) > 0


def _letters(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return LetterRow.village == village, LetterRow.page.is_not(None), LetterRow.until < day_of(before).isoformat()
