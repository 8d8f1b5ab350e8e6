"""``/api/v1/reports``: from a phone, by ticket, for everybody; and the work on them for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from kampung_contract.citizen import read_ticket
from kampung_contract.errors import InvalidRequest, NotFound, TooMuch
from kampung_contract.tickets import word
from kampung_contract.villages import village as find_village
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import ActorDep, address, needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.reports.book import Book
from kampung_cloud.modules.reports.kinds import kinds
from kampung_cloud.modules.reports.models import CitizenReportRow as Row
from kampung_cloud.modules.reports.photos import MOST_BYTES, small
from kampung_cloud.modules.reports.report import Filed
from kampung_cloud.modules.reports.schemas import (
    CommentIn,
    ContactOut,
    DetailOut,
    FollowedOut,
    FollowIn,
    KindOut,
    MergeIn,
    PublicOut,
    PurposeIn,
    ReleaseIn,
    ReportIn,
    ReportOut,
    StepIn,
    TicketOut,
)
from kampung_cloud.modules.reports.showing import detail, for_everybody, for_staff, for_writer
from kampung_cloud.modules.reports.status import OPEN, STATUSES
from kampung_cloud.rate_limit import HOUR_MS, Limit

router = APIRouter(prefix="/reports", tags=["citizens' reports"])

MOST_BODY = MOST_BYTES * 4 // 3 + 20_000
AHEAD_MS = 10 * 60_000
SENDING = Limit(10, HOUR_MS, "10 reports an hour are taken from one phone")
FOLLOWING = Limit(40, HOUR_MS, "40 tickets an hour are looked up for one phone")
Staff = Annotated[Actor, Depends(needs("petugas", "kades", "officer", "operator"))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of a report")]
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": ReportIn.model_json_schema()}}}}
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    409: {"model": Error, "description": "There is no such step from where the report stands"},
}
LIMITED: dict[int | str, dict[str, Any]] = {429: {"model": Error, "description": "Too many from one phone"}}


@router.get("/kinds", response_model=list[KindOut])
def listed_kinds(response: Response) -> list[dict[str, Any]]:
    """What can be reported, and how soon the village looks and is done."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return [{"key": key, "title": each.title, "look": each.look, "done": each.done} for key, each in kinds().items()]


@router.post("", response_model=TicketOut, status_code=201, responses=LIMITED, openapi_extra=BODY)
async def report(services: ServicesDep, request: Request) -> dict[str, str]:
    """Report something, without an account. The same report again gives the same ticket."""
    body = bytearray()
    told = int(request.headers.get("content-length") or 0)
    async for piece in request.stream():
        body += piece
        if max(told, len(body)) > MOST_BODY:
            size = f"{told * 3 / 4 / 1024**2:.0f} MB" if told else f"over {MOST_BYTES // 1024**2} MB"
            raise TooMuch(f"the photo is {size}; at most {MOST_BYTES // 1024**2} MB are taken, choose a smaller one")
    try:
        given = ReportIn.model_validate_json(bytes(body))
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'body'} = {str(e['input'])[:80]!r}: {e['msg']}" for e in error.errors()[:3]]
        raise InvalidRequest("; ".join(lines)) from None
    return await run_in_threadpool(_file, services, given, address(request))


@router.post("/follow", response_model=FollowedOut, responses=LIMITED)
def follow(services: ServicesDep, request: Request, given: FollowIn) -> dict[str, Any]:
    """How a report stands, for whoever has its ticket and word; of one that was merged, how the whole stands."""
    now, number = now_ms(), read_ticket(given.ticket)
    if number is None:
        raise NotFound(f"{given.ticket[:20]!r} is no ticket; it reads LP-7K3M-Q2XA")
    FOLLOWING.take(address(request), now)
    book = _book(services)
    row, steps = book.follow(number, given.word)
    return for_writer(row, steps, number, book.destroyed(row), now)


@router.get("/public", response_model=list[PublicOut])
def everybody(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """What everybody may know of the newest 500 reports."""
    rows = _book(services).listed(None if village is None else [village])
    return [for_everybody(row) for row in rows if row.status not in ("rejected", "merged")]


@router.get("", response_model=list[ReportOut], responses=CLOSED)
def listing(
    services: ServicesDep, actor: Staff, village: VillageDep, state: Literal["open", "closed", "all"] = "open"
) -> list[dict[str, Any]]:
    """Reports of the actor's village, or of all; open ones by the time that is left, then the newest first."""
    now, asked = now_ms(), village or actor.village
    if asked is not None:
        actor.require(asked)
    statuses = {"open": OPEN, "closed": set(STATUSES) - OPEN, "all": None}[state]
    shown = [for_staff(row, now) for row in _book(services).listed(None if asked is None else [asked], statuses)]
    return sorted(shown, key=lambda each: (each["left"] is None, each["left"] or 0))


@router.get("/{number}", response_model=DetailOut, responses=CLOSED)
def one(services: ServicesDep, actor: Staff, number: Number) -> dict[str, Any]:
    """A report with its trail, and others that may be of the same thing."""
    return _shown(services, actor, number)


@router.get("/{number}/photo", response_class=Response)
def photo(services: ServicesDep, actor: ActorDep, number: Number) -> Response:
    """The photo (JPEG): to staff of the village, and to everybody once staff have released it."""
    book = _book(services)
    row, _ = book.get(number)
    if not row.released:
        _allowed(actor, row)
    found = book.photo(number)
    if found is None:
        raise NotFound(f"report {number} has no photo")
    return Response(found, media_type="image/jpeg", headers={"Content-Disposition": "inline", "Cache-Control": "private, max-age=600"})


@router.post("/{number}/step", response_model=DetailOut, responses=CLOSED)
def step(services: ServicesDep, actor: Staff, number: Number, given: StepIn) -> dict[str, Any]:
    """Move it on."""
    return _done(services, actor, number, lambda book, at: book.step(number, given.to, given.note, actor.name, at))


@router.post("/{number}/comment", response_model=DetailOut, responses=CLOSED)
def comment(services: ServicesDep, actor: Staff, number: Number, given: CommentIn) -> dict[str, Any]:
    """Say something, to colleagues or to the reporter too."""
    return _done(services, actor, number, lambda book, at: book.comment(number, given.note, actor.name, at, public=given.public))


@router.post("/{number}/merge", response_model=DetailOut, responses=CLOSED)
def merge(services: ServicesDep, actor: Staff, number: Number, given: MergeIn) -> dict[str, Any]:
    """Make it a part of another report of the village."""
    return _done(services, actor, number, lambda book, at: book.merge(number, given.into, actor.name, at))


@router.post("/{number}/release", response_model=DetailOut, responses=CLOSED)
def release(services: ServicesDep, actor: Staff, number: Number, given: ReleaseIn) -> dict[str, Any]:
    """Let everybody see the photo, or no longer."""
    if given.released and not given.checked:
        raise InvalidRequest("look first that no face and no number plate is in the photo, then send checked = true")
    return _done(services, actor, number, lambda book, at: book.release(number, given.released, actor.name, at))


@router.post("/{number}/contact", response_model=ContactOut, responses=CLOSED)
def contact(services: ServicesDep, actor: Staff, number: Number, given: PurposeIn) -> dict[str, str | None]:
    """How to reach the reporter; who read it, and what for, is on the trail."""
    book = _book(services)
    row, _ = book.get(number)
    actor.require(row.village)
    return {"contact": book.contact(number, given.purpose, actor.name, now_ms())}


def _file(services: Services, given: ReportIn, where: str) -> dict[str, str]:
    now = now_ms()
    find_village(given.village)
    if (given.latitude is None) != (given.longitude is None):
        raise InvalidRequest("latitude and longitude go together; give both or neither")
    if given.latitude is None and not given.spot.strip():
        raise InvalidRequest("the place is missing; tap it on the map, or say in words where it is")
    if given.at > now + AHEAD_MS:
        raise InvalidRequest(f"at = {given.at} lies in the future; set the phone's clock")
    if "\x00" in given.text + given.spot + given.contact:
        raise InvalidRequest("text holds a character that is none (0)")
    SENDING.take(where, now)
    filed = Filed(
        given.id, given.village, given.kind, given.at, "phone", given.text, given.spot, given.latitude, given.longitude, given.accuracy,
        small(given.photo), given.contact.strip(),
    )  # fmt: skip
    row = _book(services).file(filed, now)
    return {"ticket": row.ticket, "word": word(given.id)}


def _done(services: Services, actor: Actor, number: int, act: Callable[[Book, int], Row]) -> dict[str, Any]:
    book = _book(services)
    row, _ = book.get(number)
    actor.require(row.village)
    act(book, now_ms())
    return _shown(services, actor, number)


def _shown(services: Services, actor: Actor, number: int) -> dict[str, Any]:
    book = _book(services)
    row, steps = book.get(number)
    actor.require(row.village)
    return detail(row, steps, book.near(row) if row.status in OPEN else (), book.destroyed(row), now_ms())


def _allowed(actor: Actor | None, row: Row) -> None:
    """Raise ``NotFound`` for whoever may not see it: that there is a photo is nobody's business."""
    if actor is None or actor.temporary or not any(actor.may(role, row.village) for role in ("petugas", "kades", "officer", "operator")):
        raise NotFound(f"report {row.id} has no photo that everybody may see")


def _book(services: Services) -> Book:
    return Book(services.records, services.config.data)
