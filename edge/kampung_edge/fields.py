"""Fields that farmers registered or changed at this kiosk. Each is in the spool before anybody is told that it is registered."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import segno
import structlog
from kampung_contract import farm_key
from kampung_contract.errors import InvalidEvent, InvalidRequest, NotFound
from kampung_contract.farm_field import FarmField, event, parse_event
from kampung_contract.placing import check_place
from kampung_contract.times import WIB, text
from kampung_contract.villages import village

from kampung_edge import remembering
from kampung_edge.bus import Bus
from kampung_edge.clock import wall_ms

log = structlog.get_logger("fields")

KEPT_MS = 8 * 86_400_000
"""A registration is remembered so long; the regency keeps it for ever."""
ASKED = ("name", "crop", "texture", "area", "latitude", "longitude", "by", "variety", "planted", "flow", "direct", "sensors", "helped",
         "phone")  # fmt: skip
NUMBERS = ("area", "latitude", "longitude", "flow")


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration (ms UTC), with the spool's epoch and the number of the pack that tells it."""

    id: str
    field: str
    name: str
    crop: str
    by: str
    at: int
    new: bool
    epoch: str
    seq: int


class Fields:
    """Called by the kiosk's threads."""

    def __init__(
        self, path: Path, code: str, bus: Bus, store: Callable[[dict[str, Any]], tuple[str, int]], waits: Callable[[str, int], bool]
    ) -> None:
        """``code`` is the kiosk's village; ``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits``
        whether it has yet to go."""
        self._path, self._village, self._bus, self._store, self._waits = path, village(code), bus, store, waits
        self._lock = threading.Lock()
        self._kept = remembering.read(self._path, Registered)

    def register(self, document: dict[str, Any], body: dict[str, Any], field: str | None = None) -> dict[str, Any]:
        """Put a new field, or ``field`` as it is now, on record; ``document`` is the regency's of the village's fields and crops.

        Answers with the field's name and, for a new one, with its key, the link and a QR code of it. Raises ``NotFound`` for a field that
        is not known here, ``InvalidRequest`` that begins with the key that is wrong, and ``StorageUnavailable``.
        """
        if field is not None and not self._known(document, field):
            raise NotFound(f"field {field[:63]!r} is not known here; GET /api/content/fields shows those that are")
        now, key = wall_ms(), None if field is not None else farm_key.new_key()
        said = self._parsed(body, field or f"lahan-{uuid.uuid4().hex[:8]}", now, key)
        self._check(document, said, now)
        with self._lock:
            epoch, seq = self._store(event(said))
            self._kept = [k for k in self._kept if said.at - k.at <= KEPT_MS]
            self._kept.append(Registered(said.id, said.field, said.name, said.crop, said.by, now, field is None, epoch, seq))
            self._write()
        log.info("field.registered", field=said.field, new=field is None)
        self._bus.publish("content", {"key": "fields", "version": 0})
        told: dict[str, Any] = {"id": said.id, "field": said.field, "name": said.name}
        return told if key is None else told | self._take_home(document, said.field, key)

    def shown(self, document: dict[str, Any]) -> dict[str, Any]:
        """The regency's document with what was registered ``here`` and is not yet answered, or was refused."""
        outcomes = document.get("outcomes", {})
        with self._lock:
            kept = [k for k in self._kept if outcomes.get(k.id) != ""]
        here = [
            {
                "id": k.id, "field": k.field, "name": k.name, "crop": k.crop, "by": k.by, "at": text(k.at), "new": k.new,
                "sent": not self._waits(k.epoch, k.seq), "refused": outcomes.get(k.id),
            }
            for k in kept
        ]  # fmt: skip
        return document | {"here": here}

    def _known(self, document: dict[str, Any], field: str) -> bool:
        with self._lock:
            mine = any(k.field == field for k in self._kept)
        return mine or any(f.get("id") == field for f in document.get("fields", []))

    def _parsed(self, body: dict[str, Any], field: str, now: int, key: str | None) -> FarmField:
        odd = [name for name in body if name not in ASKED]
        if odd:
            raise InvalidRequest(f"{odd[0][:40]} is not asked; a field has {', '.join(ASKED)}")
        tidy = {k: " ".join(v.split()) if isinstance(v, str) else v for k, v in body.items() if v is not None}
        tidy |= {k: float(tidy[k]) for k in NUMBERS if isinstance(tidy.get(k), int) and not isinstance(tidy[k], bool)}
        for name in ("name", "by"):
            if not tidy.get(name):
                raise InvalidRequest(f"{name} = {body.get(name)!r}: write 1 to 80 characters")
        tidy |= {"type": "farm-field", "id": uuid.uuid4().hex, "field": field, "at": now}
        try:
            found = parse_event(tidy if key is None else tidy | {"key": farm_key.digest(key)})
        except InvalidEvent as error:
            where = error.message.partition(" - at `$.")[2].partition("`")[0]
            raise InvalidRequest(f"{where or 'field'} = {str(tidy.get(where))[:40]!r}: {error.message}") from None
        assert found is not None
        return found

    def _check(self, document: dict[str, Any], said: FarmField, now: int) -> None:
        for key, value, rows in (("crop", said.crop, "crops"), ("texture", said.texture, "soils")):
            known = [row["name"] for row in document.get(rows, [])]
            if value not in known:
                raise InvalidRequest(f"{key} = {value!r}: there are {', '.join(known) or 'none yet, until the link has been there once'}")
        check_place(self._village, said.latitude, said.longitude)
        today = datetime.fromtimestamp(now / 1000, WIB).date()
        for name, given in (("planted", said.planted), *((f"since of {s.series}", s.since) for s in said.sensors)):
            try:
                day = None if given is None else date.fromisoformat(given)
            except ValueError:
                raise InvalidRequest(f"{name} = {given!r} is no day; write 2026-11-21") from None
            if day is not None and day > today:
                raise InvalidRequest(f"{name} = {given}: that day is still to come")

    def _take_home(self, document: dict[str, Any], field: str, key: str) -> dict[str, Any]:
        address = str(document.get("address") or "")
        if not address:
            return {"key": key, "link": None, "qr": None}
        link = f"{address}/tani?village={self._village.code}&field={field}#kunci={key}"
        return {"key": key, "link": link, "qr": segno.make(link, error="m").svg_data_uri(scale=8, border=2)}

    def _write(self) -> None:
        remembering.write(self._path, self._kept)
