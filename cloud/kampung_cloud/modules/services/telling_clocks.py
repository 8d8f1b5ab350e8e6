"""The clock of requests that go on to another office, for the kiosks: the village's part beside Dukcapil's.

What is told changes only when a request goes on, so that a village's link does not carry a new document every minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from kampung_cloud.calendar import Calendar
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.flow.clocks import Step, times, told_of
from kampung_cloud.modules.services.models import ServiceRequestRow, ServiceStepRow
from kampung_cloud.records import Records

AT_ONCE = 500


class ToldClocks:
    """Remembers what it told of a request until it goes on. Used by one thread."""

    def __init__(self, records: Records, catalogue: Catalogue, calendar: Calendar) -> None:
        self._records, self._catalogue, self._calendar = records, catalogue, calendar
        self._known: dict[str, tuple[int, dict[str, Any]]] = {}

    def of(self, rows: Sequence[ServiceRequestRow]) -> dict[str, dict[str, Any]]:
        """By reference ``{clock: …}``, counted to when the state was entered; nothing for what no other office takes part in."""
        fresh = [row for row in rows if self._known.get(row.id, (-1,))[0] != row.version]
        steps: dict[str, list[Step]] = {}
        for begin in range(0, len(fresh), AT_ONCE):
            refs = [row.id for row in fresh[begin : begin + AT_ONCE]]
            query = select(ServiceStepRow).where(ServiceStepRow.request.in_(refs)).order_by(ServiceStepRow.request, ServiceStepRow.n)
            with self._records.session() as session:
                for s in session.scalars(query):
                    steps.setdefault(s.request, []).append(Step(s.state, s.at))
        known = {row.id: self._known[row.id] for row in rows if row.id in self._known}
        self._known = known | {row.id: (row.version, self._told(row, steps.get(row.id, []))) for row in fresh}
        return {ref: told for ref, (_, told) in self._known.items() if told}

    def _told(self, row: ServiceRequestRow, steps: Sequence[Step]) -> dict[str, Any]:
        service = self._catalogue.services(row.village).get(row.service)
        if service is None:
            return {}
        spent = times(steps, row.since, self._calendar)
        if service.kind != "forward" and not spent.elsewhere:
            return {}
        return {"clock": told_of(service, spent, row.state)}
