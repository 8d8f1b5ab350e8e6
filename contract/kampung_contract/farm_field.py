"""The event of a field that is registered or changed at a kiosk. It travels in a pack's ``events``, link or no link."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kampung_contract.acting import WHO
from kampung_contract.command import Moment, Name
from kampung_contract.errors import InvalidEvent

TYPE = "farm-field"
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Who = Annotated[str, Meta(min_length=1, max_length=WHO)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""SHA-256 of a farmer's key, in hexadecimal: the key itself stays with the farmer."""
MOST_SENSORS = 12


class FieldSensor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A series that stands in the field since a day; without one, since the day of the registration."""

    series: Annotated[str, Meta(min_length=5, max_length=191)]
    since: Day | None = None


class FarmField(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="farm-field"):
    """``by`` registers or changes ``field`` (the name the kiosk gave it), ``at`` that time of its clock (ms UTC).

    ``id`` names the event for ever. ``area`` in m², ``flow`` in L/s, degrees of WGS 84. ``planted`` is left out while nothing stands
    there. ``helped`` is the member of staff who was there, ``phone`` the number that is told each morning, if the register knows it;
    ``key`` is the digest of the key that the farmer took home.
    """

    id: Name
    field: Name
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    crop: Annotated[str, Meta(min_length=1, max_length=63)]
    texture: Annotated[str, Meta(min_length=1, max_length=31)]
    area: Annotated[float, Meta(gt=0, le=10_000_000)]
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    by: Who
    at: Moment
    variety: Annotated[str, Meta(max_length=80)] = ""
    planted: Day | None = None
    flow: Annotated[float, Meta(gt=0, le=10_000)] | None = None
    direct: bool = False
    sensors: Annotated[tuple[FieldSensor, ...], Meta(max_length=MOST_SENSORS)] = ()
    helped: Annotated[str, Meta(max_length=WHO)] = ""
    phone: Annotated[str, Meta(max_length=20)] = ""
    key: Digest | None = None


# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = msgspec.json.Decoder(FarmField)


def event(field: FarmField) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(field)
    return plain


def parse_event(body: dict[str, Any]) -> FarmField | None:
    """The field in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    if body.get("type") != TYPE:
        return None
    try:
        found = msgspec.convert(body, FarmField, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {TYPE} event: {error}; it is {str(body)[:200]}") from None
    said = f"{found.name}{found.by}{found.variety}{found.helped}{found.phone}"
    if not found.by.strip() or not found.name.strip() or not said.isprintable():
        raise InvalidEvent(f"not a {TYPE} event: name = {found.name!r} and by = {found.by!r} are to be words; it is {str(body)[:200]}")
    return found
