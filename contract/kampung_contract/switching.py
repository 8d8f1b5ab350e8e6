"""Events about outputs: the reply to a command, and each change of an output with its cause. They travel in a pack's ``events``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kampung_contract.command import Moment, Name
from kampung_contract.errors import InvalidEvent, InvalidTopic
from kampung_contract.topics import check_name

Answer = Literal["done", "refused", "failed"]
"""``done``: the device confirmed. ``refused``: nothing was tried. ``failed``: tried, not confirmed, and switched off again."""

OutputState = Literal["on", "off", "unknown"]
"""``unknown``: the device has not confirmed that it is off, and is asked again until it does."""

Cause = Literal["start", "stop", "command", "limit", "guard", "storage", "line", "local"]
"""Why an output changed.

The edge started (``start``) or stopped (``stop``), a ``command``, its time was over (``limit``), its guarding sensor fell silent
(``guard``), the kiosk could no longer write anything down (``storage``), its line was lost (``line``), somebody at the kiosk stopped
it (``local``).
"""

Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
Detail = Annotated[str, Meta(max_length=500)]


class Reply(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="reply"):
    """The one answer to ``command``. ``code`` is for programs, ``detail`` for people.

    ``at`` by the kiosk's clock, milliseconds UTC; ``state`` of the output afterwards; ``until`` when it goes off by itself.
    """

    command: Name
    output: Name
    answer: Answer
    code: Code
    at: Moment
    state: OutputState
    detail: Detail = ""
    until: Moment | None = None


class Switching(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="output"):
    """An output changed, or did not confirm that it did.

    ``at`` by the kiosk's clock, milliseconds UTC; ``order`` rises with each event of an output, whatever the clock does; ``command``
    is the id where one caused it; ``until`` when it goes off by itself.
    """

    output: Name
    state: OutputState
    cause: Cause
    at: Moment
    order: Annotated[int, Meta(ge=1, lt=2**53)]
    code: Code = "done"
    detail: Detail = ""
    command: Name | None = None
    until: Moment | None = None


TYPES: dict[str, type[Reply] | type[Switching]] = {"reply": Reply, "output": Switching}
"""By an event's ``type``."""

# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = [msgspec.json.Decoder(kind) for kind in TYPES.values()]


def event(message: Reply | Switching) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(message)
    return plain


def parse_event(body: dict[str, Any]) -> Reply | Switching | None:
    """The reply or switching in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    kind = TYPES.get(body["type"]) if isinstance(body.get("type"), str) else None
    if kind is None:
        return None
    try:
        found = msgspec.convert(body, kind)
        check_name("output", found.output)
        if found.command is not None:
            check_name("command id", found.command)
    except (msgspec.ValidationError, InvalidTopic, RecursionError) as error:
        raise InvalidEvent(f"not a {body['type']} event: {error}; it is {str(body)[:200]}") from None
    return found
