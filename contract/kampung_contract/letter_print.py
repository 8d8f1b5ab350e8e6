"""A signed letter on its way to a kiosk's printer: asked for in an event, answered at once or not at all, kept by nobody in between.

The kiosk makes a key for each asking and holds its other half in memory. What the broker may still have later opens for nobody.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment
from kampung_contract.errors import InvalidEvent, KampungError
from kampung_contract.roll import Id
from kampung_contract.service_request import Reference

WANTED, PRINTED = "letter-wanted", "letter-printed"
INFO = "kampung letter"
LIFE_MS = 120_000
"""Whoever asked has gone by then."""

Number = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class LetterWanted(msgspec.Struct, frozen=True, tag_field="type", tag=WANTED):
    """``person``: the roll's name for whom the kiosk knows by his PIN; ``public``: X25519, for this once."""

    id: Number
    reference: Reference
    person: Id
    public: Annotated[bytes, Meta(min_length=32, max_length=32)]
    at: Moment


class LetterPrinted(msgspec.Struct, frozen=True, tag_field="type", tag=PRINTED):
    """The printer says that it is out."""

    id: Number
    reference: Reference
    at: Moment


class LetterAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``body``: HPKE of the PDF; empty with ``why`` it is not given, in words for the resident."""

    id: Number
    body: bytes = b""
    why: Annotated[str, Meta(max_length=400)] = ""


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = (msgspec.json.Decoder(LetterWanted), msgspec.json.Decoder(LetterPrinted))
_answer = msgspec.json.Decoder(LetterAnswer)


def event(told: LetterWanted | LetterPrinted) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


def parse_event(body: dict[str, Any]) -> LetterWanted | LetterPrinted | None:
    """What a kiosk says, None for an event of another type. Raises ``InvalidEvent``."""
    kind: Any = {WANTED: LetterWanted, PRINTED: LetterPrinted}.get(str(body.get("type")))
    if kind is None:
        return None
    try:
        found: LetterWanted | LetterPrinted = msgspec.convert(body, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {body.get('type')}: {error}") from None
    return found


def encode_answer(answer: LetterAnswer) -> bytes:
    """JSON."""
    return msgspec.json.encode(answer)


def decode_answer(payload: bytes) -> LetterAnswer:
    """Raises ``KampungError`` with code ``invalid_letter``."""
    try:
        return _answer.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KampungError(f"not a letter's answer: {error}", code="invalid_letter") from None


def info(number: str, node: str) -> str:
    """What a sealed letter is bound to."""
    return f"{INFO} {number} {node}"
