"""The event of somebody at a kiosk who has seen an alarm. It travels in a pack's ``events``, with the link down as well."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment, Name
from kampung_contract.errors import InvalidEvent

WHO = 80
"""Characters of a name or a role."""


class AlarmAct(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="alarm-act"):
    """``by``, a name or a role such as Pak RT, has ``seen`` the alarm ``at`` that time of the kiosk's clock (ms UTC).

    ``id`` names the act for ever. ``alarm`` is what the kiosk calls the alarm; the regency may call it otherwise, or hear of it later:
    ``rule``, ``scope`` and ``since`` then say which one is meant.
    """

    id: Name
    alarm: Annotated[str, Meta(min_length=1, max_length=383)]
    rule: Annotated[str, Meta(min_length=1, max_length=127)]
    scope: Annotated[str, Meta(min_length=1, max_length=191)]
    since: Moment
    act: Literal["seen"]
    by: Annotated[str, Meta(min_length=1, max_length=WHO)]
    at: Moment


TYPE = "alarm-act"

# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(AlarmAct)


def event(act: AlarmAct) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(act)
    return plain


def parse_event(body: dict[str, Any]) -> AlarmAct | None:
    """The act in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        found = msgspec.convert(body, AlarmAct)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not an {TYPE} event: {error}; it is {str(body)[:200]}") from None
    if not found.by.strip() or "\x00" in f"{found.by}{found.alarm}{found.rule}{found.scope}":
        raise InvalidEvent(f"not an {TYPE} event: by = {found.by!r} names nobody; it is {str(body)[:200]}")
    return found
