"""The book of complaints: taken in once, led on one act at a time, every act on record, its words sealed.

Of when somebody wrote only the day is kept: in a village the minute at a kiosk is a name.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from kampung_contract.complaint import PREFIX, Complaint, ComplaintReply, Opening, Suggestion, opening
from kampung_contract.errors import KampungError, NotFound
from kampung_contract.tickets import ticket, word
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from kampung_cloud.calendar import Calendar
from kampung_cloud.duties.noting import Late, note, seen_to
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.complaints.clocks import Running, begins, days_between, due, level
from kampung_cloud.modules.complaints.models import ComplaintRow as Row
from kampung_cloud.modules.complaints.models import ComplaintStepRow as Step
from kampung_cloud.modules.complaints.models import SuggestionRow
from kampung_cloud.modules.complaints.status import OPEN, Act, Conflict, Office, State, Who, next_state, possible
from kampung_cloud.modules.complaints.told import sealed
from kampung_cloud.records import Records
from kampung_cloud.sealing import Keyring

OLDEST_DAYS = 60
"""A kiosk may be so long without a line; one that says more has a wrong clock, and what it wrote counts as written when it came."""
LATE_OBJECTION_DAYS = 30
"""An objection that was written in time, at a kiosk without a line, is still taken so long after the complaint was closed."""
RUNGS = {"village": ("petugas", "sekdes", "kades"), "inspectorate": ("inspektur", "inspektur", "inspektur")}


class Words(msgspec.Struct, frozen=True):
    """What was said, as it is sealed; ``day`` is when it happened, ``asked`` Rp, ``head``: about the village head."""

    text: str
    day: str = ""
    reference: str = ""
    asked: int = 0
    head: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Who complains, as he said."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A step with its words."""

    at: int
    act: str
    by: str
    state: State
    note: str


class Book:
    """Of one installation. Methods may be called by any thread; everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, calendar: Calendar, ring: Keyring) -> None:
        self._records, self._calendar, self._ring = records, calendar, ring

    def take_in(self, said: Complaint, village: str, now: int) -> int:
        """Its number. The same id again is the same complaint."""
        digest = hashlib.sha256(said.id.encode()).hexdigest()
        number = ticket(PREFIX, said.id)
        opened = opening(number, word(said.id))
        try:
            with self._records.session() as session:
                known = session.scalar(select(Row.id).where(Row.digest == digest))
                if known is not None:
                    return known
                row = self._row(said, village, digest, number, opened, now)
                session.add(row)
                session.flush()
                self._step(session, row, row.since, "came", "pengadu")
                return row.id
        except KampungError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            with self._records.session() as session:  # another process was sooner
                known = session.scalar(select(Row.id).where(Row.digest == digest))
            if known is None:
                raise
            return known

    def act(self, number: int, act: Act, words: str, by: str, now: int) -> Row:
        """What the office does. Raises ``NotFound``, ``Conflict``, ``InvalidRequest``."""
        with self._records.session() as session:
            row = self._found(session, number)
            self._lead(session, row, act, "office", words, by, now)
            return row

    def reply(self, said: ComplaintReply, village: str, now: int) -> int:
        """What its writer says, by ticket and word. Raises ``NotFound``, ``Conflict``, ``InvalidRequest``."""
        with self._records.session() as session:
            row = session.scalar(select(Row).where(Row.name == said.complaint, Row.village == village).with_for_update())
            if row is None or not hmac.compare_digest(self._opening(row).proof, said.proof):
                raise NotFound("no complaint of this village has this ticket and word")
            if said.act == "object" and self._was_in_time(session, row, said, now):
                row.state = "answered"
            self._lead(session, row, said.act, "writer", said.text, "pengadu", now)
            return row.id

    def categorise(self, number: int, category: str) -> Row:
        """What it is about, as the office finds. Raises ``NotFound``."""
        with self._records.session() as session:
            row = self._found(session, number)
            row.category = category
            self._flush(session)
            return row

    def tend(self, now: int) -> int:
        """Close what has had its time, and note what is late, for whoever has to hear of it; how many changed."""
        changed = 0
        with self._records.session() as session:
            query = select(Row.id).where(Row.state.in_(OPEN), Row.due.is_not(None), Row.due <= now)
            waiting = list(session.scalars(query))
        for number in waiting:
            with self._records.session() as session:
                row = self._found(session, number)
                if row.due is None or row.due > now:
                    continue  # somebody was sooner
                if row.state in {"received", "checking"}:
                    changed += self._is_late(session, row, now)
                else:
                    self._lead(session, row, "lapse" if row.state == "asked" else "close", "system", "", "sistem", now)
                    changed += 1
        return changed

    def get(self, number: int) -> tuple[Row, Words, list[Noted]]:
        """With its words (empty once they are destroyed) and its trail. Raises ``NotFound``."""
        with self._records.session() as session:
            row = self._found(session, number)
            steps = session.scalars(select(Step).where(Step.complaint == number).order_by(Step.n)).all()
            return row, self._words(row), [self._noted(step) for step in steps]

    def writer(self, number: int, by: str, now: int) -> Writer | None:
        """Who complains, None where nobody is to be known; that it was read is on the trail. Raises ``NotFound``."""
        with self._records.session() as session:
            row = self._found(session, number)
            if row.writer is None:
                return None
            self._step(session, row, now, "read", by)
            return Writer(**msgspec.json.decode(self._ring.open(row.writer, f"complaint {row.digest} writer")))

    def row(self, number: int) -> Row:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            return self._found(session, number)

    def listed(self, village: str | None, states: Sequence[State], *, past: bool, most: int = 500) -> list[Row]:
        """The one with the least time left first, of what is over the newest; ``past``: with those that the village does not see."""
        order = (Row.due.is_(None), Row.due, Row.id) if any(state in OPEN for state in states) else (Row.since.desc(), Row.id.desc())
        query = select(Row).where(Row.state.in_(states)).order_by(*order).limit(most)
        if village is not None:
            query = query.where(Row.village == village)
        if not past:
            query = query.where(Row.past.is_(False))
        with self._records.session() as session:
            return list(session.scalars(query))

    def suggest(self, said: Suggestion, village: str, now: int) -> str:
        """Kept once."""
        with self._records.session() as session:
            if session.get(SuggestionRow, said.id) is None:
                text = self._ring.seal(said.text.encode(), f"suggestion {said.id}")
                opened = day_of(now).isoformat()
                session.add(
                    SuggestionRow(id=said.id, village=village, service=said.service, opened=opened, text=text, seen=None, seen_by="")
                )
        return said.id

    def suggestions(self, village: str, most: int = 200) -> list[tuple[SuggestionRow, str]]:
        """With their words, empty once they are destroyed: those that nobody has read first, then the newest."""
        query = select(SuggestionRow).where(SuggestionRow.village == village)
        query = query.order_by(SuggestionRow.seen.is_not(None), SuggestionRow.opened.desc(), SuggestionRow.id).limit(most)
        with self._records.session() as session:
            rows = list(session.scalars(query))
        return [(row, self._ring.open(row.text, f"suggestion {row.id}").decode() if row.text else "") for row in rows]

    def suggestion(self, name: str) -> SuggestionRow:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(SuggestionRow, name)
        if row is None:
            raise NotFound(f"no suggestion {name[:32]!r}; GET /api/v1/complaints/suggestions lists them")
        return row

    def see(self, name: str, by: str, now: int) -> None:
        """Somebody of the office has read it; the first one counts."""
        with self._records.session() as session:
            row = session.get(SuggestionRow, name)
            if row is not None and row.seen is None:
                row.seen, row.seen_by = now, by[:80]

    def _row(self, said: Complaint, village: str, digest: str, number: str, opened: Opening, now: int) -> Row:  # noqa: PLR0917
        office: Office = "inspectorate" if said.past else "village"
        today, wrote = day_of(now), day_of(said.at) if said.at < 2**43 else day_of(now)
        written = wrote if 0 <= (today - wrote).days <= OLDEST_DAYS else today
        words = Words(said.text, said.day.isoformat() if said.day else "", said.reference, said.asked, said.head)
        seal = self._ring.seal
        known = None
        if said.known != "nobody":
            known = seal(msgspec.json.encode({"name": said.name, "contact": said.contact}), f"complaint {digest} writer")
        row = Row(
            digest=digest, name=opened.name, ticket=number, village=village, about=said.about, category=said.about, service=said.service,
            office=office, past=said.past, known=said.known, said=seal(msgspec.json.encode(words), f"complaint {digest} said"),
            writer=known, opening=seal(opened.key + bytes.fromhex(opened.proof), f"complaint {digest} opening"), told="", state="received",
            since=begins(today), due=None, opened=today.isoformat(), written=written.isoformat(), counted=today.isoformat(), objected=False,
            level=0,
        )  # fmt: skip
        self._settle(row, opened, "")
        return row

    def _lead(self, session: Session, row: Row, act: Act, who: Who, words: str, by: str, now: int) -> None:  # noqa: PLR0917
        office = row.office
        before = row.state
        row.state = next_state(before, act, who, words, office=office, objected=row.objected)
        today = day_of(now)
        at = begins(today) if who == "writer" else now
        row.since, row.level = at, 0
        if act == "forward":
            row.office = "inspectorate"
        if act in {"forward", "supply", "object"}:
            row.counted = today.isoformat()
        if act == "object":
            row.objected = True
        if act in {"answer", "dismiss"} and row.first is None:
            row.first, row.days = today.isoformat(), days_between(date.fromisoformat(row.opened), today, self._calendar)
            limit = due(Running("checking", office, date.fromisoformat(row.counted), now), self._calendar)
            row.in_time = limit is None or now < limit
        self._settle(row, self._opening(row), words.strip() if who == "office" else "")
        seen_to(session, "complaint", str(row.id), now)
        self._step(session, row, at, act, by, words.strip())
        self._flush(session)

    def _settle(self, row: Row, opened: Opening, words: str) -> None:
        """When it is due, and what its writer reads."""
        state, office = row.state, row.office
        row.due = due(Running(state, office, date.fromisoformat(row.counted), row.since), self._calendar)
        until = row.due
        if state in {"received", "checking"}:  # its writer waits for the answer, not for the first look
            until = due(Running("checking", office, date.fromisoformat(row.counted), row.since), self._calendar)
        may = possible(state, "writer", office=office, objected=row.objected)
        row.told = sealed(opened, note=words, may=may, due=until, office=office)

    def _is_late(self, session: Session, row: Row, now: int) -> int:
        at = Running(row.state, row.office, date.fromisoformat(row.counted), row.since)
        reached = level(at, now, self._calendar)
        if reached <= row.level:
            return 0
        what = "belum ditelaah" if reached == 1 else "belum dijawab"
        village = row.village if row.office == "village" else ""
        line = f"Pengaduan nomor {row.id}: {what} pada waktunya"
        note(session, Late(village, "complaint", str(row.id), row.since, reached, RUNGS[row.office][reached - 1], line), now)
        row.level = reached
        self._step(session, row, now, "late", "sistem")
        self._flush(session)
        return 1

    def _was_in_time(self, session: Session, row: Row, said: ComplaintReply, now: int) -> bool:
        """Whether the system closed it while its writer's objection was on the way."""
        if row.state != "closed" or row.objected or not said.at < row.since or (now - row.since) > LATE_OBJECTION_DAYS * 86_400_000:
            return False
        last = session.scalar(select(Step).where(Step.complaint == row.id, Step.state == "closed").order_by(Step.n.desc()).limit(1))
        return last is not None and last.act == "close"

    def _step(self, session: Session, row: Row, at: int, act: str, by: str, words: str = "") -> None:  # noqa: PLR0917
        n = (session.scalar(select(func.max(Step.n)).where(Step.complaint == row.id)) or 0) + 1
        kept = self._ring.seal(words.encode(), f"complaint step {row.id} {n}") if words else None
        session.add(Step(complaint=row.id, n=n, at=at, act=act, by=by[:80], state=row.state, note=kept))

    def _noted(self, step: Step) -> Noted:
        words = "" if step.note is None else self._ring.open(step.note, f"complaint step {step.complaint} {step.n}").decode()
        return Noted(step.at, step.act, step.by, step.state, words)

    def _words(self, row: Row) -> Words:
        if not row.said:  # over its time
            return Words("")
        return msgspec.json.decode(self._ring.open(row.said, f"complaint {row.digest} said"), type=Words)

    def _opening(self, row: Row) -> Opening:
        found: Any = self._ring.open(row.opening, f"complaint {row.digest} opening")
        return Opening(row.name, found[:32], found[32:].hex())

    @staticmethod
    def _found(session: Session, number: int) -> Row:
        row = session.get(Row, number, with_for_update=True)
        if row is None:
            raise NotFound(f"no complaint {number}; GET /api/v1/complaints lists them")
        return row

    @staticmethod
    def _flush(session: Session) -> None:
        try:
            session.flush()
        except StaleDataError:
            raise Conflict("somebody else has just led this complaint on; look at it again") from None
