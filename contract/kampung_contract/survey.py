"""A resident's answers to the nine questions of the satisfaction survey, given at a kiosk after a hand-over.

Nothing in it says who answered or for which request: ``survey`` is random, and the day stands in place of the time.
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.errors import InvalidEvent

TYPE = "satisfaction-survey"
ELEMENTS = 9

Score = Annotated[int, Meta(ge=1, le=4)]
Scores = Annotated[tuple[Score, ...], Meta(min_length=ELEMENTS, max_length=ELEMENTS)]


class Survey(msgspec.Struct, frozen=True, tag_field="type", tag="satisfaction-survey"):
    """``scores`` of the elements U1 to U9, 1 to 4; ``service`` is an id of the catalogue, ``day`` that of WIB."""

    survey: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    service: Annotated[str, Meta(pattern="^[a-z0-9-]{1,63}$")]
    day: date
    scores: Scores


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(Survey)


def new_survey(service: str, day: date, scores: Any) -> Survey:
    """With a new id. Raises ``InvalidEvent`` for scores that are not nine numbers from 1 to 4."""
    return _survey({"type": TYPE, "survey": secrets.token_hex(16), "service": service, "day": day.isoformat(), "scores": scores})


def event(survey: Survey) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(survey)
    return plain


def parse_event(body: dict[str, Any]) -> Survey | None:
    """The answers in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    return _survey(body) if body.get("type") == TYPE else None


def _survey(body: dict[str, Any]) -> Survey:
    try:
        return msgspec.convert(body, Survey)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}; nine scores from 1 to 4 are due") from None
