"""``/api/v1/requests/residents/…``: what a resident of the register has asked for, for his own page at the desk."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.services import showing
from kampung_cloud.modules.services.office import office
from kampung_cloud.modules.services.schemas import RequestOut
from kampung_cloud.residents import access_log

router = APIRouter()

CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such village"},
}


@router.get("/requests/residents/{number}", response_model=list[RequestOut], responses=CLOSED)
def of_resident(
    services: ServicesDep,
    actor: Annotated[Actor, Depends(needs("petugas", "kades"))],
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="The resident's number in the register")],
    village: Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)],
) -> list[dict[str, Any]]:
    """His requests in the village, open and closed, the newest first; that they were read goes on record before."""
    code, desk, now = find_village(village).code, office(services), now_ms()
    actor.require(code, "petugas", "kades")
    found = desk.book.of_person(code, str(number))
    if found:
        access_log.note(services.records, actor, [access_log.Reading(code, "permohonan", "list", (number,), "daftar permohonan")], now)
    return [showing.row(r, actor, desk.calendar, now) for r in found]
