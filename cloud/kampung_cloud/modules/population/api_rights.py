"""What the law gives residents: who read their data, and what they may ask for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from kampung_contract.times import text

from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.population import schemas
from kampung_cloud.modules.population.desk import CLOSED, Number, StaffDep, note, registry, village_of
from kampung_cloud.records.resident_models import AccessLogRow
from kampung_cloud.residents import access_log, law, requests
from kampung_cloud.residents.requests import Request

router = APIRouter(tags=["residents"], responses=CLOSED)

VillageQuery = Annotated[str | None, Query(max_length=40, description="Without it one's own")]


@router.get("/residents/purposes", response_model=schemas.LawsOut)
def laws() -> dict[str, Any]:
    """Why data may be read, and what residents may ask for, with sources."""
    return {
        "purposes": [{"code": code, **each.model_dump()} for code, each in law.purposes().items()],
        "rights": [{"code": code, **each.model_dump()} for code, each in law.rights().items()],
    }


@router.get("/residents/log", response_model=list[schemas.ReadingOut])
def log(
    services: ServicesDep, staff: StaffDep, village: VillageQuery = None, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> list[dict[str, Any]]:
    """Who read or changed data of a village's residents, the last first."""
    return [_reading(row) for row in access_log.newest(services.records, village_of(staff, village), limit)]


@router.get("/residents/log/verify", response_model=schemas.ChainOut)
def verify(services: ServicesDep, staff: StaffDep, village: VillageQuery = None) -> dict[str, Any]:
    """Whether every line of a village's log is as it was written."""
    place = village_of(staff, village)
    good, wrong = access_log.verify(services.records, place)
    return {"village": place, "good": good, "lines": access_log.head(services.records, place)[0], "wrong": wrong}


@router.get("/residents/requests", response_model=list[schemas.AskedOut])
def asked(services: ServicesDep, staff: StaffDep, village: VillageQuery = None, everything: bool = False) -> list[dict[str, Any]]:
    """What residents asked for about their data: open ones by the time left."""
    now = now_ms()
    found = requests.listed(services.records, registry(services).ring, village_of(staff, village), everything=everything)
    return [_asked(services, each, now) for each in found]


@router.post("/residents/requests/{number}", response_model=schemas.AskedOut)
def answer(services: ServicesDep, staff: StaffDep, number: Number, given: schemas.AnswerIn) -> dict[str, Any]:
    """Grant or refuse what was asked for, with words for who asked."""
    now = now_ms()
    ring = registry(services).ring
    staff.require(requests.find(services.records, ring, number).village)
    return _asked(services, requests.close(services.records, ring, number, given.answer, staff.id, now, granted=given.granted), now)


@router.post("/residents/{number}/requests", response_model=schemas.AskedOut, status_code=201)
def ask(services: ServicesDep, staff: StaffDep, number: Number, given: schemas.AskIn) -> dict[str, Any]:
    """A resident asks for something about his data; the clock begins."""
    now = now_ms()
    register = registry(services)
    village = register.get(number).person.village
    staff.require(village)
    made = requests.receive(services.records, register.ring, village, number, given.kind, given.text, staff.id, now)
    note(services, staff, "pemilik", "request", [(village, number)], now, given.kind)
    return _asked(services, made, now)


@router.get("/residents/{number}/readers", response_model=schemas.ReadersOut)
def readers(services: ServicesDep, staff: StaffDep, number: Number) -> dict[str, Any]:
    """Siapa yang membaca data saya: for the resident himself, to print. Asking for it goes on record, too."""
    found = registry(services).get(number).person
    staff.require(found.village)
    note(services, staff, "pemilik", "print", [(found.village, number)], now_ms(), "daftar pembaca")
    lines, last = access_log.head(services.records, found.village)
    rows = access_log.of(services.records, found.village, number)
    return {"resident": number, "name": found.name, "readings": [_reading(row) for row in rows], "lines": lines, "last": last}


def _reading(row: AccessLogRow) -> dict[str, Any]:
    return {
        "n": row.n, "at": text(row.at), "actor": row.actor, "name": row.name, "purpose": row.purpose,
        "purpose_title": law.purpose_title(row.purpose), "what": row.what, "resident": row.resident, "detail": row.detail,
    }  # fmt: skip


def _asked(services: Services, each: Request, now: int) -> dict[str, Any]:
    return {
        "id": each.id, "resident": each.resident, "village": each.village, "name": registry(services).get(each.resident).person.name,
        "kind": each.kind, "title": law.right(each.kind).title, "text": each.text, "answer": each.answer, "state": each.state,
        "received": text(each.received), "due": text(each.due), "closed": None if each.closed is None else text(each.closed),
        "late": each.state == "open" and each.due < now, "by": each.by, "closed_by": each.closed_by,
    }  # fmt: skip
