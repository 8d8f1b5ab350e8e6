"""Reports in the records: filed once, moved on step by step, each step on the trail in the same transaction."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from kampung_cloud.duties.noting import Late, note, seen_to
from kampung_cloud.modules.reports.ageing import ReportWords
from kampung_cloud.modules.reports.kinds import kinds
from kampung_cloud.modules.reports.models import CitizenReportRow as Row
from kampung_cloud.modules.reports.models import CitizenStepRow as Step
from kampung_cloud.modules.reports.models import context
from kampung_cloud.modules.reports.places import check_inside, distance
from kampung_cloud.modules.reports.report import Filed, kept_word
from kampung_cloud.modules.reports.status import OPEN, Status, check_step, level
from kampung_cloud.records import Records
from kampung_cloud.retention.destroyed import certificate_of
from kampung_cloud.sealing import Keyring

MOST = 500
NEAR_M, NEAR_MS = 150.0, 7 * 86_400_000
"""Two reports of one kind closer than this in place and time may be of one thing."""


@dataclass(frozen=True, slots=True)
class Near:
    """Another open report that may be of the same thing, ``metres`` away (None: one of them has no coordinates)."""

    row: Row
    metres: float | None


class Book:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, data: Path) -> None:
        """``data``: the folder with the keys that seal contacts."""
        self._records, self._data = records, data

    def file(self, filed: Filed, now: int) -> Row:
        """Put it on record; the same id again is the same report and changes nothing. Raises ``InvalidRequest``, ``UnknownVillage``."""
        with self._records.session() as session:
            known = session.scalar(select(Row).where(Row.digest == filed.digest))
            if known is not None:
                return known
        try:
            with self._records.session() as session:
                return self.add(session, filed, now)
        except IntegrityError:
            with self._records.session() as session:
                known = session.scalar(select(Row).where(Row.digest == filed.digest))
            if known is None:  # another report has the ticket: one in a billion
                raise KampungError("the ticket is taken; send the report once more", code="conflict") from None
            return known

    def add(self, session: Session, filed: Filed, now: int) -> Row:
        """In a transaction that is under way. Raises ``InvalidRequest``, ``UnknownVillage``."""
        check_inside(filed.village, filed.latitude, filed.longitude)
        contact = None
        if filed.contact:
            contact = Keyring.open_at(self._data, now).seal(filed.contact.encode(), context(filed.digest))
        row = Row(
            digest=filed.digest, ticket=filed.ticket, secret=filed.secret, village=filed.village, kind=filed.kind, text=filed.text.strip(),
            spot=filed.spot.strip(), latitude=filed.latitude, longitude=filed.longitude, accuracy=filed.accuracy, origin=filed.origin,
            contact=contact, at=min(filed.at, now), received=now, status="received", since=now, photo=filed.photo,
            has_photo=filed.photo is not None, released=False, level=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
        self._trail(session, row, now, "came", filed.origin, public=True, status="received")
        return row

    def follow(self, number: str, said: str) -> tuple[Row, list[Step]]:
        """The report of a ticket for whoever knows its word, with what he may read. Raises ``NotFound``, the same for both mistakes."""
        with self._records.session() as session:
            row = session.scalar(select(Row).where(Row.ticket == number))
            kept = row.secret if row is not None else "0" * 64
            if not hmac.compare_digest(kept_word(number, said), kept) or row is None:
                raise NotFound(f"no report has ticket {number} with this word; look at both once more")
            while row.into is not None and (other := session.get(Row, row.into)) is not None:
                if other.id == row.id:
                    break
                row = other
            steps = list(session.scalars(select(Step).where(Step.report == row.id, Step.public.is_(True)).order_by(Step.at, Step.id)))
            return row, steps

    def get(self, number: int) -> tuple[Row, list[Step]]:
        """With its whole trail. Raises ``NotFound``."""
        with self._records.session() as session:
            row = _found(session, number)
            return row, list(session.scalars(select(Step).where(Step.report == number).order_by(Step.at, Step.id)))

    def destroyed(self, row: Row) -> str | None:
        """Number of the certificate by which its words were destroyed."""
        return certificate_of(self._records, row.village, ReportWords.name, str(row.id))

    def photo(self, number: int) -> bytes | None:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.scalar(select(Row).where(Row.id == number).options(undefer(Row.photo)))
            if row is None:
                raise _absent(number)
            return row.photo

    def listed(
        self, villages: Sequence[str] | None, statuses: Iterable[str] | None = None, start: int = 0, stop: int | None = None,
        *, most: int | None = MOST,
    ) -> list[Row]:  # fmt: skip
        """Reported from ``start`` to before ``stop`` (ms UTC), newest first, at most ``most`` (None: all)."""
        query = select(Row).where(Row.at >= start).order_by(Row.at.desc(), Row.id.desc()).limit(most)
        if villages is not None and len(villages) < 200:
            query = query.where(Row.village.in_(villages))
        if statuses is not None:
            query = query.where(Row.status.in_(tuple(statuses)))
        if stop is not None:
            query = query.where(Row.at < stop)
        with self._records.session() as session:
            return list(session.scalars(query))

    def step(self, number: int, to: Status, note: str, by: str, now: int) -> Row:
        """Raises ``NotFound``, ``InvalidRequest`` without a reason where one is due, code ``conflict`` for a step that does not exist."""
        with self._records.session() as session:
            row = _found(session, number)
            if to == "merged":
                raise InvalidRequest("a report is merged by naming the one that it is a part of: POST …/merge")
            check_step(cast(Status, row.status), to, note)
            row.status, row.since, row.handler, row.level = to, now, by, 0
            seen_to(session, "report", str(row.id), now, 1 if to in OPEN else 99)
            self._trail(session, row, now, "step", by, status=to, note=note, public=True)
            return row

    def comment(self, number: int, note: str, by: str, now: int, *, public: bool) -> Row:
        """Say something beside; ``public``: the reporter reads it, too. Raises ``NotFound``."""
        with self._records.session() as session:
            row = _found(session, number)
            self._trail(session, row, now, "comment", by, note=note, public=public)
            return row

    def merge(self, number: int, into: int, by: str, now: int) -> Row:
        """One is a part of another of its village: who follows it follows the other one. Raises ``NotFound``, ``InvalidRequest``,
        ``conflict``.
        """
        with self._records.session() as session:
            row, other = _found(session, number), _found(session, into)
            if row.id == other.id or row.village != other.village:
                raise InvalidRequest(f"report {number} can be a part of another report of {row.village}; {into} is in {other.village}")
            if other.status == "merged":
                raise KampungError(f"report {into} is a part of report {other.into} itself; merge into that one", code="conflict")
            check_step(cast(Status, row.status), "merged", "")
            for part in session.scalars(select(Row).where(Row.into == row.id)):
                part.into = other.id
            row.status, row.since, row.into, row.handler, row.level = "merged", now, other.id, by, 0
            seen_to(session, "report", str(row.id), now)
            self._trail(session, row, now, "merged", by, status="merged", public=True, body={"into": other.id})
            self._trail(session, other, now, "merged", by, body={"part": row.id})
            return row

    def release(self, number: int, released: bool, by: str, now: int) -> Row:
        """Let everybody see the photo, or no longer; staff answer for there being no face in it. Raises ``NotFound``."""
        with self._records.session() as session:
            row = _found(session, number)
            if not row.has_photo:
                raise InvalidRequest(f"report {number} has no photo")
            row.released = released
            self._trail(session, row, now, "photo_released" if released else "photo_hidden", by)
            return row

    def contact(self, number: int, purpose: str, by: str, now: int) -> str | None:
        """How to reach the reporter, and who read it what for, on the trail in the same transaction. Raises ``NotFound``,
        ``Unreadable``.
        """
        with self._records.session() as session:
            row = _found(session, number)
            if row.contact is None:
                return None
            self._trail(session, row, now, "contact_read", by, note=purpose)
            return Keyring.open_at(self._data, now).open(row.contact, context(row.digest)).decode()

    def near(self, row: Row) -> list[Near]:
        """Open reports of the kind and village that may be of the same thing, nearest first."""
        with self._records.session() as session:
            query = select(Row).where(
                Row.village == row.village, Row.kind == row.kind, Row.id != row.id, Row.status.in_(OPEN),
                Row.at.between(row.at - NEAR_MS, row.at + NEAR_MS),
            )  # fmt: skip
            found = [Near(other, _apart(row, other)) for other in session.scalars(query.limit(MOST))]
        close = [near for near in found if near.metres is None or near.metres <= NEAR_M]
        return sorted(close, key=lambda near: (near.metres is None, near.metres or 0.0))[:10]

    def take_up(self, now: int) -> int:
        """Mark what nobody looked at, or finished, in time; how many were new. Whoever asks again changes nothing."""
        changed = 0
        with self._records.session() as session:
            for row in session.scalars(select(Row).where(Row.status.in_(OPEN))):
                reached = level(cast(Status, row.status), row.at, kinds()[row.kind], now)
                if reached > row.level:
                    row.level = reached
                    who, what = ("petugas", "belum dilihat") if reached == 1 else ("sekdes", "belum selesai")
                    line = f"Laporan warga {row.id}, {kinds()[row.kind].title}: {what} pada waktunya"
                    note(session, Late(row.village, "report", str(row.id), row.at, reached, who, line), now)
                    self._trail(session, row, now, "taken_up", "Smart Kampung", body={"level": reached}, public=True)
                    changed += 1
        return changed

    @staticmethod
    def _trail(
        session: Session, row: Row, at: int, kind: str, by: str, *, status: str | None = None, note: str = "", public: bool = False,
        body: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        session.add(Step(report=row.id, at=at, kind=kind, by=by[:80], status=status, note=note.strip(), public=public, body=body or {}))


def _found(session: Session, number: int) -> Row:
    row = session.get(Row, number)
    if row is None:
        raise _absent(number)
    return row


def _absent(number: int) -> NotFound:
    return NotFound(f"report {number} is not here; GET /api/v1/reports lists what is")


def _apart(one: Row, other: Row) -> float | None:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    return distance((one.latitude, one.longitude), (other.latitude, other.longitude))
