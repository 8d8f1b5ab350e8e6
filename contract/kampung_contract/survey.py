"""A resident's answers to the nine questions of the satisfaction survey, given at a kiosk after a hand-over; and what sort of person he is.

Nothing in the answers says who answered or for which request: ``survey`` says nothing to whoever lacks the kiosk's key, and the day stands
in place of the time. What he says of himself is an event of its own, with a quarter and without a service or scores: the regulation wants
to know who was asked, not who said what.
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from kampung_contract.errors import InvalidEvent

TYPE, RESPONDENT = "satisfaction-survey", "survey-respondent"
ELEMENTS = 9

Score = Annotated[int, Meta(ge=1, le=4)]
Scores = Annotated[tuple[Score, ...], Meta(min_length=ELEMENTS, max_length=ELEMENTS)]


class Survey(msgspec.Struct, frozen=True, tag_field="type", tag="satisfaction-survey"):
    """``scores`` of the elements U1 to U9, 1 to 4; ``service`` is an id of the catalogue, ``day`` that of WIB."""

    survey: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    service: Annotated[str, Meta(pattern="^[a-z0-9-]{1,63}$")]
    day: date
    scores: Scores


Sex = Literal["", "L", "P"]
Age = Literal["", "under-20", "20-29", "30-39", "40-49", "50-59", "over-59"]
Schooling = Literal["", "none", "SD", "SMP", "SMA", "S1", "S2"]
"""``none``: did not finish primary school; S1 with diplomas, S2 with S3."""
Work = Literal["", "PNS", "TNI", "POLRI", "private", "own", "farmer", "fisher", "home", "student", "other"]
"""As the form of Permenpan-RB 14/2017 asks (PNS, TNI, Polri, swasta, wirausaha, lainnya), with what villagers are besides."""
PROFILE: dict[str, tuple[str, ...]] = {
    name: tuple(a for a in get_args(kind) if a) for name, kind in (("sex", Sex), ("age", Age), ("schooling", Schooling), ("work", Work))
}


class Respondent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="survey-respondent"):
    """What somebody who answered says of himself; what he would rather not say is empty, and all of it may not be. ``quarter``: 2026-Q4."""

    respondent: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    quarter: Annotated[str, Meta(pattern="^20[0-9]{2}-Q[1-4]$")]
    sex: Sex = ""
    age: Age = ""
    schooling: Schooling = ""
    work: Work = ""


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(Survey), msgspec.json.Decoder(Respondent)


def new_survey(service: str, day: date, scores: Any, name: str = "") -> Survey:
    """``name``: its id, a new one where none is given. Raises ``InvalidEvent`` for scores that are not nine numbers from 1 to 4."""
    return _survey({"type": TYPE, "survey": name or secrets.token_hex(16), "service": service, "day": day.isoformat(), "scores": scores})


def new_respondent(name: str, quarter: str, said: dict[str, Any]) -> Respondent:
    """Raises ``InvalidEvent`` for an answer that is not offered, and where nothing is said."""
    return parse_respondent({"type": RESPONDENT, "respondent": name, "quarter": quarter} | {k: said[k] for k in PROFILE if said.get(k)})


def event(said: Survey | Respondent) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(said)
    return plain


def parse_respondent(body: dict[str, Any]) -> Respondent:
    """Raises ``InvalidEvent``."""
    try:
        said = msgspec.convert(body, Respondent)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {RESPONDENT} event: {error}") from None
    if not any(getattr(said, name) for name in PROFILE):
        raise InvalidEvent(f"a {RESPONDENT} says nothing; give one of {', '.join(PROFILE)}, or send none")
    return said


def parse_event(body: dict[str, Any]) -> Survey | None:
    """The answers in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    return _survey(body) if body.get("type") == TYPE else None


def _survey(body: dict[str, Any]) -> Survey:
    try:
        return msgspec.convert(body, Survey)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}; nine scores from 1 to 4 are due") from None
