"""What became of tickets of an office's queue, as its kiosk tells the regency: number, line, times; nothing of whose they were."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment
from kampung_contract.errors import InvalidEvent

TYPE = "queue-tickets"
MOST = 50
"""Tickets in one event."""

Outcome = Literal["served", "absent", "left"]
"""``absent``: called, and nobody came. ``left``: still waiting or called when the day ended, or given back."""


class TicketTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """``token`` is random and names the ticket for ever; of two tellings the one with the higher ``rev`` holds.

    ``line`` is the letter it stood in at the end, ``title`` what the office calls that line. Times in ms UTC by the kiosk's clock, 0 for
    never; ``doubtful``: some of them were noted by a clock that could not be believed. ``calls``: how often it was called.
    """

    token: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    rev: Annotated[int, Meta(ge=1, le=1_000_000)]
    day: date
    number: Annotated[str, Meta(pattern="^[A-Z][1-9][0-9]{0,5}$")]
    line: Annotated[str, Meta(pattern="^[A-Z]$")]
    outcome: Outcome
    taken: Moment
    title: Annotated[str, Meta(max_length=40)] = ""
    called: Moment = 0
    began: Moment = 0
    ended: Moment = 0
    calls: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    counter: Annotated[int, Meta(ge=0, le=99)] = 0
    priority: bool = False
    doubtful: bool = False
    simulated: bool = False


class QueueTickets(msgspec.Struct, frozen=True, tag_field="type", tag="queue-tickets"):
    """Tickets that came to an end, or whose end was changed."""

    tickets: Annotated[tuple[TicketTold, ...], Meta(min_length=1, max_length=MOST)]


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(QueueTickets)


def event(tickets: QueueTickets) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(tickets)
    return plain


def parse_event(body: dict[str, Any]) -> QueueTickets | None:
    """The tickets in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        return msgspec.convert(body, QueueTickets)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}; 1 to {MOST} tickets are due") from None
