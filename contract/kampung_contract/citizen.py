"""A resident's report of rubbish, a spill, a fallen tree …: what of it travels, and the ticket by which its writer follows it.

The 128 random bits of ``id`` give both the ticket and its word, so whoever writes the report knows them at once, link or no link. The
regency keeps neither ``id`` nor the word, only what they can be checked by.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kampung_contract import tickets
from kampung_contract.command import Moment
from kampung_contract.errors import InvalidEvent
from kampung_contract.jpeg import bare

TYPE = "citizen-report"
Kind = Literal["rubbish", "spill", "tree", "burning", "road", "lamp", "other"]
KINDS: tuple[Kind, ...] = ("rubbish", "spill", "tree", "burning", "road", "lamp", "other")
MOST_PHOTO = 40_000
"""Bytes of a photo in a pack: base64 and the rest stay below a pack's 64 KB."""
MOST_TEXT, MOST_SPOT = 500, 120
PREFIX = "LP"


class CitizenReport(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="citizen-report"):
    """``latitude`` and ``longitude`` in degrees, with ``accuracy`` in m where a GPS said it; ``spot`` says in words where; ``photo`` is
    JPEG in base64, of at most 40,000 bytes. ``at``: ms UTC of the kiosk's clock. No name, no number: a kiosk does not ask.
    """

    id: tickets.Id
    kind: Kind
    at: Moment
    text: Annotated[str, Meta(max_length=MOST_TEXT)] = ""
    spot: Annotated[str, Meta(max_length=MOST_SPOT)] = ""
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    accuracy: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    photo: Annotated[str, Meta(max_length=4 * (MOST_PHOTO // 3 + 1))] = ""


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(CitizenReport)


def ticket(name: str) -> str:
    """``LP-7K3M-Q2XA``."""
    return tickets.ticket(PREFIX, name)


def read_ticket(text: str) -> str | None:
    """A ticket as people type it, None where it is none."""
    return tickets.read_ticket(PREFIX, text)


def event(report: CitizenReport) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(report)
    return plain


def parse_event(body: dict[str, Any]) -> CitizenReport | None:
    """The report in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        return checked(msgspec.convert(body, CitizenReport))
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}") from None


def checked(report: CitizenReport) -> CitizenReport:
    """The report, its photo bare. Raises ``InvalidEvent`` where half a place is given, nothing is said, or the photo is no JPEG."""
    if (report.latitude is None) != (report.longitude is None):
        raise InvalidEvent("latitude and longitude go together; give both or neither")
    if "\x00" in report.text + report.spot:
        raise InvalidEvent("text holds a character that is none (0)")
    if report.latitude is None and not report.spot.strip():
        raise InvalidEvent("the place is missing; tap it on the map, or say in words where it is")
    if not report.photo:
        return report
    return msgspec.structs.replace(report, photo=base64.b64encode(photo_of(report)).decode())


def photo_of(report: CitizenReport) -> bytes:
    """The photo's bytes, bare; empty without one. Raises ``InvalidEvent``."""
    if not report.photo:
        return b""
    try:
        data = base64.b64decode(report.photo, validate=True)
        if len(data) > MOST_PHOTO:
            raise InvalidEvent(f"the photo is {len(data):,} bytes; at most {MOST_PHOTO:,} travel with a report, shrink it")
        return bare(data)
    except (binascii.Error, ValueError) as error:
        raise InvalidEvent(f"the photo cannot be read: {error}") from None
