"""The event of a farmer who answers an action of the morning's list at a kiosk. It travels in a pack's ``events``, link or no link."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kampung_contract.acting import WHO
from kampung_contract.command import Moment, Name
from kampung_contract.errors import InvalidEvent

Word = Literal["sudah", "belum", "tidak perlu"]
WORDS: tuple[Word, ...] = ("sudah", "belum", "tidak perlu")
TYPE = "farm-answer"


class FarmAnswer(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="farm-answer"):
    """``by`` has answered ``action`` of ``field``'s list of ``day`` (ISO), ``at`` that time of the kiosk's clock (ms UTC).

    ``id`` names the answer for ever.
    """

    id: Name
    field: Annotated[str, Meta(min_length=1, max_length=63)]
    day: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    action: Annotated[str, Meta(min_length=1, max_length=40)]
    answer: Word
    by: Annotated[str, Meta(min_length=1, max_length=WHO)]
    at: Moment


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(FarmAnswer)


def event(answer: FarmAnswer) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(answer)
    return plain


def parse_event(body: dict[str, Any]) -> FarmAnswer | None:
    """The answer in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        found = msgspec.convert(body, FarmAnswer)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}; it is {str(body)[:200]}") from None
    if not found.by.strip() or "\x00" in f"{found.by}{found.field}{found.action}":
        raise InvalidEvent(f"not a {TYPE} event: by = {found.by!r} names nobody; it is {str(body)[:200]}")
    return found
