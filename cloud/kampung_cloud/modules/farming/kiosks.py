"""What farmers answered and registered at kiosks, out of the events of packs: each counts once, however late it comes."""

from __future__ import annotations

from datetime import date
from typing import Any

import structlog
from kampung_contract import farm_field, farming
from kampung_contract.errors import InvalidEvent, InvalidRequest, NotFound, UnknownVillage
from sqlalchemy import select

from kampung_cloud.modules.farming.models import FarmReportRow
from kampung_cloud.modules.farming.mornings import Mornings
from kampung_cloud.modules.farming.register import Conflict, Register
from kampung_cloud.modules.farming.registering import Registering
from kampung_cloud.modules.farming.reporting import Reporting
from kampung_cloud.modules.farming.stations import day_of
from kampung_cloud.modules.farming.village_fields import VillageFields
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

log = structlog.get_logger()

LOOK_BACK_MS = 8 * 24 * 3_600_000
"""By the time it was received: so long this process may have been away."""
TAKEN = ("answer", "refused", "registered", "changed")
REFUSALS = (InvalidEvent, InvalidRequest, NotFound, UnknownVillage, Conflict, ValueError)


class Kiosks:
    """Looks for what has not been taken. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, mornings: Mornings, fields: VillageFields) -> None:
        self._records, self._fields = records, fields
        self._register = Register(records)
        self._reporting = Reporting(records, self._register, mornings)
        self._registering = Registering(records, mornings, fields)

    def take(self, now: int) -> int:
        """How many were new. One that cannot be taken is kept as refused, with the reason."""
        since = now - LOOK_BACK_MS
        with self._records.session() as session:
            wanted = select(EventRow).where(EventRow.type.in_((farming.TYPE, farm_field.TYPE)), EventRow.received >= since)
            events = [
                (f"{r.node}/{r.epoch}/{r.seq}/{r.position}", r.village, r.body)
                for r in session.scalars(wanted.order_by(EventRow.received, EventRow.seq, EventRow.position))
            ]
            if not events:
                return 0
            said = select(FarmReportRow.body).where(FarmReportRow.kind.in_(TAKEN), FarmReportRow.at >= since)
            taken = {body.get("event") for body in session.scalars(said)}
        fresh = [event for event in events if event[0] not in taken]
        for name, village, body in fresh:
            self._one(name, village, body, now)
        return len(fresh)

    def _one(self, name: str, village: str, body: dict[str, Any], now: int) -> None:
        field = str(body.get("field"))[:63]
        registers = body.get("type") == farm_field.TYPE
        try:
            if registers:
                self._field(name, village, body, now)
            else:
                self._answer(name, village, body, now)
        except REFUSALS as error:
            why = getattr(error, "message", str(error))
            log.warning("what a farmer said at a kiosk was refused", event_name=name, field=field, reason=why)
            said = str(body.get("id"))[:63] if registers else None
            if said is not None and self._register.heard(said):
                said = None
            kept = {"event": name, "why": why, "village": village}
            self._register.report(field, day_of(now), "refused", kept, by="kiosk", now=now, said=said)
            if registers:
                self._fields.tell(village, now)

    def _answer(self, name: str, village: str, body: dict[str, Any], now: int) -> None:
        said = farming.parse_event(body)
        if said is None or self._register.get(said.field).village != village:
            raise NotFound("the kiosk stands in another village than the field")
        self._reporting.answer(said.field, date.fromisoformat(said.day), said.action, said.answer, by=said.by, now=now, event=name)

    def _field(self, name: str, village: str, body: dict[str, Any], now: int) -> None:
        said = farm_field.parse_event(body)
        assert said is not None
        if self._register.heard(said.id):
            raise InvalidRequest(f"id = {said.id}: was said before, under another number")
        self._registering.take(said, village, now, day_of(now), event=name)
