"""A resident's request for a service, made at a kiosk, link or no link: what of it travels, and the reference by which he follows it.

The reference is what the receipt shows and the resident reads out: random, no secret, and never a letter's number. Who he is, the kiosk
says by the roll's name for him (``person``), never by NIK.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment
from kampung_contract.errors import InvalidEvent, InvalidRequest

TYPE = "service-request"
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which people read for one another."""
LENGTH = 8
MOST_ANSWERS = 16_000

Reference = Annotated[str, Meta(pattern=f"^[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}$")]


class ServiceRequest(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="service-request"):
    """``service`` is an id of the catalogue, ``at`` the kiosk's clock (ms UTC), ``answers`` by field.

    ``person``: the roll's name for the resident; ``name``: what he is called, as typed, where he is not on the roll. ``proof``: how he was
    known: nothing, pin, card or staff (then ``staff`` says who helped).
    """

    reference: Reference
    service: Annotated[str, Meta(pattern="^[a-z0-9-]{1,63}$")]
    at: Moment
    answers: dict[str, Any] = {}
    person: Annotated[str, Meta(max_length=40)] = ""
    name: Annotated[str, Meta(max_length=100)] = ""
    proof: Annotated[str, Meta(pattern="^(none|pin|card|staff)$")] = "none"
    staff: Annotated[str, Meta(max_length=80)] = ""
    resubmits: bool = False


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(ServiceRequest)


def event(request: ServiceRequest) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(request)
    return plain


def parse_event(body: dict[str, Any]) -> ServiceRequest | None:
    """The request in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        request = msgspec.convert(body, ServiceRequest)
        size = len(msgspec.json.encode(request.answers))
        if size > MOST_ANSWERS:
            raise InvalidEvent(f"{request.reference}: answers of {size:,} bytes; at most {MOST_ANSWERS:,}")
        parse_reference(request.reference)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a request: {error}") from None
    except InvalidRequest as error:
        raise InvalidEvent(error.message) from None
    return request


def new_reference() -> str:
    """A reference that was never given, but for a chance in 34 thousand million."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return shown(body + check_letter(body))


def parse_reference(text: str) -> str:
    """As it is kept. Small letters, spaces and a missing dash are forgiven. Raises ``InvalidRequest``."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    if len(plain) != LENGTH or any(c not in ALPHABET for c in plain):
        raise InvalidRequest(f"{text[:24]!r} bukan nomor permohonan; tulis delapan huruf pada tanda terima, seperti K7M3-9QXR")
    if check_letter(plain[:-1]) != plain[-1]:
        raise InvalidRequest(f"{text[:24]!r}: ada huruf yang salah; lihat lagi tanda terima")
    return shown(plain)


def shown(plain: str) -> str:
    """In two groups of four."""
    return f"{plain[:4]}-{plain[4:]}"


def check_letter(body: str) -> str:
    """By weighted sum modulo 31: one changed letter (but for 2 read as Z), or two neighbours changed about, change it."""
    total = sum((at + 2) * ALPHABET.index(c) for at, c in enumerate(body))
    return ALPHABET[total % 31]
