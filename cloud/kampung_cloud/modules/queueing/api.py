"""``/api/v1/queue``: how long people waited at the office, for the office and the regency."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.queueing.figures import figures
from kampung_cloud.modules.queueing.reading import tickets
from kampung_cloud.modules.queueing.schemas import QueueOut

router = APIRouter(prefix="/queue", tags=["queue"])

MOST_DAYS = 92
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such village"},
}


@router.get("", response_model=QueueOut, responses=CLOSED)
def of_village(
    services: ServicesDep,
    actor: Annotated[Actor, Depends(needs("petugas", "kades", "officer"))],
    village: Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)],
    since: Annotated[date | None, Query(description="First day of WIB; six days before the last, when left out")] = None,
    until: Annotated[date | None, Query(description="Last day of WIB; today, when left out")] = None,
) -> dict[str, Any]:
    """Waiting and serving by hour, day, line and counter; of tickets that came to an end and were told by the kiosk."""
    code = find_village(village).code
    actor.require(code, "petugas", "kades", "officer")
    last = until or day_of(now_ms())
    first = since or last - timedelta(days=min(6, last.toordinal() - 1))
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidRequest(f"since = {first}, until = {last}: 1 to {MOST_DAYS} days, the first not after the last")
    shown = figures(tickets(services.records, {code}, first, last).get(code, []))
    return {"village": code, "since": first.isoformat(), "until": last.isoformat()} | shown
