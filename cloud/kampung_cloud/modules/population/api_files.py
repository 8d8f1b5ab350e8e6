"""Residents from a file and into one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, BackgroundTasks, Query, Request
from fastapi.responses import Response, StreamingResponse
from kampung_contract.errors import KampungError, TooMuch
from kampung_contract.times import text
from starlette.concurrency import run_in_threadpool

from kampung_cloud.access.actor import Actor
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.population import schemas
from kampung_cloud.modules.population.desk import CLOSED, StaffDep, note, registry, village_of
from kampung_cloud.records.resident_models import ResidentImportRow
from kampung_cloud.residents.files import taking, writing
from kampung_cloud.residents.files.columns import columns
from kampung_cloud.residents.files.sheet import MOST_BYTES
from kampung_cloud.residents.files.store import Store
from kampung_cloud.residents.files.taking import Imports
from kampung_cloud.residents.law import purpose as checked

router = APIRouter(tags=["residents"], responses=CLOSED)
log = structlog.get_logger()

VillageQuery = Annotated[str | None, Query(max_length=40, description="Without it one's own")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


def _imports(services: Services) -> Imports:
    register = registry(services)
    return Imports(register, Store(services.config.data, register.ring))


@router.get("/residents/imports", response_model=list[schemas.ImportOut])
def listed(services: ServicesDep, staff: StaffDep, village: VillageQuery = None) -> list[dict[str, Any]]:
    """A village's imports, the last first."""
    return [_shown(row) for row in _imports(services).listed(village_of(staff, village))]


@router.get("/residents/imports/fields", response_model=list[schemas.FieldOut])
def fields(staff: StaffDep) -> list[dict[str, str]]:
    """What a column may be taken for."""
    return [{"name": name, "title": column.title} for name, column in columns().items()]


@router.post("/residents/imports", response_model=schemas.ImportOut, status_code=201, openapi_extra=BODY)
async def bring(
    services: ServicesDep, staff: StaffDep, request: Request, file: Annotated[str, Query(max_length=200)] = "", village: VillageQuery = None
) -> dict[str, Any]:
    """A spreadsheet (.xlsx, .csv) as the body: it is read and its columns are guessed; nothing is written yet."""
    place = village_of(staff, village)
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MOST_BYTES:
            raise TooMuch(f"more than {MOST_BYTES // 1024**2} MB; save it without pictures, or cut it in two")
    return _shown(await run_in_threadpool(_imports(services).bring, place, file, bytes(data), staff.id, now_ms()))


@router.get("/residents/imports/{name}", response_model=schemas.ImportOut)
def one(services: ServicesDep, staff: StaffDep, name: str) -> dict[str, Any]:
    """How far an import is."""
    return _shown(_mine(services, staff, name))


@router.post("/residents/imports/{name}/check", response_model=schemas.ImportOut)
def check(services: ServicesDep, staff: StaffDep, name: str, given: schemas.CheckIn) -> dict[str, Any]:
    """Try every line; the answer says what is wrong with which. Nothing is written."""
    _mine(services, staff, name)
    return _shown(_imports(services).check(name, given.mapping, now_ms()))


@router.post("/residents/imports/{name}/take", response_model=schemas.ImportOut, status_code=202)
def take(services: ServicesDep, staff: StaffDep, name: str, given: schemas.TakeIn, later: BackgroundTasks) -> dict[str, Any]:
    """Write the lines; GET tells how far it is. Called again, it goes on where it ended."""
    _mine(services, staff, name)
    now = now_ms()
    row = _imports(services).begin(name, now, without_wrong=given.without_wrong)
    taking.note(registry(services), staff, row, now)
    later.add_task(_take, services, staff, name)
    return _shown(row)


@router.delete("/residents/imports/{name}", status_code=204)
def give_up(services: ServicesDep, staff: StaffDep, name: str) -> None:
    """Forget the file; residents that are in stay in."""
    _mine(services, staff, name)
    _imports(services).give_up(name, now_ms())


@router.get("/residents/export.csv", response_class=StreamingResponse)
def as_csv(
    services: ServicesDep,
    staff: StaffDep,
    purpose: Annotated[str, Query(max_length=32)],
    village: VillageQuery = None,
    everybody: bool = False,
) -> StreamingResponse:
    """A village's residents with whole numbers, in OpenSID's columns."""
    place = _leaving(services, staff, purpose, village, "CSV")
    lines = writing.as_csv(registry(services), place, everybody=everybody)
    return StreamingResponse(lines, media_type="text/csv", headers=_named(place, "csv"))


@router.get("/residents/export.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def as_xlsx(
    services: ServicesDep,
    staff: StaffDep,
    purpose: Annotated[str, Query(max_length=32)],
    village: VillageQuery = None,
    everybody: bool = False,
) -> Response:
    """As the CSV, every cell a text."""
    place = _leaving(services, staff, purpose, village, "XLSX")
    return Response(writing.as_xlsx(registry(services), place, everybody=everybody), media_type=XLSX, headers=_named(place, "xlsx"))


def _leaving(services: Services, staff: Actor, purpose: str, village: str | None, kind: str) -> str:
    place = village_of(staff, village)
    note(services, staff, checked(purpose), "export", [(place, None)], now_ms(), f"berkas {kind} semua penduduk")
    return place


def _named(village: str, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="penduduk-{village}.{kind}"'}


def _mine(services: Services, staff: Actor, name: str) -> ResidentImportRow:
    """Raises ``NotFound``, ``Forbidden``."""
    row = _imports(services).find(name)
    staff.require(row.village)
    return row


def _take(services: Services, staff: Actor, name: str) -> None:
    try:
        _imports(services).take(name, staff, now_ms())
    except KampungError as error:  # the import stays where it is and says so; whoever looks at it can go on
        log.warning("import of residents stopped", name=name, detail=error.message)


def _shown(row: ResidentImportRow) -> dict[str, Any]:
    report = row.report
    known: Iterable[str] = ("good", "wrong", "doubtful")
    return {
        "id": row.id, "village": row.village, "file": row.file, "state": row.state, "lines": row.lines, "taken": row.taken,
        "mapping": row.mapping, "columns": report["columns"], "problems": report.get("problems", []), "more": report.get("more", 0),
        "became": report.get("became", {}), "by": row.by, "at": text(row.at), **{name: report.get(name) for name in known},
    }  # fmt: skip
