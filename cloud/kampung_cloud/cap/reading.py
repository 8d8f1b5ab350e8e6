"""Reading BMKG's documents: the RSS feed that lists warnings, and a warning in CAP 1.2. Bytes in, values out; nothing is fetched here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from kampung_contract.errors import KampungError
from kampung_contract.times import milliseconds

from kampung_cloud.cap.message import LATEST, NAMESPACE

Ring = tuple[tuple[float, float], ...]
"""Pairs of latitude and longitude, the last the same as the first."""
Disc = tuple[float, float, float]
"""Latitude, longitude, radius in kilometres."""
DAY_MS = 86_400_000
CODES = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}
T = TypeVar("T")


class InvalidCap(KampungError):
    """A document of a warning service that cannot be read; the message says what is wrong with it."""

    code = "invalid_cap"


@dataclass(frozen=True, slots=True)
class Item:
    """A warning in the list; ``published`` as it stands there."""

    link: str
    published: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What a reader needs of a CAP message; times in milliseconds UTC. Where it holds several languages, Indonesian.

    A message that cancels another may say nothing of its own: then ``event`` and what follows are empty.
    """

    identifier: str
    sender: str
    sent: int
    status: str
    type: str
    references: tuple[str, ...]
    event: str
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
    area: str
    rings: tuple[Ring, ...]
    discs: tuple[Disc, ...]


def feed(data: bytes) -> list[Item]:
    """The items of an RSS 2.0 feed. Raises ``InvalidCap``."""
    root = _parsed(data)
    channel = root.find("channel") if root.tag == "rss" else None
    if channel is None:
        raise InvalidCap(f"<{_short(root.tag)}> is no RSS feed; expected <rss> with a <channel>")
    found = ((i.findtext("link", "").strip(), i.findtext("pubDate", "").strip()) for i in channel.iterfind("item"))
    return list(dict.fromkeys(Item(link, published) for link, published in found if link))


def bulletin(data: bytes) -> Bulletin:
    """A CAP 1.2 message. Raises ``InvalidCap``."""
    alert = _parsed(data)
    if alert.tag != f"{{{NAMESPACE}}}alert":
        raise InvalidCap(f"<{_short(alert.tag)}> is no CAP 1.2 message; expected <alert> in the namespace {NAMESPACE}")
    sent, kind = _time(alert, "sent"), _code(alert, "msgType")
    _code(alert, "scope")
    info = _info(alert)
    if info is None and kind in ("Alert", "Update"):
        raise InvalidCap("<info> is missing")
    areas = [] if info is None else info.findall(_name("area"))
    if info is not None and not areas and kind in ("Alert", "Update"):
        raise InvalidCap("<area> is missing")
    onset = info is not None and next((n for n in ("onset", "effective") if _text(info, n)), None)
    return Bulletin(
        identifier=_needed(alert, "identifier"),
        sender=_needed(alert, "sender"),
        sent=sent,
        status=_code(alert, "status"),
        type=kind,
        references=tuple(_text(alert, "references").split()),
        event="" if info is None else _needed(info, "event"),
        urgency="" if info is None else _code(info, "urgency"),
        severity="" if info is None else _code(info, "severity"),
        certainty="" if info is None else _code(info, "certainty"),
        onset=_time(info, onset) if info is not None and onset else sent,
        # CAP leaves it to the reader how long a message without an end holds.
        expires=_time(info, "expires") if info is not None and _text(info, "expires") else sent + DAY_MS,
        sender_name=_text(info, "senderName"),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        web=_text(info, "web"),
        area="; ".join(_needed(a, "areaDesc") for a in areas),
        rings=tuple(_each(areas, "polygon", _ring)),
        discs=tuple(_each(areas, "circle", _disc)),
    )


def _parsed(data: bytes) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise InvalidCap("it declares a document type or entities, as an XML bomb does; it is not read") from None
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidCap(f"no XML: {_short(str(error))}") from None
    return root


def _info(alert: Element) -> Element | None:
    infos = alert.findall(_name("info"))
    return next((i for i in infos if _text(i, "language").lower().startswith(("id", "in"))), infos[0] if infos else None)


def _name(element: str) -> str:
    return f"{{{NAMESPACE}}}{element}"


def _text(parent: Element | None, name: str) -> str:
    return "" if parent is None else parent.findtext(_name(name), "").strip()


def _needed(parent: Element, name: str) -> str:
    found = _text(parent, name)
    if not found:
        raise InvalidCap(f"<{name}> is missing or empty")
    return found


def _code(parent: Element, name: str) -> str:
    found = _needed(parent, name)
    if found not in CODES[name]:
        raise InvalidCap(f"<{name}> is {_short(found)!r}; expected one of {', '.join(CODES[name])}")
    return found


def _time(parent: Element, name: str) -> int:
    found = _needed(parent, name)
    try:
        read = milliseconds(found) if "T" in found else -1
    except (ValueError, OverflowError):
        read = -1
    if not 0 <= read <= LATEST:
        raise InvalidCap(f"<{name}> is {_short(found)!r}; expected a time as 2026-11-22T09:41:00+07:00")
    return read


def _each(areas: list[Element], name: str, read: Callable[[str], T | None]) -> Iterator[T]:
    """Shapes that can be read; one that cannot takes nothing away from the warning."""
    for area in areas:
        for shape in area.iterfind(_name(name)):
            found = read(shape.text or "")
            if found is not None:
                yield found


def _pair(words: str) -> tuple[float, float] | None:
    try:
        lat, lon = map(float, words.split(","))
    except ValueError:
        return None
    return (lat, lon) if math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180 else None


def _ring(words: str) -> Ring | None:
    pairs = [_pair(p) for p in words.split()]
    ring = tuple(p for p in pairs if p is not None)
    return ring if len(ring) == len(pairs) >= 4 and ring[0] == ring[-1] else None


def _disc(words: str) -> Disc | None:
    centre, _, radius = words.strip().partition(" ")
    at = _pair(centre)
    try:
        km = float(radius)
    except ValueError:
        return None
    return (*at, km) if at is not None and math.isfinite(km) and km >= 0 else None


def _short(words: str) -> str:
    return words if len(words) <= 100 else words[:99] + "…"
