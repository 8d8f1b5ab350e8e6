"""Residents and families: search, read, add, change; each reading with its purpose on record before it is shown."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village as find_village

from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.population import schemas
from kampung_cloud.modules.population.desk import CLOSED, Number, StaffDep, event, line, note, registry, today, village_of, wondered
from kampung_cloud.residents import nik
from kampung_cloud.residents.law import purpose as checked
from kampung_cloud.residents.person import Person, Resident
from kampung_cloud.residents.registry import Said
from kampung_cloud.residents.sealed import Sealed
from kampung_cloud.residents.search import Wanted
from kampung_cloud.residents.search import search as look

router = APIRouter(tags=["residents"], responses=CLOSED)

PurposeQuery = Annotated[str, Query(max_length=32, description="Why the data are read")]
NumbersQuery = Annotated[bool, Query(description="Whole numbers of NIK and KK; masked without. Goes on record")]


@router.post("/residents/search", response_model=schemas.FoundOut)
def search(services: ServicesDep, staff: StaffDep, given: schemas.SearchIn) -> dict[str, Any]:
    """Residents by name, NIK or KK; at most 20 at once."""
    checked(given.purpose)
    village = None if staff.village is None and given.village is None else village_of(staff, given.village)
    register = registry(services)
    found = look(register, Wanted(given.q, village, given.born, given.everybody))
    note(services, staff, given.purpose, "list", [(row.village, row.id) for row in found.rows], now_ms())
    sealed = Sealed(register.ring)
    return {"residents": [line(sealed, row) for row in found.rows], "more": found.more}


@router.post("/residents", response_model=schemas.PutOut, status_code=201)
def add(services: ServicesDep, staff: StaffDep, given: schemas.NewIn) -> dict[str, Any]:
    """Somebody was born or moved in."""
    now = now_ms()
    village = village_of(staff, given.village)
    person = Person(village=village, **_told(given.person.model_dump()))
    put = registry(services).add(person, given.kind, Said(staff.id, _past(given.day, now), now))
    note(services, staff, "pemutakhiran", "change", [(village, put.id)], now, given.kind)
    return {"id": put.id, "kind": put.kind, "wondered": wondered(put.doubts)}


@router.get("/residents/{number}", response_model=schemas.ResidentOut)
def one(services: ServicesDep, staff: StaffDep, number: Number, purpose: PurposeQuery, numbers: NumbersQuery = False) -> dict[str, Any]:
    """One resident with all that the village keeps of him."""
    checked(purpose)
    register = registry(services)
    found = register.get(number)
    staff.require(found.person.village)
    note(services, staff, purpose, "view", [(found.person.village, number)], now_ms(), "dengan NIK dan KK lengkap" if numbers else "")
    return _shown(services, found, whole=numbers)


@router.patch("/residents/{number}", response_model=schemas.PutOut)
def change(services: ServicesDep, staff: StaffDep, number: Number, given: schemas.ChangeIn) -> dict[str, Any]:
    """Other values for some fields. What was there before is not kept; that it was changed, by whom and which fields, is."""
    now = now_ms()
    register = registry(services)
    staff.require(register.get(number).person.village)
    told = _told(given.model_dump(exclude_unset=True))
    put = register.change(number, told, Said(staff.id, date.fromisoformat(today(now)), now))
    note(services, staff, "pemutakhiran", "change", [(register.get(number).person.village, number)], now, ", ".join(sorted(told)))
    return {"id": put.id, "kind": put.kind, "wondered": wondered(put.doubts)}


@router.post("/residents/{number}/events", response_model=schemas.ResidentOut)
def happened(services: ServicesDep, staff: StaffDep, number: Number, given: schemas.HappenedIn) -> dict[str, Any]:
    """A death, a move out, a return."""
    now = now_ms()
    register = registry(services)
    village = register.get(number).person.village
    staff.require(village)
    register.happen(number, given.kind, {"note": given.note} if given.note else {}, Said(staff.id, _past(given.day, now), now))
    note(services, staff, "pemutakhiran", "event", [(village, number)], now, given.kind)
    return _shown(services, register.get(number), whole=False)


@router.get("/families/{number}", response_model=schemas.FamilyOut)
def family(services: ServicesDep, staff: StaffDep, number: Number, purpose: PurposeQuery, numbers: NumbersQuery = False) -> dict[str, Any]:
    """A family and its members, in the order of its card."""
    checked(purpose)
    register = registry(services)
    row, members = register.family(number)
    staff.require(row.village)
    detail = "dengan KK lengkap" if numbers else ""
    note(services, staff, purpose, "family", [(member.village, member.id) for member in members], now_ms(), detail)
    sealed = Sealed(register.ring)
    card = sealed.open("kk", row.id, row.kk_sealed)
    return {
        "id": row.id,
        "village": row.village,
        "kk": card if numbers else nik.masked(card),
        "address": sealed.open("address", row.id, row.address_sealed),
        "wondered": wondered(row.doubts),
        "members": [line(sealed, member) for member in members],
    }


def _shown(services: Services, found: Resident, *, whole: bool) -> dict[str, Any]:
    person = found.person
    told = asdict(person) | {"id": found.id, "family": found.family, "doubts": found.doubts, "wondered": wondered(found.doubts)}
    if not whole:
        told |= {"nik": nik.masked(person.nik), "kk": nik.masked(person.kk)}
    register = registry(services)
    return told | {
        "village_name": find_village(person.village).name,
        "first": nik.kept_from(person.nik, person.village) if len(person.nik) == 16 else None,
        "events": [event(row) for row in register.events(found.id)],
    }


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers without blanks, and nothing where null was given. Raises ``InvalidRequest``."""
    out = {name: value for name, value in values.items() if value is not None or name == "born"}
    for name in ("nik", "kk"):
        if name in out:
            out[name] = nik.clean(out[name])
    if out.get("born") is not None and out["born"] > date.today():
        raise InvalidRequest(f"born = {out['born']}: lies in the future")
    return out


def _past(day: date, now: int) -> date:
    """Raises ``InvalidRequest`` for a day to come."""
    if day.isoformat() > today(now):
        raise InvalidRequest(f"day = {day}: lies in the future")
    return day
