"""What CAP tells of an alarm: from alarm and rule to a message."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from kampung_contract.alarm import Alarm, decimal, fill
from kampung_contract.errors import UnknownVillage
from kampung_contract.quantities import quantity
from kampung_contract.rules import Rule, word
from kampung_contract.times import clock
from kampung_contract.villages import KABUPATEN, village

from kampung_cloud.cap.level import PAST, about, category, level, repeat_ms
from kampung_cloud.cap.message import Area, Info, Message, joined, polygon, stamp
from kampung_cloud.cap.settings import Cap

DAY_MS = 86_400_000
LANGUAGES = ("id", "en")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("kampung_cloud.cap").joinpath("words.toml").read_text(encoding="utf-8"))


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
    note = _words()["note"].get(status, "").replace("{rule}", alarm.rule)
    return Message(
        identifier=f"{named(alarm)}-{number}",
        sender=config.sender,
        sent=sent,
        status=status,
        type=kind,
        source=alarm.series,
        scope=config.scope,
        restriction=config.restriction if config.scope == "Restricted" else "",
        note=joined((note, _words()["never"]["id"] if alarm.withdrawn else "")),
        references=tuple(references),
        incident=named(alarm),
        infos=tuple(_info(config, alarm, rule, language, sent) for language in languages),
    )


def expires(alarm: Alarm, rule: Rule | None, sent: int) -> int:
    """While it stands, twice the time after which it is told again; what is over, a day."""
    return sent + (2 * repeat_ms(alarm.severity, about(rule)) if state(alarm) == "firing" else DAY_MS)


def _info(config: Cap, alarm: Alarm, rule: Rule | None, language: str, sent: int) -> Info:
    subject, over = about(rule), state(alarm) != "firing"
    how = PAST if over else level(alarm.severity, subject, config.ispu.get(alarm.rule))
    return Info(
        language=language,
        category=category(subject),
        event=_words()["event"][language].get(subject, _words()["event"][language]["other"]),
        response=how.response,
        urgency=how.urgency,
        severity=how.severity,
        certainty=how.certainty,
        onset=alarm.since,
        expires=expires(alarm, rule, sent),
        sender_name=config.sender_name,
        headline=_headline(alarm, language),
        description=_description(alarm, rule, language),
        instruction="" if alarm.withdrawn else _words()["instruction"][language][how.response],
        web=config.web,
        contact=config.contact,
        parameters=_parameters(alarm),
        area=area(alarm.village),
    )


def _headline(alarm: Alarm, language: str) -> str:
    title = alarm.title.get(language) or alarm.title.get("id", "")
    form = {"resolved": "over", "withdrawn": "cancelled"}.get(state(alarm))
    return fill(_words()[form][language], {"{title}": title}) if form else title


def _description(alarm: Alarm, rule: Rule | None, language: str) -> str:
    said = alarm.message.get(language) or alarm.message.get("id", "")
    if alarm.withdrawn:
        return joined((_words()["never"][language], said))
    decimals = 2
    if rule is not None and (known := quantity(rule.leaves[0].quantity)):
        decimals = known.decimals
    further = alarm.worst != alarm.value
    values = {"{value}": decimal(alarm.worst, decimals, language), "{unit}": alarm.unit, "{time}": clock(alarm.worst_at)}
    ended = "" if alarm.until is None else fill(_words()["ended"][language], {"{time}": clock(alarm.until)})
    return joined((ended, said, fill(_words()["furthest"][language], values) if further else ""))


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
