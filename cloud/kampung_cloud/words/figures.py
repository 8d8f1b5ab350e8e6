"""Numbers, places and times as they stand in a message."""

from __future__ import annotations

from datetime import datetime

from kampung_contract.alarm import Alarm, decimal
from kampung_contract.conditions import Reach, Rise, duration
from kampung_contract.errors import UnknownVillage
from kampung_contract.quantities import quantity
from kampung_contract.rules import Rule, word
from kampung_contract.times import WIB, clock
from kampung_contract.villages import KABUPATEN, village

from kampung_cloud.words.book import Voice
from kampung_cloud.words.gsm import plain
from kampung_cloud.words.schema import NAME
from kampung_cloud.words.subject import leaf, measured

UNITS = {
    "Cel": "°C",
    "%RH": "%",
    "uS/cm": "µS/cm",
    "ug/m3": "µg/m³",
    "pH": "",
    "1": "",
}
"""The wire's units as people write them."""


def figures(alarm: Alarm, rule: Rule | None, voice: Voice) -> dict[str, str]:
    """All that is filled into ``fact``: quantity, value, threshold, worst, worst_at, since, change, within."""
    known, found = quantity(measured(alarm)), leaf(alarm, rule)
    decimals = known.decimals if known else 2
    display = voice.own(known.display) if known else measured(alarm)
    values = {
        "quantity": display,
        "value": amount(alarm.value, alarm.unit, decimals, voice.language),
        "threshold": "" if alarm.threshold is None else amount(alarm.threshold, alarm.unit, decimals, voice.language),
        "worst": amount(alarm.worst, alarm.unit, decimals, voice.language),
        "worst_at": clock(alarm.worst_at),
        "since": clock(alarm.since),
    }
    if isinstance(found, Rise):
        values |= {"change": _change(abs(found.change), alarm.unit, decimals, voice), "within": span(found.within, voice)}
    if isinstance(found, Reach):
        values |= {"within": span(found.within, voice)}
    return values


def amount(value: float, unit: str, decimals: int, language: str) -> str:
    """``1,90 m``."""
    shown = UNITS.get(unit, unit)
    return f"{decimal(value, decimals, language)} {shown}" if shown else decimal(value, decimals, language)


def span(text: str, voice: Voice) -> str:
    """``30 menit`` of the rule's ``30m``, in the largest unit that divides it."""
    seconds = duration(text) // 1000
    unit, size = next((u, n) for u, n in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)) if seconds % n == 0)
    return voice(f"span.{unit}", count=seconds // size)


def moment(ms: int, now: int) -> str:
    """``09.41 WIB``, with day and month (30/11) where it is not of the same day."""
    at, today = (datetime.fromtimestamp(t / 1000, WIB).date() for t in (ms, now))
    return clock(ms) if at == today else f"{at.day}/{at.month} {clock(ms)}"


def level(alarm: Alarm) -> str:
    """``SIAGA 2``."""
    return word(min(max(alarm.severity, 0), 3), alarm.scale).upper()


def place(code: str) -> str:
    """The village's name alone; the regency's for none; the code where the list does not hold it."""
    if not code:
        return KABUPATEN
    try:
        return village(code).name
    except UnknownVillage:
        return code


def near(name: str) -> str:
    """A village's name for the shortest message: in at most ``NAME`` places, cut at a word's end where that leaves anything."""
    whole = plain(name)
    short = whole[:NAME]
    while len(whole) > NAME and " " in short and not whole[len(short)].isspace():
        short = short.rpartition(" ")[0]
    return short.rstrip(" ,")


def where(code: str, voice: Voice) -> str:
    """``Desa Tamansari``."""
    if not code:
        return voice("where.regency", name=KABUPATEN)
    try:
        found = village(code)
    except UnknownVillage:
        return code
    return voice(f"where.{found.type}", name=found.name)


def _change(value: float, unit: str, decimals: int, voice: Voice) -> str:
    """A rise of water is told in centimetres."""
    return amount(value * 100, "cm", 0, voice.language) if unit == "m" and value < 1 else amount(value, unit, decimals, voice.language)
