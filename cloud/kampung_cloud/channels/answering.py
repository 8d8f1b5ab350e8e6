"""An answer of a person: what it does to the alarms he was told of, and the sentence he gets back. In the caller's transaction."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.times import clock
from sqlalchemy import Select, String, cast, select
from sqlalchemy.orm import Session

from kampung_cloud.channels import marks
from kampung_cloud.channels.choice import addresses
from kampung_cloud.channels.claim import STANDING
from kampung_cloud.channels.inbound import Inbound
from kampung_cloud.channels.reply import Reply, parse
from kampung_cloud.channels.sentences import sentence
from kampung_cloud.handling import book, family
from kampung_cloud.handling.state import Handling
from kampung_cloud.messages.address import PHONES
from kampung_cloud.messages.classes import roles
from kampung_cloud.messages.phone import phone
from kampung_cloud.records.message_models import MessageRow, PersonRow, SilenceRow
from kampung_cloud.records.models import AlarmRow
from kampung_cloud.words.gsm import MOST, places, plain

BACK_MS = 7 * 86_400_000
"""Older messages are not meant."""
LIFE_MS = 3_600_000
"""An answer to an answer is worth so long."""
SILENCE_H = 24
TITLE = 44
LISTED = 3


@dataclass(slots=True)
class Answered:
    """``handled`` is for open pages; ``words`` went back to the person, none where it had been answered before."""

    words: str
    handled: list[Handling] = field(default_factory=list)


def sender_of(kind: str, sender: str) -> str:
    """An address as people's are kept."""
    if kind in PHONES:
        with contextlib.suppress(InvalidRequest):
            return phone(f"+{sender}" if sender.isdecimal() and not sender.startswith("0") else sender)
    return sender


def answer(session: Session, channel: str, kind: str, said: Inbound, now: int) -> Answered | None:
    """Do what somebody wrote, and write what he gets back; None where nobody has that address, or was ever told anything at it."""
    at = sender_of(kind, said.sender)
    name = hashlib.sha256("\0".join(("answer", channel, said.id)).encode()).hexdigest()
    if session.get(MessageRow, name) is not None:
        return Answered("")
    people = _people(session, channel, at)
    told = {row.person for row in session.scalars(_told(people, now))}
    person = next((each for each in people if each.id in told), people[0] if people else None)
    if person is None or (not told and not _ever(session, people)):
        return None
    marks.hear(session, channel, at, now)
    done = Acting(session, person, channel, now).do(parse(said.text))
    session.add(_row(name, person, channel, done.words, now))
    return done


class Acting:
    """One person's answer."""

    def __init__(self, session: Session, person: PersonRow, channel: str, now: int) -> None:
        self._session, self._person, self._channel, self._now = session, person, channel, now
        self._rows = list(session.scalars(_told([person], now)))
        """What he was told and may answer, the newest first."""
        self._handled: list[Handling] = []

    def do(self, reply: Reply) -> Answered:
        """As it says."""
        match reply.act:
            case "help" | "unknown":
                words = self._say(reply.act, example=self._example() or "7K2A")
            case _:
                words = self._about(reply)
        return Answered(words, self._handled)

    def _about(self, reply: Reply) -> str:
        coded = next((row for code in reply.codes for row in self._rows if row.code == code), None)
        lost = next((code for code in reply.codes if any(c.isdigit() for c in code)), None)
        if coded is None and lost is not None:
            example = self._example()
            return self._say("no_code" if example else "no_code_bare", code=lost, example=example)
        open_ones = self._open()
        row = coded or next(iter(open_ones), None) or next(iter(self._rows), None)
        if row is None:
            return self._say("none")
        if reply.act == "ok":
            words = self._ok(row)
        elif reply.act == "false":
            words = self._false(row)
        elif reply.act == "silence":
            words = self._silence(row, reply.minutes)
        else:
            words = self._resume(row)
        others = [_short(each.title, 20) + f" ({each.code})" for each in self._open() if each.group != row.group and each.code]
        return f"{words} {self._say('more', others=', '.join(others[:LISTED]))}" if others and reply.act == "ok" else words

    def _ok(self, row: MessageRow) -> str:
        title = _short(row.title)
        if not self._may(row):
            self._each(row, lambda a: book.comment(self._session, a, "Menjawab OK", self._name, "message", self._now))
            return self._say("heard", name=self._person.name, title=title)
        before = [h for h in self._state(row) if h.acknowledged is not None]
        self._each(row, lambda a: book.acknowledge(self._session, a, self._name, "message", self._now, f"lewat {self._channel}"))
        if before and len(before) == len(self._state(row)) and before[0].acknowledged is not None:
            return self._say("ack_before", title=title, by=before[0].acknowledged_by, time=clock(before[0].acknowledged))
        return self._say("ack", name=self._person.name, title=title, time=clock(self._now))

    def _false(self, row: MessageRow) -> str:
        title, name = _short(row.title), self._person.name
        if not self._may(row):
            note = "Menjawab: peringatan ini keliru"
            self._each(row, lambda a: book.comment(self._session, a, note, self._name, "message", self._now))
            return self._say("doubt", name=name, title=title)
        note = f"lewat {self._channel}"
        self._each(row, lambda a: book.verdict(self._session, a, "false", self._name, "message", self._now, note))
        return self._say("false", name=name, title=title)

    def _silence(self, row: MessageRow, minutes: int) -> str:
        if not self._may(row):
            return self._say("not_allowed")
        if minutes > SILENCE_H * 60:
            return self._say("too_long", hours=SILENCE_H)
        until = self._now + minutes * 60_000
        for alarm in self._alarms(row):
            number = hashlib.sha256(f"{alarm.rule}\0{alarm.village}\0{self._now}\0{self._person.id}".encode()).hexdigest()[:24]
            fresh = SilenceRow(
                id=f"balas-{number}", village=alarm.village, rule=alarm.rule, node=None, device=None, start=self._now, until=until,
                by=self._name, reason=f"Dibalas SENYAP lewat {self._channel}", ended=None, ended_by=None,
            )  # fmt: skip
            self._session.merge(fresh)
        return self._say("silence", title=_short(row.title), time=clock(until), code=row.code).strip()

    def _resume(self, row: MessageRow) -> str:
        if not self._may(row):
            return self._say("not_allowed")
        rules = {(alarm.village, alarm.rule) for alarm in self._alarms(row)}
        standing = select(SilenceRow).where(SilenceRow.until > self._now, SilenceRow.ended.is_(None))
        ended = [s for s in self._session.scalars(standing) if (s.village, s.rule) in rules]
        for silence in ended:
            silence.ended, silence.ended_by = self._now, self._name
        return self._say("resumed" if ended else "not_silent", title=_short(row.title))

    @property
    def _name(self) -> str:
        return self._person.name[:80]

    def _may(self, row: MessageRow) -> bool:
        """Whether people of his role answer for such an alarm; others are heard."""
        role = roles().get(self._person.role)
        return role is not None and row.about in role.answers

    def _open(self) -> list[MessageRow]:
        """Messages of which an alarm waits for an answer, the newest of each group."""
        seen: set[str] = set()
        waiting = []
        for row in self._rows:
            if row.group not in seen and any(h.acknowledged is None for h in self._state(row)):
                waiting.append(row)
            seen.add(row.group)
        return waiting

    def _example(self) -> str:
        return next((row.code for row in self._rows if row.code), "")

    def _state(self, row: MessageRow) -> list[Handling]:
        """How the alarms of a message that the records know are handled."""
        now = family.newest(self._session, row.alarms)
        known = {alarm.id: alarm.village for alarm in self._alarms(row)}
        found = book.handled(self._session, sorted(known))
        return [found.get(name, Handling(name, known[name])) for name in sorted(set(now.values()) & known.keys())]

    def _alarms(self, row: MessageRow) -> Sequence[AlarmRow]:
        names = set(family.newest(self._session, row.alarms).values())
        return list(self._session.scalars(select(AlarmRow).where(AlarmRow.id.in_(names)).order_by(AlarmRow.id)))

    def _each(self, row: MessageRow, act: Callable[[str], Handling]) -> None:
        for alarm in row.alarms:
            with contextlib.suppress(NotFound):
                self._handled.append(act(alarm))

    def _say(self, key: str, /, **values: object) -> str:
        return sentence(key, self._person.language, **values)


def _people(session: Session, channel: str, at: str) -> list[PersonRow]:
    """Who has that address; the database narrows the search, the comparison is ours."""
    narrowed = select(PersonRow).where(PersonRow.active.is_(True), cast(PersonRow.addresses, String).contains(at, autoescape=True))
    found = session.scalars(narrowed.order_by(PersonRow.id))
    return [each for each in found if any((a.channel, a.at) == (channel, at) for a in addresses(each.addresses))]


def _told(people: Sequence[PersonRow], now: int) -> Select[MessageRow]:
    those = MessageRow.person.in_([each.id for each in people])
    query = select(MessageRow).where(those, MessageRow.kind.in_(STANDING), MessageRow.state == "sent", MessageRow.sent_at > now - BACK_MS)
    return query.order_by(MessageRow.sent_at.desc(), MessageRow.id).limit(50)


def _ever(session: Session, people: Sequence[PersonRow]) -> bool:
    those = MessageRow.person.in_([each.id for each in people])
    return session.scalar(select(MessageRow.id).where(those, MessageRow.state == "sent").limit(1)) is not None


def _short(title: str, most: int = TITLE) -> str:
    return title if len(title) <= most else f"{title[: most - 1]}…"


def _row(name: str, person: PersonRow, channel: str, words: str, now: int) -> MessageRow:
    short = plain(words)
    while places(short) > MOST:
        short = short[:-1]
    return MessageRow(
        id=name, person=person.id, village=person.village, kind="answer", group=f"answer/{person.id}", alarms=[], severity=1,
        about="other", language=person.language, title="", text=words, short=short, code="", created=now, due=now,
        expires=now + LIFE_MS, state="waiting", channel=channel,
    )  # fmt: skip
