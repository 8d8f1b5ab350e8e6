"""What a resident has to be known by at the kiosks: a PIN that staff give him, and a card."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from kampung_contract.times import text

from kampung_cloud.access.actor import Actor
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.population import schemas
from kampung_cloud.modules.population.desk import CLOSED, Number, StaffDep, note, registry
from kampung_cloud.roll.pins import Pins

router = APIRouter(tags=["residents"], responses=CLOSED)


@router.get("/residents/{number}/kiosk", response_model=schemas.KioskOut)
def held(services: ServicesDep, staff: StaffDep, number: Number) -> dict[str, Any]:
    """Whether he has a PIN and a card. No PIN can be read."""
    _village(services, staff, number)
    return _shown(services, number)


@router.post("/residents/{number}/kiosk/pin", response_model=schemas.PinOut, status_code=201)
def give(services: ServicesDep, staff: StaffDep, number: Number) -> dict[str, Any]:
    """A first PIN, or another for whom forgot his: told this once, and to be changed by him at the kiosk."""
    village, now = _village(services, staff, number), now_ms()
    note(services, staff, "pemilik", "change", [(village, number)], now, "PIN kios diberikan")
    return {"pin": _pins(services).give(number, village, staff.id, now), **_shown(services, number)}


@router.delete("/residents/{number}/kiosk/pin", response_model=schemas.KioskOut)
def take(services: ServicesDep, staff: StaffDep, number: Number) -> dict[str, Any]:
    """No kiosk knows him any more, by card or receipt neither."""
    note(services, staff, "pemilik", "change", [(_village(services, staff, number), number)], now_ms(), "PIN kios dicabut")
    _pins(services).take(number)
    return _shown(services, number)


@router.put("/residents/{number}/kiosk/card", response_model=schemas.KioskOut)
def set_card(services: ServicesDep, staff: StaffDep, number: Number, given: schemas.CardIn) -> dict[str, Any]:
    """The card that stands for his NIK beside the PIN, as a reader reads it. Of its number only a short keyed hash is kept."""
    village, now = _village(services, staff, number), now_ms()
    _pins(services).set_card(number, given.number, now)
    note(services, staff, "pemilik", "change", [(village, number)], now, "kartu kios didaftarkan")
    return _shown(services, number)


@router.delete("/residents/{number}/kiosk/card", response_model=schemas.KioskOut)
def take_card(services: ServicesDep, staff: StaffDep, number: Number) -> dict[str, Any]:
    """His card is lost, or another's now."""
    village, now = _village(services, staff, number), now_ms()
    _pins(services).set_card(number, None, now)
    note(services, staff, "pemilik", "change", [(village, number)], now, "kartu kios dicabut")
    return _shown(services, number)


def _pins(services: Services) -> Pins:
    return Pins(services.records, registry(services).ring)


def _village(services: Services, staff: Actor, number: int) -> str:
    """Raises ``NotFound``, ``Forbidden``."""
    village = registry(services).get(number).person.village
    staff.require(village)
    return village


def _shown(services: Services, number: int) -> dict[str, Any]:
    held = _pins(services).of(number)
    if held is None:
        return {"pin_given": None, "by": None, "first": False, "card": False}
    return {"pin_given": text(held.at), "by": held.by, "first": held.first, "card": held.card}
