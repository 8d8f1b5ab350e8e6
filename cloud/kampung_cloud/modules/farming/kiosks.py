"""Answers that farmers gave at kiosks, out of the events of packs: each counts once, however late it comes."""

from __future__ import annotations

from datetime import date

import structlog
from kampung_contract.errors import InvalidEvent, InvalidRequest, NotFound
from kampung_contract.farming import TYPE, parse_event
from sqlalchemy import select

from kampung_cloud.modules.farming.models import FarmReportRow
from kampung_cloud.modules.farming.mornings import Mornings
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.reporting import Reporting
from kampung_cloud.modules.farming.stations import day_of
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

log = structlog.get_logger()

LOOK_BACK_MS = 8 * 24 * 3_600_000
"""By the time it was received: so long this process may have been away."""


class Kiosks:
    """Looks for answers that have not been taken. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, mornings: Mornings) -> None:
        self._records = records
        self._register = Register(records)
        self._reporting = Reporting(records, self._register, mornings)

    def take(self, now: int) -> int:
        """How many were new. One that cannot be taken is kept as refused, with the reason."""
        since = now - LOOK_BACK_MS
        with self._records.session() as session:
            events = [
                (f"{r.node}/{r.epoch}/{r.seq}/{r.position}", r.village, r.body)
                for r in session.scalars(
                    select(EventRow).where(EventRow.type == TYPE, EventRow.received >= since).order_by(EventRow.received)
                )
            ]
            if not events:
                return 0
            said = select(FarmReportRow.body).where(FarmReportRow.kind.in_(("answer", "refused")), FarmReportRow.at >= since)
            taken = {body.get("event") for body in session.scalars(said)}
        fresh = [event for event in events if event[0] not in taken]
        for name, village, body in fresh:
            self._one(name, village, body, now)
        return len(fresh)

    def _one(self, name: str, village: str, body: dict[str, object], now: int) -> None:
        field = str(body.get("field"))[:63]
        try:
            said = parse_event(body)
            if said is None or self._register.get(said.field).village != village:
                raise NotFound("the kiosk stands in another village than the field")
            self._reporting.answer(said.field, date.fromisoformat(said.day), said.action, said.answer, by=said.by, now=now, event=name)
        except (InvalidEvent, InvalidRequest, NotFound, ValueError) as error:
            why = getattr(error, "message", str(error))
            log.warning("a farmer's answer was refused", event_name=name, field=field, reason=why)
            self._register.report(field, day_of(now), "refused", {"event": name, "why": why}, by="kiosk", now=now)
