"""``/api/v1/requests/{reference}/lookups/…``: Dukcapil and DTSEN asked about the applicant of a request."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.services.lookups.asking import trouble
from kampung_cloud.modules.services.office import office
from kampung_cloud.modules.services.schemas import LookupOut

router = APIRouter()

CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such request"},
    409: {"model": Error, "description": "The request is closed, or its service asks this register nothing"},
}


class LookupIn(BaseModel):
    """``nik`` where the request does not have it; it is asked with and not kept."""

    model_config = ConfigDict(extra="forbid")

    nik: Annotated[str, Field(max_length=40)] = ""


class TroubleOut(BaseModel):
    """Why there is no answer, and what to do: the request goes on by hand."""

    name: str
    why: Literal["not_connected", "unreachable", "refused", "quota", "unreadable"]
    text: str
    remedy: str
    mark: str | None


class AskedOut(BaseModel):
    """The registers of the request's page; ``trouble`` where this one gave no answer."""

    lookups: list[LookupOut]
    trouble: TroubleOut | None


@router.post("/requests/{reference}/lookups/{register}", response_model=AskedOut, responses=CLOSED)
def ask(
    services: ServicesDep,
    actor: Annotated[Actor, Depends(needs("petugas", "kades"))],
    reference: str,
    register: Literal["dukcapil", "dtsen"],
    given: LookupIn,
) -> dict[str, Any]:
    """Ask a register. Who asked it of whom, what for and by which law is on the access log before the question leaves."""
    desk = office(services)
    case = desk.book.get(reference)
    actor.require(case.row.village, "petugas", "kades")
    found = desk.lookups.ask(case, register, given.nik, actor, now_ms())
    return {"lookups": desk.lookups.shown(case), "trouble": trouble(found)}
