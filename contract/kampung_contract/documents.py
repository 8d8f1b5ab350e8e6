"""What stands retained on the broker: a node's state, and the documents for every kiosk of a village."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.command import LONGEST_S, Name
from kampung_contract.errors import KampungError

Short = Annotated[str, Meta(max_length=127)]
Mark = Annotated[str, Meta(max_length=64)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a device introduces itself. ``origin``: ``sensor`` (a real one), ``recording`` (a replay of one) or ``synthetic``."""

    name: str
    model: str
    title: str = ""
    origin: str = "sensor"
    note: str = ""


class Output(msgspec.Struct, frozen=True, omit_defaults=True):
    """An output (relay, valve, siren) as its kiosk introduces it.

    ``device`` and ``model`` drive it; ``max_on`` seconds is the longest it may stay on; ``guard`` is the ``device/quantity`` without
    which it does not go on, silent for at most ``guard_age`` seconds. ``origin`` is the device's.
    """

    name: Name
    device: Short
    model: Short
    max_on: Annotated[int, Meta(ge=1, le=LONGEST_S)]
    title: Short = ""
    guard: Short = ""
    guard_age: Annotated[int, Meta(ge=0, le=LONGEST_S)] = 0
    origin: Short = "sensor"


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node's birth, renewed while it lives, and its last will (``online`` false).

    ``last`` is the highest sequence number given, so that the cloud knows what is still to come; ``spooled`` the packs that wait.
    ``run`` is made anew at each start: two runs of one name at once are two edges.
    ``key``: the kiosk's public key (X25519), to which what it alone may read is sealed; empty for an edge that has none.
    """

    online: bool
    epoch: Mark
    run: Mark
    version: Mark = ""
    last: Count = 0
    spooled: Count = 0
    synchronised: bool = True
    devices: list[Device] = []
    conflict: bool = False
    outputs: Annotated[list[Output], Meta(max_length=64)] = []
    key: Annotated[bytes, Meta(max_length=32)] = b""


class Content(msgspec.Struct, frozen=True):
    """A document for the village's kiosks. ``at`` in milliseconds UTC; a higher ``version`` replaces a lower."""

    key: str
    version: int
    at: int
    document: dict[str, Any]


_state = msgspec.json.Decoder(State)
_content = msgspec.json.Decoder(Content)


def decode_state(payload: bytes) -> State:
    """Raises ``KampungError`` with code ``invalid_state``."""
    try:
        return _state.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KampungError(f"not a node's state: {error}; it begins with {payload[:40]!r}", code="invalid_state") from None


def decode_content(payload: bytes) -> Content:
    """Raises ``KampungError`` with code ``invalid_content``."""
    try:
        return _content.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KampungError(f"not a document: {error}; it begins with {payload[:40]!r}", code="invalid_content") from None


def encode(document: State | Content) -> bytes:
    """JSON."""
    return msgspec.json.encode(document)
