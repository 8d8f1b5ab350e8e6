"""Fields that farmers register or change themselves, at a kiosk or on the phone: each once, with who said it and who helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from kampung_contract import farm_key
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.farm_field import FarmField
from kampung_contract.villages import village as find_village

from kampung_cloud.messages import people
from kampung_cloud.messages.phone import phone as full_number
from kampung_cloud.modules.farming.crops import crop
from kampung_cloud.modules.farming.keys import Keys
from kampung_cloud.modules.farming.models import FarmFieldRow
from kampung_cloud.modules.farming.mornings import Mornings
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.village_fields import VillageFields
from kampung_cloud.records import Records

USUAL_ALTITUDE = 50.0
"""m; matters little for ET0 in the lowlands. Staff may set a better one."""
KEPT = ("name", "crop", "variety", "texture", "area", "flow", "latitude", "longitude", "planted", "direct", "sensors", "tell")


@dataclass(frozen=True, slots=True)
class Taken:
    """``new`` is False for a field that was there; ``told`` whether the number belongs to somebody who is told each morning."""

    field: FarmFieldRow
    new: bool
    told: bool


class Registering:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, mornings: Mornings, fields: VillageFields) -> None:
        self._records, self._mornings, self._fields = records, mornings, fields
        self._register, self._keys = Register(records), Keys(records)

    def take(self, said: FarmField, village: str, now: int, today: date, *, change: bool | None = None, event: str = "") -> Taken:
        """Register the field, or change it; the list of today is made anew. What was taken before is not taken again.

        ``change``: True only where the field is there, False only where it is not, None either. Raises ``InvalidRequest``,
        ``UnknownVillage``, ``NotFound``, and ``Conflict`` for a sensor that stands in another field.
        """
        if self._register.heard(said.id):
            return Taken(self._register.get(said.field), new=False, told=False)
        known = self._known(said.field)
        if known is not None and known.village != village:
            raise NotFound(f"the field {said.field} lies in {find_village(known.village).name}, not in {find_village(village).name}")
        if change is not None and change != (known is not None):
            raise InvalidRequest(f"field = {said.field!r}: " + ("is registered already" if known is not None else "nobody registered it"))
        given = self._given(said, village, known)
        told = self._told(said.phone, village)
        if told is not None and told not in given["tell"]:
            given["tell"] = [*given["tell"], told]
        before = None if known is None else {key: getattr(known, key) for key in KEPT}
        row = self._register.put(given, now, today)
        if said.key is not None:
            self._keys.add(row.id, said.key, by=said.by, now=now)
        body = {"before": before, "helped": said.helped, "village": village, "event": event}
        kind = "registered" if known is None else "changed"
        self._register.report(row.id, today, kind, body, by=said.by, now=now, said=said.id)
        self._mornings.again(row.id, now)
        self._fields.tell(village, now)
        return Taken(row, new=known is None, told=told is not None)

    def _known(self, field: str) -> FarmFieldRow | None:
        try:
            return self._register.get(field)
        except NotFound:
            return None

    def _given(self, said: FarmField, village: str, known: FarmFieldRow | None) -> dict[str, Any]:
        planted = _day("planted", said.planted)
        if planted is None and crop(said.crop).stages is None and known is not None and known.planted:
            planted = date.fromisoformat(known.planted)
        more = {"altitude": USUAL_ALTITUDE, "target": 6, "tell": []}
        if known is not None:
            more = {"altitude": known.altitude, "target": known.target, "tell": list(known.tell)}
        return {
            "id": said.field, "village": village, "name": said.name, "crop": said.crop, "texture": said.texture, "area": said.area,
            "flow": said.flow, "latitude": said.latitude, "longitude": said.longitude, "variety": said.variety, "planted": planted,
            "direct": said.direct, "sensors": [{"series": s.series, "since": _day("since", s.since)} for s in said.sensors], **more,
        }  # fmt: skip

    def _told(self, number: str, village: str) -> str | None:
        """Only who is in the register of people already: nobody can have messages sent to a stranger."""
        if not number.strip():
            return None
        wanted = full_number(number)
        for person in people.listed(self._records, village):
            if person.active and any(a.address == wanted for a in person.addresses):
                return person.id
        return None


def digest(key: str | None) -> str | None:
    """Of the key that a phone made for itself. Raises ``InvalidRequest``."""
    return None if key is None else farm_key.digest(key)


def _day(name: str, given: str | None) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError:
        raise InvalidRequest(f"{name} = {given!r} is no day; write 2026-11-21") from None
