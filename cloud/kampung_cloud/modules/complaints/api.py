"""``/api/v1/complaints``: the office's work on complaints and suggestions, and what of them is told to everybody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from kampung_contract.errors import Forbidden, NotFound
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.complaints import seeing, showing
from kampung_cloud.modules.complaints.ageing import Words, office_of
from kampung_cloud.modules.complaints.book import Book
from kampung_cloud.modules.complaints.desk import book, calendar
from kampung_cloud.modules.complaints.models import ComplaintRow
from kampung_cloud.modules.complaints.schemas import (
    ActIn,
    CategoryIn,
    ComplaintOut,
    DetailOut,
    PublicOut,
    QuarterOut,
    SuggestionOut,
    WriterOut,
)  # fmt: skip
from kampung_cloud.modules.complaints.statistics import by_quarter, counted, public, table
from kampung_cloud.modules.complaints.status import OPEN, State
from kampung_cloud.residents import access_log
from kampung_cloud.retention.destroyed import certificate_of
from kampung_cloud.retention.office import REGENCY

router = APIRouter(prefix="/complaints", tags=["complaints"])

Staff = Annotated[Actor, Depends(needs("petugas", "kades", "inspektur"))]
Office = Annotated[Actor, Depends(needs("petugas", "kades"))]
Village = Annotated[str | None, Query(description="Kemendagri code, as 35.10.24.2008; inspectors may leave it out", max_length=13)]
One = Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)]
Year = Annotated[int, Query(ge=2020, le=2100, description="Calendar year of WIB")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, not in this village, or with another office"},
    404: {"model": Error, "description": "There is no such complaint, or it is not this office's to see"},
    409: {"model": Error, "description": "Not possible from where the complaint stands"},
}


@router.get("", response_model=list[ComplaintOut], responses=CLOSED)
def inbox(
    services: ServicesDep, actor: Staff, village: Village = None, state: Annotated[list[State] | None, Query()] = None
) -> list[dict[str, Any]]:
    """Complaints, the one with the least time left first; without ``state`` all that are open."""
    code = _where(actor, village)
    found = book(services).listed(code, state or OPEN, past=seeing.inspects(actor))
    days, now = calendar(services), now_ms()
    return [showing.row(each, actor, days, now) for each in found]


@router.get("/statistics", response_model=list[QuarterOut], responses=CLOSED)
def statistics(services: ServicesDep, actor: Staff, year: Year, village: Village = None) -> list[dict[str, Any]]:
    """By quarter, of a year and the one before it, for the office: figures as they are."""
    code = _where(actor, village)
    return by_quarter(counted(services.records, (year - 1, year), code, past=seeing.inspects(actor)))


@router.get("/figures", response_model=PublicOut)
def figures(services: ServicesDep, year: Year) -> dict[str, Any]:
    """For everybody: counts and median days to the first answer, of quarters that are over, nothing of fewer than five."""
    return {"year": year} | public(counted(services.records, (year,), None, past=True), now_ms())


@router.get("/figures.csv", response_class=Response)
def figures_file(services: ServicesDep, year: Year) -> Response:
    """The same as CSV: village, quarter; last the inspectorate's, of the whole regency."""
    text = table(counted(services.records, (year,), None, past=True), now_ms())
    named = {"Content-Disposition": f'attachment; filename="pengaduan-layanan-{year}.csv"', "Access-Control-Allow-Origin": "*"}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=named)


@router.get("/suggestions", response_model=list[SuggestionOut], responses=CLOSED)
def suggestions(services: ServicesDep, actor: Office, village: One) -> list[dict[str, Any]]:
    """What residents suggest, what nobody has read first."""
    code = find_village(village).code
    actor.require(code, "petugas", "kades")
    return [showing.suggestion(*found) for found in book(services).suggestions(code)]


@router.post("/suggestions/{name}/seen", status_code=204, responses=CLOSED)
def see(services: ServicesDep, actor: Office, name: str) -> None:
    """Somebody of the office has read it."""
    desk = book(services)
    actor.require(desk.suggestion(name).village, "petugas", "kades")
    desk.see(name, actor.id, now_ms())


@router.get("/{number}", response_model=DetailOut, responses=CLOSED)
def one(services: ServicesDep, actor: Staff, number: Number) -> dict[str, Any]:
    """One complaint with its words and its trail; not who wrote it."""
    desk = book(services)
    _mine(desk, number, actor)
    return _detail(services, desk, number, actor)


@router.post("/{number}/acts", response_model=DetailOut, responses=CLOSED)
def act(services: ServicesDep, actor: Staff, number: Number, given: ActIn) -> dict[str, Any]:
    """Lead a complaint on."""
    desk = book(services)
    seeing.require_act(actor, _mine(desk, number, actor), given.act)
    desk.act(number, given.act, given.note, actor.id, now_ms())
    return _detail(services, desk, number, actor)


@router.post("/{number}/category", response_model=DetailOut, responses=CLOSED)
def categorise(services: ServicesDep, actor: Staff, number: Number, given: CategoryIn) -> dict[str, Any]:
    """What it is about, as the office finds."""
    desk = book(services)
    _mine(desk, number, actor)
    desk.categorise(number, given.category)
    return _detail(services, desk, number, actor)


@router.post("/{number}/writer", response_model=WriterOut, responses=CLOSED)
def writer(services: ServicesDep, actor: Staff, number: Number) -> dict[str, Any]:
    """Who wrote it. That it was read goes on record before it is shown, on the complaint's trail and in the access log."""
    desk = book(services)
    row = _mine(desk, number, actor)
    nobody = NotFound(f"complaint {number} was written by nobody who is to be known; answer by its ticket")
    if row.writer is None:
        raise nobody
    if not seeing.reads_writer(actor, row):
        raise Forbidden(f"who wrote complaint {number} is for the regency's inspectors, who log in with an account of their own")
    # Inspectors' readings are in the regency's chain of the access log: a village's own would tell it that there is something.
    chain = REGENCY if row.past or row.known == "inspectorate" else row.village
    access_log.note(services.records, actor, [access_log.Reading(chain, "pengaduan", "view", (None,), f"pengaduan {number}")], now_ms())
    found = desk.writer(number, actor.id, now_ms())
    if found is None:  # its time was over, just now
        raise nobody
    return {"name": found.name, "contact": found.contact}


def _where(actor: Actor, village: str | None) -> str | None:
    if village is None and seeing.inspects(actor):
        return None
    code = find_village(village or actor.village or "").code
    if not seeing.inspects(actor):
        actor.require(code, "petugas", "kades")
    return code


def _mine(desk: Book, number: int, actor: Actor) -> ComplaintRow:
    row = desk.row(number)
    seeing.require(actor, row)
    return row


def _detail(services: Services, desk: Book, number: int, actor: Actor) -> dict[str, Any]:
    found = desk.get(number)
    gone = None if found[0].said else certificate_of(services.records, office_of(found[0]), Words.name, str(number))
    return showing.detail(found, gone, actor, calendar(services), now_ms())
