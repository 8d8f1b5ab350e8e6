"""A command from the regency to one output of one kiosk. It expires, is executed at most once, and is answered by a ``reply`` event."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from kampung_contract.errors import InvalidCommand, InvalidTopic
from kampung_contract.pack import EARLIEST
from kampung_contract.topics import check_name

LONGEST_S = 86_400
"""No output is switched on for longer than a day by one command."""
LIFE_MS = 86_400_000
"""No command lives longer: whoever gave it has forgotten why."""
MOST_MS = 2**48
"""Beyond what any clock says."""

Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]
Moment = Annotated[int, Meta(ge=0, lt=MOST_MS)]
"""Milliseconds UTC."""


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """Switch ``output`` on or off.

    ``id`` names it for ever; ``at`` is when it was given, ``expires`` when it is void, both in milliseconds UTC. ``seconds`` is how
    long the output stays on; left out, as long as its kiosk allows. ``actor`` gave it, for ``reason``.
    """

    id: Name
    at: Annotated[int, Meta(ge=EARLIEST, lt=MOST_MS)]
    expires: Moment
    output: Name
    on: bool
    actor: Annotated[str, Meta(min_length=1, max_length=80)]
    reason: Annotated[str, Meta(min_length=1, max_length=300)]
    seconds: Annotated[int, Meta(ge=1, le=LONGEST_S)] | None = None


_decoder = msgspec.json.Decoder(Command)


def encode_command(command: Command) -> bytes:
    """JSON."""
    return msgspec.json.encode(command)


def decode_command(payload: bytes) -> Command:
    """Raises ``InvalidCommand`` for anything that could not be executed as it stands."""
    try:
        command = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidCommand(f"not a command: {error}; it begins with {payload[:40]!r}") from None
    return check_command(command)


def check_command(command: Command) -> Command:
    """The command itself. Raises ``InvalidCommand`` for one that contradicts itself."""
    try:
        check_name("command id", command.id)
        check_name("output", command.output)
    except InvalidTopic as error:
        raise InvalidCommand(error.message) from None
    life = command.expires - command.at
    if not 0 < life <= LIFE_MS:
        raise InvalidCommand(f"command {command.id} lives {life} ms; it expires after it was given, at most {LIFE_MS} ms later")
    if command.seconds is not None and not command.on:
        raise InvalidCommand(f"command {command.id} switches off for {command.seconds} s; seconds go with switching on only")
    return command
