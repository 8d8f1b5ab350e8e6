"""How long services take: the village's own working minutes, of what was handed over."""

from __future__ import annotations

from statistics import quantiles
from typing import Any

from sqlalchemy import select

from kampung_cloud.calendar import Calendar
from kampung_cloud.modules.services.flow.clocks import Step, Times, times
from kampung_cloud.modules.services.models import ServiceRequestRow, ServiceStepRow
from kampung_cloud.records import Records


def durations(records: Records, village: str, since: int, calendar: Calendar) -> dict[str, list[Times]]:
    """By service, the times of what was handed over since (ms UTC)."""
    out: dict[str, list[Times]] = {}
    with records.session() as session:
        chosen = select(ServiceRequestRow).where(
            ServiceRequestRow.village == village, ServiceRequestRow.closed >= since, ServiceRequestRow.state == "handed_over"
        )
        rows = {r.id: r for r in session.scalars(chosen)}
        steps: dict[str, list[Step]] = {}
        within = select(ServiceStepRow).join(ServiceRequestRow, ServiceRequestRow.id == ServiceStepRow.request)
        within = within.where(ServiceRequestRow.village == village, ServiceRequestRow.closed >= since)
        for s in session.scalars(within.order_by(ServiceStepRow.request, ServiceStepRow.n)):
            steps.setdefault(s.request, []).append(Step(s.state, s.at))
    for ref, row in rows.items():
        out.setdefault(row.service, []).append(times(steps[ref], row.closed or 0, calendar))
    return out


def by_service(records: Records, village: str, since: int, calendar: Calendar) -> list[dict[str, Any]]:
    """Median and 90th of 100 of the village's minutes, and the median of what others took, by service."""
    return [
        {
            "service": service,
            "n": len(found),
            "village_p50": _share([t.village for t in found], 50),
            "village_p90": _share([t.village for t in found], 90),
            "resident_p50": _share([t.resident for t in found], 50),
            "elsewhere_p50": _share([t.elsewhere for t in found], 50),
        }
        for service, found in sorted(durations(records, village, since, calendar).items())
    ]


def _share(values: list[int], percent: int) -> float:
    return float(values[0]) if len(values) == 1 else round(quantiles(values, n=100, method="inclusive")[percent - 1], 1)
