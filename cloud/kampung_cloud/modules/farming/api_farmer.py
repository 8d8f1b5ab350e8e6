"""What a farmer does on his phone: register a field, and, with its key, look at and change what he said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import segno
from fastapi import APIRouter, Request, Response
from kampung_contract.errors import InvalidRequest
from kampung_contract.farm_field import FarmField, FieldSensor
from kampung_contract.villages import village as find_village
from sqlalchemy import func, select

from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming import nitrogen
from kampung_cloud.modules.farming.advice.calendar import calendar
from kampung_cloud.modules.farming.advice.feeding import BOOTING_BEFORE_FLOWERING
from kampung_cloud.modules.farming.keys import Keys
from kampung_cloud.modules.farming.models import FarmFieldRow, FarmReportRow
from kampung_cloud.modules.farming.mornings import Mornings
from kampung_cloud.modules.farming.pace import Pace
from kampung_cloud.modules.farming.photos import Photos
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.registering import Registering, digest
from kampung_cloud.modules.farming.schemas_farmer import KeyIn, KeyMadeOut, KeyOut, RegisteredOut, RegistrationIn, SaidOut, VillageOut
from kampung_cloud.modules.farming.speaking import client, often, speaker
from kampung_cloud.modules.farming.stations import day_of
from kampung_cloud.modules.farming.village_fields import VillageFields

router = APIRouter()
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "Neither the field's key nor the token"},
    429: {"model": Error, "description": "Too often"},
}
NEW = Pace(6, 3_600_000)
"""New fields from one address in an hour."""
NEW_IN_VILLAGE = Pace(60, 24 * 3_600_000)
LATEST = 12
"""Leaf readings that are shown."""


def fields_of(services: Services) -> VillageFields:
    """Over the process's stores."""
    return VillageFields(services.records, services.contents, services.config)


@router.get("/villages", response_model=list[VillageOut])
def villages(services: ServicesDep) -> list[dict[str, Any]]:
    """Villages that have fields, by name."""
    counted = select(FarmFieldRow.village, func.count()).where(FarmFieldRow.ended.is_(None)).group_by(FarmFieldRow.village)
    with services.records.session() as session:
        found = {row[0]: int(row[1]) for row in session.execute(counted)}
    for field in services.config.field:
        found.setdefault(field.village, 0)
    places = sorted((find_village(code) for code in found), key=lambda p: (p.name, p.code))
    return [{"code": p.code, "name": p.name, "kecamatan": p.kecamatan, "fields": found[p.code]} for p in places]


@router.get("/choices")
def choices(services: ServicesDep, village: VillageDep = None) -> dict[str, Any]:
    """Crops and soils as a farmer is asked for them, and the sensors of a village with the field in which each stands."""
    taken = {
        s["series"]: {"field": row.id, "name": row.name, "since": s["since"]}
        for row in (Register(services.records).listed(village) if village else [])
        for s in row.sensors
        if s["until"] is None
    }
    return {**VillageFields.choices(), "taken": taken}


@router.post("/registrations", response_model=RegisteredOut, status_code=201, responses=CLOSED)
def register(services: ServicesDep, request: Request, given: RegistrationIn) -> dict[str, Any]:
    """A farmer registers a field on his phone, or changes the one whose key he holds. Sent twice, it counts once."""
    now = now_ms()
    made = Registering(services.records, _mornings(services), fields_of(services))
    change = given.change
    if change:
        often(services, request, given.field)
    elif not Register(services.records).heard(given.id):
        NEW.take(client(request), now, "new fields from here")
        NEW_IN_VILLAGE.take(given.village, now, f"new fields in {given.village}")
    said = FarmField(
        id=given.id, field=given.field, name=" ".join(given.name.split()), crop=given.crop, texture=given.texture, area=given.area,
        latitude=given.latitude, longitude=given.longitude, by=" ".join(given.by.split()), at=now, variety=given.variety,
        planted=None if given.planted is None else given.planted.isoformat(), flow=given.flow, direct=given.direct,
        sensors=tuple(FieldSensor(s.series, None if s.since is None else s.since.isoformat()) for s in given.sensors),
        helped=given.helped, phone=given.phone, key=digest(given.key),
    )  # fmt: skip
    if not said.name or not said.by:
        raise InvalidRequest(f"name = {given.name!r}, by = {given.by!r}: write words")
    taken = made.take(said, find_village(given.village).code, now, day_of(now), change=change)
    return {"field": taken.field.id, "village": taken.field.village, "new": taken.new, "told": taken.told}


@router.get("/fields/{field}/said", response_model=SaidOut, responses=CLOSED)
def said(services: ServicesDep, request: Request, field: str) -> dict[str, Any]:
    """What was said of a field this season: stages, leaf readings with what follows of them, photos. For who may speak for it."""
    speaker(services, request, field)
    row, today = Register(services.records).get(field), day_of(now_ms())
    (looked,) = _mornings(services).looking.look(row.village, [row], today)
    booting = calendar(looked.morning).flowering - BOOTING_BEFORE_FLOWERING
    season = row.planted or "0000-00-00"
    with services.records.session() as session:
        wanted = select(FarmReportRow).where(FarmReportRow.field == field, FarmReportRow.kind == "leaves", FarmReportRow.day >= season)
        rows = list(session.scalars(wanted.order_by(FarmReportRow.id.desc()).limit(LATEST)))
        leaves = [_leaves(row, r, booting) for r in rows]
    stages = {stage: day.isoformat() for stage, day in looked.morning.seen.items()}
    return {"field": field, "age": looked.morning.age, "stages": stages, "leaves": leaves, "tell": len(row.tell)}


@router.get("/fields/{field}/photos/{name}", responses=CLOSED)
def photo(services: ServicesDep, request: Request, field: str, name: str) -> Response:
    """The JPEG that stands beside a leaf reading."""
    speaker(services, request, field)
    data = Photos(services.config.data).get(Register(services.records).get(field).id, name)
    return Response(data, media_type="image/jpeg", headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400"})


@router.get("/fields/{field}/keys", response_model=list[KeyOut], responses=CLOSED)
def keys(services: ServicesDep, request: Request, field: str) -> list[dict[str, Any]]:
    """Who holds a key to the field; no key is ever shown again."""
    speaker(services, request, field)
    return [{"id": k.id, "by": k.by, "at": k.at, "used": k.used, "revoked": k.revoked} for k in Keys(services.records).listed(field)]


@router.post("/fields/{field}/keys", response_model=KeyMadeOut, status_code=201, responses=CLOSED)
def new_key(services: ServicesDep, request: Request, field: str, given: KeyIn) -> dict[str, Any]:
    """One more key, with its link and a QR code, told only now: for another phone, or from staff to who lost his."""
    often(services, request, field)
    row = Register(services.records).get(field)
    key = Keys(services.records).make(field, by=given.by, now=now_ms())
    link = f"{fields_of(services).address}/tani?village={row.village}&field={field}#kunci={key}"
    return {"key": key, "link": link, "qr": segno.make(link, error="m").svg_data_uri(scale=8, border=2)}


@router.delete("/fields/{field}/keys/{key}", status_code=204, responses=CLOSED)
def revoke(services: ServicesDep, request: Request, field: str, key: int) -> None:
    """From now on it opens nothing."""
    often(services, request, field)
    Keys(services.records).revoke(field, key, now_ms())


def _mornings(services: Services) -> Mornings:
    return Mornings(services.records, services.store, services.contents)


def _leaves(row: FarmFieldRow, report: FarmReportRow, booting: int) -> dict[str, Any]:
    readings, day = [float(r) for r in report.body["readings"]], date.fromisoformat(report.day)
    age = (day - date.fromisoformat(row.planted)).days if row.planted else 0
    found = {t: nitrogen.topdressing(readings, age, t, direct=row.direct, booting=booting) for t in nitrogen.TARGETS}
    own = found[row.target]
    verdict = "feed" if own.urea else "enough" if own.due else "early" if age < nitrogen.FROM else "late"
    return {
        "day": report.day, "by": report.by, "age": age, "readings": readings, "mean": round(own.mean, 2), "pale": own.pale,
        "verdict": verdict, "target": row.target, "urea": {str(t): f.urea for t, f in found.items()},
        "kg": round(own.urea * row.area / 10_000, 1), "source": nitrogen.SOURCE, "photo": report.body.get("photo"),
    }  # fmt: skip
