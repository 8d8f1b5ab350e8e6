"""``/api/v1/breaches``: failures to protect personal data: the clock, those concerned, what is written to them and to the agency."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from kampung_contract.errors import NotFound
from kampung_contract.times import text
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.breach import paper, saying
from kampung_cloud.breach.book import Breaches, Incident, Said
from kampung_cloud.breach.law import Law, law
from kampung_cloud.breach.source import Query as Search
from kampung_cloud.health import now_ms
from kampung_cloud.letterhead import moment, place
from kampung_cloud.modules import concerned
from kampung_cloud.records.resident_models import ResidentRow
from kampung_cloud.residents import access_log
from kampung_cloud.sealing import Keyring

router = APIRouter(prefix="/breaches", tags=["breaches"])

Staff = Annotated[Actor, Depends(needs("petugas", "kades", "operator"))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""A row's, as wide as the databases keep it."""
Village = Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)]
Moment = Annotated[int, Field(ge=0, le=2**52)]
Words = Annotated[str, Field(min_length=10, max_length=2000)]
ACTS = {
    "recorded": "kejadian dicatat", "changed": "keterangan diperbarui", "found": "yang terdampak dicari",
    "told_agency": "lembaga diberi tahu", "told_public": "diumumkan kepada masyarakat",
    "told_persons": "yang terdampak diberi tahu", "closed": "ditutup",
}  # fmt: skip
LETTERS = 300
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such incident"},
    409: {"model": Error, "description": "Closed already, or somebody has not been told"},
    422: {"model": Error, "description": "Does not fit"},
}
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "PDF"}}


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IncidentIn(_Given):
    """Times in ms UTC. ``data`` as ``law`` names it; ``contact``: who answers questions."""

    known: Moment
    began: Moment
    ended: Moment | None = None
    data: Annotated[list[Annotated[str, Field(max_length=20)]], Field(min_length=1, max_length=20)]
    how: Words
    handling: Words
    contact: Annotated[str, Field(min_length=5, max_length=200)]


class RecordIn(IncidentIn):
    """In a village."""

    village: Annotated[str, Field(max_length=13)]


class SearchIn(_Given):
    """``source`` as the list of sources names it; ``actor``: an account, nothing for all."""

    source: Annotated[str, Field(max_length=24)]
    since: Moment
    until: Moment
    actor: Annotated[str, Field(max_length=63)] = ""


class ToldIn(_Given):
    """``how``: by which way, as 'surat diantar'; ``subjects``: those told, None for all who were not; ``at``: when, now without it."""

    whom: Literal["agency", "public", "persons"]
    how: Annotated[str, Field(min_length=3, max_length=80)]
    subjects: Annotated[list[Annotated[str, Field(max_length=24)]], Field(max_length=500)] | None = None
    at: Moment | None = None


class CloseIn(_Given):
    """What was learnt."""

    note: Annotated[str, Field(min_length=5, max_length=400)]


class FoundOut(BaseModel):
    """``residents``: those of the register; ``listed``: who is on the list already."""

    persons: int
    residents: int
    listed: int


class BreachOut(BaseModel):
    """An incident. ``left``: hours of the law's clock, below nothing when it is over; None once everybody was told."""

    id: int
    village: str
    known: str
    due: str
    left: float | None
    began: str
    ended: str | None
    data: list[str]
    how: str
    handling: str
    contact: str
    persons: int
    told: int
    agency: str | None
    public: str | None
    closed: str | None


class StepOut(BaseModel):
    """What was done about it."""

    at: str
    by: str
    act: str
    note: str


class PersonOut(BaseModel):
    """Somebody concerned, without his name: the register's page names him, and puts that on record."""

    subject: str
    resident: int | None
    why: str
    told: str | None
    how: str


class DetailOut(BreachOut):
    """With its record, and the first 500 of those concerned, who was not told first. ``lot``: how many letters one file holds."""

    lot: int
    steps: list[StepOut]
    people: list[PersonOut]


class SourceOut(BaseModel):
    """Where those concerned can be found."""

    name: str
    title: str


class BreachesOut(BaseModel):
    """Incidents of a village, what the law says, and the sources."""

    breaches: list[BreachOut]
    law: Law
    sources: list[SourceOut]


@router.get("", response_model=BreachesOut, responses=CLOSED)
def breaches(services: ServicesDep, actor: Staff, village: Village) -> dict[str, Any]:
    """The last first."""
    code, book, now = _mine(actor, village), _book(services), now_ms()
    sources = [{"name": s.name, "title": s.title} for s in book.sources.values()]
    return {"breaches": [_shown(b, now) for b in book.listed(code)], "law": law().model_dump(), "sources": sources}


@router.post("", response_model=DetailOut, status_code=201, responses=CLOSED)
def record(services: ServicesDep, actor: Staff, given: RecordIn) -> dict[str, Any]:
    """Put an incident on record; from ``known`` the law's clock runs."""
    code, book = _mine(actor, given.village), _book(services)
    return _detail(book, book.record(code, given.known, (given.began, given.ended), _said(given), actor, now_ms()))


@router.get("/{number}", response_model=DetailOut, responses=CLOSED)
def one(services: ServicesDep, actor: Staff, number: Number) -> dict[str, Any]:
    """One incident, whole."""
    book, _ = _its(services, actor, number)
    return _detail(book, number)


@router.post("/{number}", response_model=DetailOut, responses=CLOSED)
def change(services: ServicesDep, actor: Staff, number: Number, given: IncidentIn) -> dict[str, Any]:
    """What is known better by now."""
    book, _ = _its(services, actor, number)
    book.change(number, given.known, (given.began, given.ended), _said(given), actor, now_ms())
    return _detail(book, number)


@router.post("/{number}/search", response_model=FoundOut, responses=CLOSED)
def search(services: ServicesDep, actor: Staff, number: Number, given: SearchIn) -> dict[str, Any]:
    """How many are concerned by this; nobody is put down."""
    book, incident = _its(services, actor, number)
    return _found(book.find(number, given.source, Search(incident.row.village, given.since, given.until, given.actor)))


@router.post("/{number}/persons", response_model=FoundOut, responses=CLOSED)
def persons(services: ServicesDep, actor: Staff, number: Number, given: SearchIn) -> dict[str, Any]:
    """Put them on the list of those to be told."""
    book, incident = _its(services, actor, number)
    return _found(book.add(number, given.source, Search(incident.row.village, given.since, given.until, given.actor), actor, now_ms()))


@router.post("/{number}/told", response_model=DetailOut, responses=CLOSED)
def told(services: ServicesDep, actor: Staff, number: Number, given: ToldIn) -> dict[str, Any]:
    """Put down who was told, when and how."""
    book, _ = _its(services, actor, number)
    now = now_ms()
    book.told(number, given.whom, given.how, given.subjects, actor, now if given.at is None else given.at, now)
    return _detail(book, number)


@router.post("/{number}/close", response_model=DetailOut, responses=CLOSED)
def close(
    services: ServicesDep, actor: Annotated[Actor, Depends(needs("kades", "operator"))], number: Number, given: CloseIn
) -> dict[str, Any]:
    """Once everybody was told."""
    book, _ = _its(services, actor, number)
    book.close(number, given.note, actor, now_ms())
    return _detail(book, number)


@router.get("/{number}/paper/{kind}", responses=PDF | CLOSED, response_class=Response)
def printed(services: ServicesDep, actor: Staff, number: Number, kind: Literal["agency", "persons", "public"]) -> Response:
    """What is written to the agency, to those who were not told yet (300 at a time), or to everybody."""
    book, incident = _its(services, actor, number)
    now, where = now_ms(), place(incident.row.village)
    if kind == "agency":
        steps = [(moment(s.at), f"{ACTS[s.act]}{f' ({s.note})' if s.note else ''}") for s in book.steps(number)]
        made = [saying.agency(incident, where, steps, now)]
    elif kind == "public":
        made = [saying.public(incident, where)]
    else:
        made = _letters(services, book, incident, actor, now)
    return Response(paper.pdf(made, where, now), media_type="application/pdf", headers={"Cache-Control": "no-store"})


def _letters(services: Services, book: Breaches, incident: Incident, actor: Actor, now: int) -> list[saying.Writing]:
    row = incident.row
    waiting = book.persons(row.id, waiting=True, limit=LETTERS)
    if not waiting:
        raise NotFound("tidak ada yang belum diberi tahu; tambahkan dulu siapa yang terdampak")
    numbers = [p.resident for p in waiting if p.resident is not None]
    access_log.note(
        services.records, actor, [access_log.Reading(row.village, "kebocoran", "print", tuple(numbers), f"kejadian {row.id}")], now
    )
    with services.records.session() as session:
        names = {n: r.name for n in numbers if (r := session.get(ResidentRow, n)) is not None}
    where = place(row.village)
    return [saying.person(incident, where, names.get(p.resident or 0) or f"Pemohon dengan nomor permohonan {p.subject}") for p in waiting]


def _mine(actor: Actor, village: str) -> str:
    code = find_village(village).code
    actor.require(code, "petugas", "kades", "operator")
    return code


def _book(services: Services) -> Breaches:
    return Breaches(services.records, Keyring.open_at(services.config.data, now_ms()), concerned())


def _its(services: Services, actor: Actor, number: Number) -> tuple[Breaches, Incident]:
    book = _book(services)
    incident = book.one(number)
    _mine(actor, incident.row.village)
    return book, incident


def _said(given: IncidentIn) -> Said:
    return Said(given.how.strip(), tuple(given.data), given.handling.strip(), given.contact.strip())


def _found(found: Any) -> dict[str, Any]:
    return {"persons": found.persons, "residents": found.residents, "listed": found.listed}


def _shown(incident: Incident, now: int) -> dict[str, Any]:
    row, said = incident.row, incident.said
    done = row.closed is not None or (row.agency is not None and (incident.persons == incident.told > 0 or row.public is not None))
    return {
        "id": row.id, "village": row.village, "known": text(row.known), "due": text(row.due),
        "left": None if done else (row.due - now) // 360_000 / 10, "began": text(row.began),
        "ended": None if row.ended is None else text(row.ended), "data": list(said.data), "how": said.how, "handling": said.handling,
        "contact": said.contact, "persons": incident.persons, "told": incident.told,
        "agency": None if row.agency is None else text(row.agency), "public": None if row.public is None else text(row.public),
        "closed": None if row.closed is None else text(row.closed),
    }  # fmt: skip


def _detail(book: Breaches, number: int) -> dict[str, Any]:
    steps = [{"at": text(s.at), "by": s.by, "act": ACTS[s.act], "note": s.note} for s in book.steps(number)]
    people = [
        {"subject": p.subject, "resident": p.resident, "why": p.why, "told": None if p.told is None else text(p.told), "how": p.how}
        for p in book.persons(number, waiting=False)
    ]
    return {**_shown(book.one(number), now_ms()), "steps": steps, "people": people, "lot": LETTERS}
