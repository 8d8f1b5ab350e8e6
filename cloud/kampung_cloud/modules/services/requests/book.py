"""The book of requests: taken in once, led on one act at a time, every act on record.

A letter's number is given in the transaction that signs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol

import msgspec
from kampung_contract.errors import InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.questions import check
from kampung_contract.service_request import new_reference, parse_reference
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kampung_cloud.calendar import Calendar
from kampung_cloud.duties.noting import Late, seen_to
from kampung_cloud.duties.noting import note as note_late
from kampung_cloud.modules.services.catalogue import Catalogue, Service
from kampung_cloud.modules.services.catalogue.retired import retired
from kampung_cloud.modules.services.flow.clocks import due, told
from kampung_cloud.modules.services.flow.states import CLOSED, TITLES, Act, Place, Refused, State, Who, next_place
from kampung_cloud.modules.services.models import LetterRow, ServiceRequestRow, ServiceStepRow
from kampung_cloud.modules.services.numbering import allocate, number, scope_name
from kampung_cloud.modules.services.settings import Settings
from kampung_cloud.records import Records

WIB = timezone(timedelta(hours=7))
LOT = 50
"""Letters that are signed in one transaction: others of the village wait that long for a number."""
OLDEST_MS = 60 * 86_400_000
"""A kiosk keeps its requests so long; one that says it is older has a wrong clock, and counts from when it came."""


class Sealer(Protocol):
    """What keeps words that name people unreadable in the database."""

    def seal(self, plain: bytes, context: str) -> bytes: ...

    def open(self, sealed: bytes, context: str) -> bytes: ...


class Asking(Protocol):
    """What may be asked of a request before it is signed (``gating.Gate``). Both are called in the book's transaction."""

    def opened(self, session: Session, row: ServiceRequestRow, service: Service, name: str) -> None: ...

    def holds(self, session: Session, ref: str, name: str, now: int) -> str | None: ...


class Conflict(KampungError):
    """Somebody else has led the request on in the meantime, or it is not in a state for this."""

    code = "conflict"


class InvalidAnswers(InvalidRequest):
    """Answers that do not fit. ``fields``: by field, in words for the resident."""

    code = "invalid_answers"

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {what}" for name, what in wrong.items()))
        self.fields = dict(wrong)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it comes in. ``reference`` is the kiosk's where it was made there, without a line perhaps; ``at`` in ms UTC.

    ``known``: how the office knows who asks, in words for its record.
    """

    village: str
    service: str
    answers: Mapping[str, Any]
    person: Mapping[str, str]
    person_id: str | None = None
    channel: str = "desk"
    node: str = ""
    reference: str | None = None
    at: int | None = None
    known: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its words. ``number`` of its letter, where there is one."""

    row: ServiceRequestRow
    service: Service
    answers: Mapping[str, Any]
    person: Mapping[str, str]
    letter: LetterRow | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.row.state, self.row.step, self.row.back)


Issue = Callable[[Session, Request, LetterRow], None]
"""Called in the transaction that signs, once the number is known: puts the code on the letter. What it raises takes the number back."""


class Book:
    """Of one installation. Methods may be called by any thread and by several processes."""

    def __init__(  # noqa: PLR0917
        self, records: Records, catalogue: Catalogue, calendar: Calendar, sealer: Sealer, settings: Settings, gate: Asking | None = None
    ) -> None:
        self._records = records
        self._catalogue = catalogue
        self._calendar = calendar
        self._sealer = sealer
        self._settings = settings
        self._gate = gate

    def take_in(self, asked: Asked, now: int) -> str:
        """The request's reference. What comes twice under one reference is taken in once. Raises ``InvalidAnswers``, ``NotFound``."""
        service = self._catalogue.service(asked.village, asked.service)
        at = asked.at if asked.at is not None and now - OLDEST_MS <= asked.at <= now else now
        clean, wrong = check(service.fields, asked.answers, day_of(at), day_of(now))
        if service.identity and not asked.person.get("nama"):
            wrong["pemohon"] = "nama pemohon belum diketahui"
        if wrong:
            raise InvalidAnswers(wrong)
        ref = new_reference() if asked.reference is None else parse_reference(asked.reference)
        row = ServiceRequestRow(
            id=ref,
            village=asked.village,
            service=service.id,
            channel=asked.channel,
            node=asked.node,
            person=asked.person_id,
            body=self._sealed(ref, clean, asked.person),
            state="submitted",
            step=0,
            back=None,
            opened=at,
            since=at,
            due=due(service, "submitted", at, self._calendar),
            closed=None,
        )
        try:
            with self._records.session() as session:
                if session.get(ServiceRequestRow, ref) is not None:
                    return ref
                session.add(row)
                session.flush()
                session.add(
                    ServiceStepRow(
                        request=ref,
                        n=0,
                        at=at,
                        act="submit",
                        who="pemohon",
                        actor=asked.node or asked.channel,
                        state="submitted",
                        note=asked.known[:400],
                    )
                )
                if self._gate is not None:
                    self._gate.opened(session, row, service, asked.person.get("nama", ""))
        except KampungError as error:
            if isinstance(error.__cause__, IntegrityError):
                return ref  # the same event, taken in by another process this moment
            raise
        return ref

    def act(
        self,
        ref: str,
        act: Act,
        who: Who,
        actor: str,
        now: int,
        *,
        note: str = "",
        answers: Mapping[str, Any] | None = None,
        issue: Issue | None = None,
    ) -> Request:
        """Lead a request on. Raises ``Conflict`` where that cannot be, ``NotFound``, and ``InvalidAnswers`` for what is added to it.

        ``answers`` (with ``resubmit``) replace those of the same fields. ``issue`` is needed to sign.
        """
        ref = parse_reference(ref)
        if act == "sign":
            return self._sign(ref, who, actor, now, issue)
        with self._records.session() as session:
            request = self._request(session, ref)
            place = self._next(request, act, who, note)
            if answers:
                request = self._amended(request, answers, now)
            if self._gate is not None and place.state == "waiting_signature" and act == "approve":
                held = self._gate.holds(session, ref, request.person.get("nama", ""), now)
                if held is not None:
                    raise Conflict(f"permohonan {ref}: {held}")
            self._move(session, request, place, act, who, actor, now, note)
        return self.get(ref)

    def get(self, ref: str) -> Request:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            return self._request(session, parse_reference(ref))

    def steps(self, ref: str) -> list[ServiceStepRow]:
        """All acts, the first first."""
        with self._records.session() as session:
            return list(session.scalars(select(ServiceStepRow).where(ServiceStepRow.request == ref).order_by(ServiceStepRow.n)))

    def inbox(self, village: str, states: Sequence[State], limit: int = 200) -> list[Request]:
        """Open requests, the one with the least time left first; those without a clock last."""
        with self._records.session() as session:
            chosen = select(ServiceRequestRow).where(ServiceRequestRow.village == village, ServiceRequestRow.state.in_(states))
            rows = session.scalars(
                chosen.order_by(ServiceRequestRow.due.is_(None), ServiceRequestRow.due, ServiceRequestRow.opened).limit(limit)
            ).all()
            return [self._opened(session, row) for row in rows]

    def of_person(self, village: str, person: str, limit: int = 100) -> list[Request]:
        """Those of one resident of the register, open and closed, the newest first."""
        with self._records.session() as session:
            chosen = select(ServiceRequestRow).where(ServiceRequestRow.person == person, ServiceRequestRow.village == village)
            rows = session.scalars(chosen.order_by(ServiceRequestRow.opened.desc(), ServiceRequestRow.id).limit(limit)).all()
            return [self._opened(session, row) for row in rows]

    def under_way(self, village: str, service: str) -> int:
        """How many requests for a service are open."""
        mine = (ServiceRequestRow.village == village, ServiceRequestRow.service == service, ServiceRequestRow.state.not_in(CLOSED))
        with self._records.session() as session:
            return session.scalar(select(func.count()).select_from(ServiceRequestRow).where(*mine)) or 0

    def counts(self, village: str) -> dict[str, int]:
        """How many requests are in each state."""
        with self._records.session() as session:
            rows = session.execute(
                select(ServiceRequestRow.state, func.count()).where(ServiceRequestRow.village == village).group_by(ServiceRequestRow.state)
            )
            return {state: int(count) for state, count in rows}

    def late(self, now: int) -> list[tuple[Request, tuple[Who, ...]]]:
        """Requests over their time, with who has to hear of it now for the first time; remembered as told, and on the request's record."""
        out = []
        with self._records.session() as session:
            over = select(ServiceRequestRow).where(ServiceRequestRow.due < now, ServiceRequestRow.state.not_in(CLOSED))
            for row in session.scalars(over):
                service = self._catalogue.services(row.village).get(row.service) or retired(row.service)
                hear = told(service, row.state, row.since, now, self._calendar)
                if len(hear) > row.told:
                    new = hear[row.told :]
                    line = f"{service.title}, {row.id}: {TITLES[row.state].lower()} melewati batas waktu"
                    for rung, who in enumerate(new, row.told + 1):
                        note_late(session, Late(row.village, "request", row.id, row.since, rung, who, line), now)
                    out.append((self._opened(session, row), new))
                    row.told = len(hear)
                    said = f"lewat batas waktu; diteruskan kepada {', '.join(new)}"
                    n = session.scalar(select(func.count()).select_from(ServiceStepRow).where(ServiceStepRow.request == row.id)) or 0
                    session.add(ServiceStepRow(request=row.id, n=n, at=now, act="late", who="sistem", actor="", state=row.state, note=said))
        return out

    def register(self, village: str, year: int) -> list[LetterRow]:
        """The register of letters of a year, by scope and serial."""
        with self._records.session() as session:
            chosen = (
                select(LetterRow).where(LetterRow.village == village, LetterRow.year == year).order_by(LetterRow.scope, LetterRow.serial)
            )
            return list(session.scalars(chosen))

    def revoke(self, letter: str, reason: str, now: int) -> None:
        """A letter no longer holds; its number stays with it. Raises ``NotFound``, ``InvalidRequest`` without a reason."""
        if not reason.strip():
            raise InvalidRequest("alasan pencabutan belum ditulis")
        with self._records.session() as session:
            row = session.get(LetterRow, letter)
            if row is None:
                raise NotFound(f"no letter {letter[:40]!r}")
            if row.revoked is None:
                row.revoked, row.reason = now, reason.strip()[:400]

    def sign(self, given: Sequence[tuple[str, Who]], actor: str, now: int, issue: Issue) -> list[Request | KampungError]:
        """Sign many, each as whom it is signed; in their order the signed request, or why it was not. Raises ``StorageUnavailable``.

        Those of one row of numbers share a transaction, ``LOT`` at most; one that fails takes back its own number alone.
        """
        found = [self._signable(ref, who) for ref, who in given]
        rows: dict[tuple[str, str], list[int]] = {}
        for n, request in enumerate(found):
            if not isinstance(request, KampungError):
                rows.setdefault((request.row.village, self._scope(request)), []).append(n)
        for (village, scope), places in rows.items():
            for begin in range(0, len(places), LOT):
                lot = places[begin : begin + LOT]
                with self._records.session() as session:
                    done = [self._one(session, given[n], village, scope, actor, now, issue) for n in lot]
                for n, request in zip(lot, done, strict=True):  # once they are durable
                    found[n] = request
        return found

    def _sign(self, ref: str, who: Who, actor: str, now: int, issue: Issue | None) -> Request:
        """The number is taken first: it is the lock under which letters of one scope are issued one after another."""
        before = self._request_to_sign(ref, who)
        if issue is None:
            raise InvalidRequest(f"{before.service.id} has nothing to sign")
        with self._records.session() as session:
            return self._numbered(session, (ref, who), before.row.village, self._scope(before), actor, now, issue)

    def _one(  # noqa: PLR0917
        self, session: Session, given: tuple[str, Who], village: str, scope: str, actor: str, now: int, issue: Issue
    ) -> Request | KampungError:
        """One of a lot, behind a savepoint."""
        try:
            with session.begin_nested():
                return self._numbered(session, given, village, scope, actor, now, issue)
        except KampungError as error:
            return error

    def _signable(self, ref: str, who: Who) -> Request | KampungError:
        try:
            return self._request_to_sign(ref, who)
        except StorageUnavailable:
            raise
        except KampungError as error:
            return error

    def _request_to_sign(self, ref: str, who: Who) -> Request:
        request = self.get(ref)
        self._next(request, "sign", who, "")
        if request.service.letter is None:
            raise InvalidRequest(f"{request.service.id} has nothing to sign")
        return request

    def _scope(self, request: Request) -> str:
        return scope_name(self._settings.of(request.row.village).scope, request.service.code, request.service.id)

    def _numbered(  # noqa: PLR0917
        self, session: Session, given: tuple[str, Who], village: str, scope: str, actor: str, now: int, issue: Issue
    ) -> Request:
        ref, who = parse_reference(given[0]), given[1]
        day, settings = day_of(now), self._settings.of(village)
        serial = allocate(session, village, scope, day)
        request = self._request(session, ref)
        place = self._next(request, "sign", who, "")
        if request.service.letter is None:
            raise InvalidRequest(f"{request.service.id} has nothing to sign")
        last = None if request.service.letter.validity is None else day + timedelta(days=request.service.letter.validity)
        letter = LetterRow(
            id=f"{ref}-{day.year}",
            request=ref,
            village=village,
            service=request.service.id,
            scope=scope,
            year=day.year,
            serial=serial,
            number=number(settings.number, serial, request.service.code, settings.office_code, day, request.service.id),
            day=day.isoformat(),
            until=None if last is None else last.isoformat(),
            signer=settings.signer,
            at=now,
            revoked=None,
        )
        issue(session, request, letter)
        session.add(letter)
        self._move(session, request, place, "sign", who, actor, now, "")
        session.flush()
        return self._request(session, ref)

    def _move(  # noqa: PLR0917
        self, session: Session, request: Request, place: Place, act: Act, who: Who, actor: str, now: int, note: str
    ) -> None:
        row = request.row
        changed = session.execute(
            update(ServiceRequestRow)
            .where(ServiceRequestRow.id == row.id, ServiceRequestRow.version == row.version)
            .values(
                state=place.state,
                step=place.step,
                back=place.back,
                body=row.body,
                note=note.strip()[:400] if place.state in ("returned", "rejected", "cancelled", "checking") else "",
                since=now,
                due=due(request.service, place.state, now, self._calendar),
                told=0,
                version=row.version + 1,
                closed=now if place.state in CLOSED else None,
            )
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise Conflict(f"permohonan {row.id} baru saja diubah orang lain; muat ulang halaman ini")
        seen_to(session, "request", row.id, now)
        n = session.scalar(select(func.count()).select_from(ServiceStepRow).where(ServiceStepRow.request == row.id)) or 0
        session.add(
            ServiceStepRow(request=row.id, n=n, at=now, act=act, who=who, actor=actor[:80], state=place.state, note=note.strip()[:400])
        )

    def _next(self, request: Request, act: Act, who: Who, note: str) -> Place:
        place = next_place(request.service, request.place, act, who, note)
        if isinstance(place, Refused):
            raise Conflict(f"permohonan {request.row.id}: {place.reason}")
        return place

    def _amended(self, request: Request, answers: Mapping[str, Any], now: int) -> Request:
        clean, wrong = check(request.service.fields, {**request.answers, **answers}, day_of(now))
        if wrong:
            raise InvalidAnswers(wrong)
        request.row.body = self._sealed(request.row.id, clean, request.person)
        return replace(request, answers=clean)

    def _request(self, session: Session, ref: str) -> Request:
        row = session.get(ServiceRequestRow, ref)
        if row is None:
            raise NotFound(f"permohonan {ref} tidak ditemukan; periksa nomor pada tanda terima")
        session.expunge(row)
        return self._opened(session, row)

    def _opened(self, session: Session, row: ServiceRequestRow) -> Request:
        body: dict[str, Any] = {"answers": {}, "person": {}}  # of one that was over its time and was destroyed
        if row.body:
            body = msgspec.json.decode(self._sealer.open(row.body, f"request {row.id}"))
        service = self._catalogue.services(row.village).get(row.service) or retired(row.service)
        letter = session.scalar(select(LetterRow).where(LetterRow.request == row.id).order_by(LetterRow.at.desc()).limit(1))
        return Request(row, service, body["answers"], body["person"], letter)

    def _sealed(self, ref: str, answers: Mapping[str, Any], person: Mapping[str, str]) -> bytes:
        return self._sealer.seal(msgspec.json.encode({"answers": answers, "person": person}), f"request {ref}")


def day_of(at: int) -> date:
    """The day of WIB."""
    return datetime.fromtimestamp(at / 1000, WIB).date()
