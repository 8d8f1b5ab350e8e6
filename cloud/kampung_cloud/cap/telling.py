"""What CAP tells of an alarm: from alarm and rule to a message."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from kampung_contract.alarm import Alarm
from kampung_contract.errors import UnknownVillage
from kampung_contract.rules import Rule, word
from kampung_contract.times import clock
from kampung_contract.villages import KABUPATEN, village

from kampung_cloud.cap.level import PAST, about, category, level, repeat_ms
from kampung_cloud.cap.message import Area, Info, Message, joined, polygon, stamp
from kampung_cloud.cap.settings import Cap
from kampung_cloud.words.book import Voice
from kampung_cloud.words.figures import figures
from kampung_cloud.words.sentences import parted
from kampung_cloud.words.subject import remedy

DAY_MS = 86_400_000
LANGUAGES = ("id", "en")
"""Other warning systems pass on what they are given: languages of which every word has been read."""


def named(alarm: Alarm) -> str:
    """What its messages are called, without their number: 35.10.24.2008-1f2e3d4c5b6a7988."""
    return f"{alarm.village}-{hashlib.sha256(alarm.id.encode(errors='surrogatepass')).hexdigest()[:16]}"


def state(alarm: Alarm) -> str:
    """firing, resolved or withdrawn."""
    return "withdrawn" if alarm.withdrawn else "firing" if alarm.until is None else "resolved"


def told(config: Cap, alarm: Alarm, rule: Rule | None, *, kind: str, number: int, sent: int, references: Sequence[str]) -> Message:
    """The message of ``kind`` (Alert, Update, Cancel) about an alarm as it is now."""
    exercise = config.drill(alarm.rule) or config.status == "Exercise"
    status = "Exercise" if exercise else config.status
    languages = [x for x in LANGUAGES if x == "id" or (x in alarm.title and x in alarm.message)]
    voice = Voice("id")
    note = voice(f"note.{status.casefold()}", rule=alarm.rule) if status != "Actual" else ""
    return Message(
        identifier=f"{named(alarm)}-{number}",
        sender=config.sender,
        sent=sent,
        status=status,
        type=kind,
        source=alarm.series,
        scope=config.scope,
        restriction=config.restriction if config.scope == "Restricted" else "",
        note=joined((note, voice("until.never") if alarm.withdrawn else "")),
        references=tuple(references),
        incident=named(alarm),
        infos=tuple(_info(config, alarm, rule, language, sent) for language in languages),
    )


def expires(alarm: Alarm, rule: Rule | None, sent: int) -> int:
    """While it stands, twice the time after which it is told again; what is over, a day."""
    return sent + (2 * repeat_ms(alarm.severity, about(rule)) if state(alarm) == "firing" else DAY_MS)


def _info(config: Cap, alarm: Alarm, rule: Rule | None, language: str, sent: int) -> Info:
    subject, over, voice = about(rule), state(alarm) != "firing", Voice(language)
    ispu = config.ispu.get(alarm.rule)
    how = PAST if over else level(alarm.severity, subject, ispu, rule.certainty if rule else None)
    facts, dos = parted(voice.own(alarm.message), voice.written(alarm.message))
    todo = voice("do.over") if over else " ".join(dos) or voice(f"do.{remedy(alarm, rule, ispu)}")
    return Info(
        language=language,
        category=category(subject),
        event=voice(f"event.{subject}"),
        response=how.response,
        urgency=how.urgency,
        severity=how.severity,
        certainty=how.certainty,
        onset=alarm.since,
        expires=expires(alarm, rule, sent),
        sender_name=config.sender_name,
        headline=voice(f"kind.{_FRAMES[state(alarm)]}", what=voice.own(alarm.title)),
        description=_description(alarm, rule, facts, voice),
        instruction="" if alarm.withdrawn else todo,
        web=config.web,
        contact=config.contact,
        parameters=_parameters(alarm),
        area=area(alarm.village),
    )


_FRAMES = {"firing": "raised", "resolved": "resolved", "withdrawn": "cancelled"}


def _description(alarm: Alarm, rule: Rule | None, facts: Sequence[str], voice: Voice) -> str:
    said = " ".join(facts) or voice.own(alarm.message)
    if alarm.withdrawn:
        return joined((voice("until.never"), said))
    ended = "" if alarm.until is None else voice("until.ended", ended=clock(alarm.until))
    return joined((ended, said, voice("fact.worst", **figures(alarm, rule, voice)) if alarm.worst != alarm.value else ""))


def _parameters(alarm: Alarm) -> tuple[tuple[str, str], ...]:
    """Names are those of the alarm in the API."""
    threshold = () if alarm.threshold is None else (("threshold", repr(alarm.threshold)),)
    return (
        ("alarm", alarm.id),
        ("rule", alarm.rule),
        ("source", alarm.source),
        ("series", alarm.series),
        ("level", word(alarm.severity, alarm.scale)),
        ("value", repr(alarm.value)),
        *threshold,
        ("worst", repr(alarm.worst)),
        ("worst_at", stamp(alarm.worst_at)),
        ("unit", alarm.unit),
    )


def area(code: str) -> Area:
    """A village and the rectangle around it; only its code where the list does not hold it any more."""
    try:
        found = village(code)
    except UnknownVillage:
        return Area(f"{code}, Kabupaten {KABUPATEN}", (), code)
    return Area(f"{found.type.capitalize()} {found.name}, Kecamatan {found.kecamatan}, Kabupaten {KABUPATEN}", polygon(*found.bounds), code)
