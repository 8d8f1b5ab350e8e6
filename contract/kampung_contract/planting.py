"""The event of somebody who registers a tree at a kiosk. It travels in a pack's ``events``, link or no link."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment, Name
from kampung_contract.errors import InvalidEvent, InvalidRequest
from kampung_contract.tree_code import parse_code

TYPE = "tree-planting"
Text = Annotated[str, Meta(min_length=1, max_length=80)]


class TreePlanting(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="tree-planting"):
    """``by`` has planted a tree of ``species`` on the day ``planted`` (ISO); the kiosk gave it its ``code``. ``at``: ms UTC of its clock.

    ``plot`` is a village plot's id, empty for land of one's own; ``height`` in m; ``phone`` only where he left one; ``public``: he wants
    to be named; ``replaces`` is the code of the tree in whose place it stands. A kiosk knows no place: a verifier's first visit brings it.
    """

    id: Name
    code: Annotated[str, Meta(min_length=8, max_length=8)]
    species: Text
    planted: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    by: Text
    at: Moment
    plot: Annotated[str, Meta(max_length=63)] = ""
    height: Annotated[float, Meta(gt=0, le=30)] | None = None
    phone: Annotated[str, Meta(max_length=20)] = ""
    public: bool = False
    replaces: Annotated[str, Meta(max_length=8)] = ""


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(TreePlanting)


def event(planting: TreePlanting) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(planting)
    return plain


def parse_event(body: dict[str, Any]) -> TreePlanting | None:
    """The planting in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        found = msgspec.convert(body, TreePlanting)
        parse_code(found.code)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}; it is {str(body)[:200]}") from None
    except InvalidRequest as error:
        raise InvalidEvent(f"not a {TYPE} event: {error.message}") from None
    if not found.by.strip() or not found.species.strip() or "\x00" in f"{found.by}{found.species}{found.plot}":
        raise InvalidEvent(f"not a {TYPE} event: by = {found.by!r} or species = {found.species!r} says nothing")
    return found
