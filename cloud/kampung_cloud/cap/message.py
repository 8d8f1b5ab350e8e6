"""A CAP 1.2 message and its XML, in the order and form of the OASIS schema."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from kampung_contract.times import text

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
LATEST = 253_402_214_400_000
"""The schema has room for years of four digits."""
HEADLINE = 160
"""Characters of a headline, as CAP 1.2 asks for."""
DESCRIPTION = 4_000
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Area:
    """``polygon`` is closed, of pairs of latitude and longitude (WGS 84); empty where nothing is known. ``geocode`` after Kemendagri."""

    description: str
    polygon: tuple[tuple[float, float], ...]
    geocode: str


@dataclass(frozen=True, slots=True)
class Info:
    """What is said in one language; times in milliseconds UTC."""

    language: str
    category: str
    event: str
    response: str
    urgency: str
    severity: str
    certainty: str
    onset: int
    expires: int
    sender_name: str
    headline: str
    description: str
    instruction: str
    web: str
    contact: str
    parameters: tuple[tuple[str, str], ...]
    area: Area


@dataclass(frozen=True, slots=True)
class Message:
    """``references`` are ``sender,identifier,sent`` of the messages that this one replaces."""

    identifier: str
    sender: str
    sent: int
    status: str
    type: str
    source: str
    scope: str
    restriction: str
    note: str
    references: tuple[str, ...]
    incident: str
    infos: tuple[Info, ...]


def stamp(ms: int) -> str:
    """``2026-11-21T09:41:00+07:00``: whole seconds and an offset, never Z."""
    written = text(min(max(ms, 0), LATEST))
    return written[:19] + written[23:]


def clean(words: str) -> str:
    """Without what XML 1.0 has no room for, such as control characters and half a surrogate pair."""
    return _NOT_XML.sub("\ufffd", words)


def short(words: str, most: int) -> str:
    """At most so many characters."""
    return words if len(words) <= most else words[: most - 1] + "…"


def xml(message: Message) -> str:
    """The document."""
    alert = ET.Element("alert", xmlns=NAMESPACE)
    _all(
        alert,
        ("identifier", message.identifier),
        ("sender", message.sender),
        ("sent", stamp(message.sent)),
        ("status", message.status),
        ("msgType", message.type),
    )
    _said(alert, ("source", message.source))
    _all(alert, ("scope", message.scope))
    _said(
        alert,
        ("restriction", message.restriction),
        ("note", message.note),
        ("references", " ".join(message.references)),
        ("incidents", message.incident),
    )
    for info in message.infos:
        _info(ET.SubElement(alert, "info"), info)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(alert, encoding="unicode")


def _info(into: ET.Element, info: Info) -> None:
    _all(into, ("language", info.language), ("category", info.category), ("event", info.event), ("responseType", info.response))
    _all(into, ("urgency", info.urgency), ("severity", info.severity), ("certainty", info.certainty))
    _all(into, ("onset", stamp(info.onset)), ("expires", stamp(info.expires)))
    _said(
        into,
        ("senderName", info.sender_name),
        ("headline", short(info.headline, HEADLINE)),
        ("description", short(info.description, DESCRIPTION)),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    )
    for name, value in info.parameters:
        _named(into, "parameter", name, value)
    area = ET.SubElement(into, "area")
    _all(area, ("areaDesc", info.area.description))
    _said(area, ("polygon", " ".join(f"{lat},{lon}" for lat, lon in info.area.polygon)))
    _named(area, "geocode", "Kemendagri", info.area.geocode)


def _all(into: ET.Element, *elements: tuple[str, str]) -> None:
    for name, value in elements:
        ET.SubElement(into, name).text = clean(value)


def _said(into: ET.Element, *elements: tuple[str, str]) -> None:
    """Those that are not empty."""
    _all(into, *(e for e in elements if e[1]))


def _named(into: ET.Element, kind: str, name: str, value: str) -> None:
    _all(ET.SubElement(into, kind), ("valueName", name), ("value", value))


def reference(sender: str, identifier: str, sent: int) -> str:
    """How another message names this one."""
    return f"{sender},{identifier},{stamp(sent)}"


def polygon(south: float, west: float, north: float, east: float) -> tuple[tuple[float, float], ...]:
    """A rectangle, closed."""
    return ((south, west), (south, east), (north, east), (north, west), (south, west))


def joined(parts: Iterable[str]) -> str:
    """Sentences after one another."""
    return " ".join(part for part in parts if part)
