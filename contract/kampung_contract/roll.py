"""The roll of a village: whom its kiosks know by a PIN, without a line. It travels sealed, and holds no NIK.

A NIK or a card is found by a keyed hash that is too short to lead back to it (``short``): of the hundred million NIKs that a village could
have, hundreds share one. Whoever is found says a PIN, of which the roll holds argon2id with a salt of his own. See decision 0033.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from itertools import pairwise
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment
from kampung_contract.errors import InvalidEvent, InvalidRequest

PIN_CHANGE = "pin-change"
"""The event of a PIN that its holder changed at a kiosk."""
PIN_LENGTH = 6
PASSES, MEMORY_KIB, LANES = 2, 19 * 1024, 1
"""argon2id, as OWASP's Password Storage Cheat Sheet has it."""
SALT, DIGEST = 16, 32
"""Bytes: of a salt, of what argon2id gives."""
SHORT_BITS = 20
MOST_REQUESTS = 10
INFO = "kampung roll"

Id = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Short = Annotated[int, Meta(ge=0, lt=2**SHORT_BITS)]
Salt = Annotated[bytes, Meta(min_length=SALT, max_length=SALT)]
Digest = Annotated[bytes, Meta(min_length=DIGEST, max_length=DIGEST)]


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resident with a PIN. ``id``: the roll's name for him; ``first``: the PIN was given him and is to be changed.

    ``requests``: references of his, the newest first, by which a receipt finds him.
    """

    id: Id
    name: Annotated[str, Meta(max_length=100)]
    salt: Salt
    pin: Digest
    nik: Short | None = None
    card: Short | None = None
    first: bool = False
    requests: Annotated[tuple[str, ...], Meta(max_length=MOST_REQUESTS)] = ()


class Helper(msgspec.Struct, frozen=True):
    """A member of staff who may help at the kiosk: ``id`` is his account's."""

    id: Annotated[str, Meta(max_length=63)]
    name: Annotated[str, Meta(max_length=80)]
    salt: Salt
    pin: Digest


class Roll(msgspec.Struct, frozen=True):
    """``key`` of the short hashes; who is on it."""

    key: bytes
    people: tuple[Known, ...] = ()
    staff: tuple[Helper, ...] = ()


class SealedRoll(msgspec.Struct, frozen=True):
    """The document ``roll``. ``mark`` changes with what is inside; ``body``: nonce and AES-256-GCM of the roll.

    ``keys``: by node, HPKE of the key that opens the body.
    """

    mark: str
    body: bytes
    keys: dict[str, bytes]


class PinChange(msgspec.Struct, frozen=True, tag_field="type", tag=PIN_CHANGE):
    """A resident's own PIN, changed at a kiosk, in place of the one with the salt ``before``.

    Where staff gave another since, it is nothing.
    """

    person: Id
    before: Salt
    salt: Salt
    pin: Digest
    at: Moment


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(PinChange)
_roll = msgspec.json.Decoder(Roll)


def encode(roll: Roll) -> bytes:
    """As it is sealed."""
    return msgspec.json.encode(roll)


def decode(body: bytes) -> Roll:
    """Raises ``InvalidRequest``."""
    try:
        return _roll.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"not a roll: {error}") from None


def sealed(document: dict[str, Any]) -> SealedRoll:
    """Raises ``InvalidRequest``."""
    try:
        return msgspec.convert(document, SealedRoll)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"not a sealed roll: {error}") from None


def event(told: PinChange) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain


def parse_event(body: dict[str, Any]) -> PinChange | None:
    """The change in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != PIN_CHANGE:
        return None
    try:
        return msgspec.convert(body, PinChange)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {PIN_CHANGE}: {error}") from None


def short(key: bytes, kind: str, value: str) -> int:
    """A keyed hash of a NIK (``nik``, sixteen digits) or a card's number (``card``): ``SHORT_BITS`` of it, so that it leads to many."""
    return int.from_bytes(hmac.digest(key, f"{kind}\0{value}".encode(), hashlib.sha256)[:4]) >> (32 - SHORT_BITS)


def card(text: str) -> str:
    """A card's number as it is hashed. Raises ``InvalidRequest`` for what no reader gives."""
    plain = re.sub(r"[\s:-]", "", text).upper()
    if not re.fullmatch(r"[0-9A-F]{8,20}", plain):
        raise InvalidRequest("nomor kartu: 8 sampai 20 angka atau huruf A-F, seperti dibaca alat pembaca kartu, misalnya 04A2B3C4D5E680")
    return plain


def check_pin(text: Any) -> str:
    """A PIN that may be chosen. Raises ``InvalidRequest``; the message never holds it."""
    if not isinstance(text, str) or not re.fullmatch(rf"[0-9]{{{PIN_LENGTH}}}", text):
        raise InvalidRequest(f"PIN terdiri dari {PIN_LENGTH} angka")
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(text)}
    if len(set(text)) < 3 or (len(steps) == 1 and steps <= {1, 9}):
        raise InvalidRequest("PIN ini terlalu mudah ditebak; pilih angka lain, jangan berurutan atau sama semua")
    return text


def new_pin() -> str:
    """A first PIN, which may be chosen."""
    while True:
        found = "".join(secrets.choice("0123456789") for _ in range(PIN_LENGTH))
        try:
            return check_pin(found)
        except InvalidRequest:
            continue
