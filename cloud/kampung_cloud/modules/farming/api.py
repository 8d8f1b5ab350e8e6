"""Fields, what farmers report of them, and the morning's advice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.times import text
from kampung_contract.villages import village as find_village
from sqlalchemy import select

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api import alarms, series
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming import api_farmer, api_money, speaking
from kampung_cloud.modules.farming.crops import crop, crops
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmFieldRow
from kampung_cloud.modules.farming.mornings import KEY, Mornings
from kampung_cloud.modules.farming.photos import Photos
from kampung_cloud.modules.farming.register import Register, plot
from kampung_cloud.modules.farming.reporting import Reporting
from kampung_cloud.modules.farming.schemas import AdviceOut, BalanceOut, FarmFieldOut, FieldIn, ReportIn
from kampung_cloud.modules.farming.schemas_farmer import TodayOut
from kampung_cloud.modules.farming.soils import textures
from kampung_cloud.modules.farming.stations import day_of

router = APIRouter(prefix="/farming", tags=["farming"])
router.include_router(api_money.router)
router.include_router(api_farmer.router)

StaffDep = Annotated[Actor, Depends(needs(*speaking.STAFF))]
CLOSED: dict[int | str, dict[str, Any]] = {401: {"model": Error, "description": "The token is missing or wrong"}}
MOST_DAYS = 400


def mornings(services: Services) -> Mornings:
    """Over the process's stores."""
    return Mornings(services.records, services.store, services.contents)


@router.get("/crops")
def list_crops() -> list[dict[str, Any]]:
    """Crops that can be registered, each number with its source and mark."""
    return [row.model_dump() for row in crops().values()]


@router.get("/soils")
def list_soils() -> list[dict[str, Any]]:
    """Textures that can be registered; ``soil`` is what is used of the ranges."""
    return [{**row.model_dump(), "soil": asdict(row.soil)} for row in textures().values()]


@router.get("/fields", response_model=list[FarmFieldOut])
def fields(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Registered fields; whom they belong to is not told."""
    today = day_of(now_ms())
    return [_shown(row, today) for row in Register(services.records).listed(village)]


@router.put("/fields/{field}", response_model=FarmFieldOut, responses=CLOSED)
def put_field(services: ServicesDep, actor: StaffDep, field: str, given: FieldIn) -> dict[str, Any]:
    """Register a field under a name, or change it; the list of today is made anew."""
    register = Register(services.records)
    for village in {find_village(given.village).code, register.village_of(field) or ""} - {""}:
        actor.require(village)
    now = now_ms()
    row = register.put({"id": field, **given.model_dump()}, now, day_of(now))
    mornings(services).again(row.id, now)
    api_farmer.fields_of(services).tell(row.village, now)
    return _shown(row, day_of(now))


@router.post("/fields", response_model=FarmFieldOut, status_code=201, responses=CLOSED)
def new_field(services: ServicesDep, actor: StaffDep, given: FieldIn) -> dict[str, Any]:
    """Register a field; it gets a name of its own."""
    actor.require(find_village(given.village).code)
    now = now_ms()
    row = Register(services.records).put(given.model_dump(), now, day_of(now))
    mornings(services).again(row.id, now)
    api_farmer.fields_of(services).tell(row.village, now)
    return _shown(row, day_of(now))


@router.get("/today", response_model=TodayOut)
def first_view(services: ServicesDep, village: VillageDep) -> Response:
    """All that the farmer's page shows first, in one answer, since each turn costs a slow line half a second. ``village`` is needed."""
    if village is None:
        raise InvalidRequest("village is missing: ?village=35.10.24.2008; GET /api/v1/farming/villages lists those that have fields")
    today = day_of(now_ms())
    advice = services.contents.get(village, KEY)
    shown = {
        "fields": [field.model_dump() for field in services.config.field if field.village == village],
        "registered": [_shown(row, today) for row in Register(services.records).listed(village)],
        "alarms": alarms.alarms(services, village),
        "advice": None if advice is None else advice.document,
    }
    parts = [(name, msgspec.json.encode(value)) for name, value in shown.items()]
    parts.append(("series", bytes(series.series(services, village).body)))
    return Response(b"{" + b",".join(b'"%s":%s' % (name.encode(), body) for name, body in parts) + b"}", media_type="application/json")


@router.get("/fields/{field}", response_model=FarmFieldOut)
def one_field(services: ServicesDep, field: str) -> dict[str, Any]:
    """A registered field."""
    return _shown(Register(services.records).get(field), day_of(now_ms()))


@router.delete("/fields/{field}", status_code=204, responses=CLOSED)
def end_field(services: ServicesDep, actor: StaffDep, field: str) -> None:
    """Give a field up; its history stays."""
    row = Register(services.records).get(field)
    actor.require(row.village)
    now = now_ms()
    Register(services.records).end(field, now)
    mornings(services).tell(row.village, day_of(now), now)
    api_farmer.fields_of(services).tell(row.village, now)


@router.post("/fields/{field}/reports", response_model=AdviceOut, responses=api_farmer.CLOSED)
def report(services: ServicesDep, request: Request, field: str, said: ReportIn) -> dict[str, Any]:
    """What the farmer says: a stage, ten leaves, watering, or his answer to an action. Answers with the list as it then stands.

    By staff with the token, or with the field's key. With an ``id`` it counts once, however often it is sent.
    """
    speaking.often(services, request, field)
    now = now_ms()
    made, photos = mornings(services), Photos(services.config.data)
    Reporting(services.records, Register(services.records), made, photos).take(field, said, now, day_of(now))
    return _advice(services, field, day_of(now))


@router.get("/fields/{field}/advice", response_model=AdviceOut)
def advice(services: ServicesDep, field: str, day: date | None = None) -> dict[str, Any]:
    """The list of today, or of another morning. It stands for the day unless the farmer reports something."""
    return _advice(services, field, day or day_of(now_ms()))


@router.get("/fields/{field}/balance", response_model=BalanceOut)
def balance(services: ServicesDep, field: str, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 60) -> dict[str, Any]:
    """The field's water by day until yesterday, computed from what is stored now."""
    row = Register(services.records).get(field)
    today = day_of(now_ms())
    (looked,) = mornings(services).looking.look(row.village, [row], today)
    if not looked.morning.standings:
        why = "rice is led by the level in the tube" if plot(row).crop.flooded else "it has no planting date"
        raise InvalidRequest(f"{row.name} has no soil water balance: {why}")
    kept = [s for s in looked.morning.standings if s.day >= today - timedelta(days)]
    columns = {
        "day": [s.day.isoformat() for s in kept],
        "depletion": [round(s.depletion, 2) for s in kept],
        "sd": [round(s.sd, 2) for s in kept],
        "raw": [round(s.ready, 2) for s in kept],
        "taw": [round(s.total, 2) for s in kept],
        "ks": [round(s.stress, 3) for s in kept],
        "et0": [round(s.et0, 2) for s in kept],
        "rain": [round(s.rain, 1) for s in kept],
        "irrigation": [round(s.irrigated, 1) for s in kept],
        "probe": [None if s.corrected is None else round(s.corrected.probe.depletion, 2) for s in kept],
        "method": [s.method for s in kept],
    }
    return {"field": row.id, **columns}


def _advice(services: Services, field: str, day: date) -> dict[str, Any]:
    Register(services.records).get(field)
    with services.records.session() as session:
        row = session.scalar(select(FarmAdviceRow).where(FarmAdviceRow.field == field, FarmAdviceRow.day == day.isoformat()))
        if row is None:
            raise NotFound(f"no list of {field} for {day}; lists are made from five in the morning on")
        return {
            "field": row.field, "day": row.day, "made": text(row.at), "colour": row.colour, "water": row.water, "actions": row.actions,
            "answers": row.answers,
        }  # fmt: skip


def _shown(row: FarmFieldRow, today: date) -> dict[str, Any]:
    grown = crop(row.crop)
    names = (
        "id",
        "village",
        "name",
        "crop",
        "variety",
        "texture",
        "area",
        "flow",
        "latitude",
        "longitude",
        "altitude",
        "planted",
        "target",
        "direct",
        "sensors",
    )
    return {**{n: getattr(row, n) for n in names}, "crop_title": grown.title, "weak": grown.weak, "age": plot(row).age(today)}
