"""``/api/v1/retention``: what is over its time, its destruction by two persons, certificates, and what is held back."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Query, Response
from kampung_contract.errors import StorageUnavailable
from kampung_contract.times import text
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules import ageing
from kampung_cloud.records.retention_models import DestructionRow
from kampung_cloud.retention import certificate
from kampung_cloud.retention.book import Retention
from kampung_cloud.retention.clocks import agreed
from kampung_cloud.retention.discarding import AT_ONCE, left, remove
from kampung_cloud.retention.office import REGENCY, theirs
from kampung_cloud.retention.times import Keeps, Time, keeps, times

log = structlog.get_logger("retention")

router = APIRouter(prefix="/retention", tags=["retention"])

Staff = Annotated[Actor, Depends(needs("petugas", "kades", "operator", "inspektur"))]
Proposer = Annotated[Actor, Depends(needs("petugas", "operator", "inspektur"))]
Head = Annotated[Actor, Depends(needs("kades", "inspektur"))]
Village = Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008; 35.10 for what is at the inspectorate alone", max_length=13)]
Why = Annotated[str, Field(min_length=5, max_length=400)]
Name = Annotated[str, Field(max_length=24)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Clock = Annotated[int, Field(ge=0, le=2**47)]
"""What time it is where one sits, ms UTC."""
Subject = Annotated[str, Field(min_length=1, max_length=64)]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, not in this village, or proposed by oneself"},
    404: {"model": Error, "description": "There is no such thing"},
    409: {"model": Error, "description": "Decided already, or the clocks of cloud and asker differ"},
    422: {"model": Error, "description": "Nothing of that kind is over its time"},
}
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "PDF/A"}}


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProposeIn(_Given):
    """Kinds whose time is over; ``note`` says why now."""

    village: Annotated[str, Field(max_length=13)]
    kinds: Annotated[list[Name], Field(min_length=1, max_length=20)]
    note: Why
    clock: Clock


class AgreeIn(_Given):
    """By which clock."""

    clock: Clock


class RefuseIn(_Given):
    """Why not."""

    reason: Why


class ReleaseIn(_Given):
    """A thing by its kind and the name that lists give it."""

    village: Annotated[str, Field(max_length=13)]
    kind: Name
    subject: Subject


class HoldIn(ReleaseIn):
    """``reason``: which case at law it belongs to."""

    reason: Why


class KindOut(Time):
    """A kind as it stands; ``oldest``: the moment from which the oldest counts."""

    kind: str
    count: int
    oldest: str | None
    waiting: int
    held: int


class DestructionOut(BaseModel):
    """A proposal, or what became of it. ``counts`` by kind; ``number`` of its certificate. ``mine``: whoever asks proposed it."""

    id: int
    state: str
    note: str
    by: str
    at: str
    second: str
    decided: str | None
    reason: str
    number: str
    counts: dict[str, int]
    hash: str
    mine: bool


class HeldOut(BaseModel):
    """What is held back."""

    kind: str
    subject: str
    reason: str
    by: str
    at: str


class ItemOut(BaseModel):
    """One thing of a proposal, without a name."""

    kind: str
    subject: str
    label: str
    at: str
    done: bool


class RetentionOut(BaseModel):
    """``now``: by which clock it was counted. ``broken``: what is wrong with the chain of certificates, None where each is as it was
    written. ``files``: photos of what was destroyed that are still to be taken off the disk."""

    now: str
    kinds: list[KindOut]
    keeps: list[Keeps]
    destructions: list[DestructionOut]
    holds: list[HeldOut]
    files: int
    broken: str | None
    backups: str


@router.get("", response_model=RetentionOut, responses=CLOSED)
def standing(services: ServicesDep, actor: Staff, village: Village) -> dict[str, Any]:
    """What is over its time, by kind; proposals and certificates; what the law wants kept."""
    code, book, now = _mine(actor, village), _book(services), now_ms()
    kinds = [
        {**s.time.model_dump(), "kind": name, "count": s.pile.count, "oldest": None if s.pile.oldest is None else text(s.pile.oldest),
         "waiting": s.waiting, "held": s.held}
        for name, s in book.standing(code, now).items()
        if s.time.regency or code != REGENCY
    ]  # fmt: skip
    return {
        "now": text(now),
        "kinds": kinds,
        "keeps": [k.model_dump() for k in keeps()],
        "destructions": [_shown(row, counts, actor) for row, counts in book.listed(code)],
        "holds": [{"kind": h.kind, "subject": h.subject, "reason": h.reason, "by": h.by, "at": text(h.at)} for h in book.holds(code)],
        "files": left(services.records, code),
        "broken": book.verify(code),
        "backups": certificate.BACKUPS,
    }


@router.post("/proposals", response_model=DestructionOut, status_code=201, responses=CLOSED)
def propose(services: ServicesDep, actor: Proposer, given: ProposeIn) -> dict[str, Any]:
    """Put down what is to be destroyed. Nothing is, until the head of the village agrees, or another inspector."""
    code = theirs(actor, given.village, "petugas", "operator")
    row = _book(services).propose(code, given.kinds, given.note, actor, agreed(now_ms(), given.clock))
    return _one(services, row.id, actor)


@router.get("/proposals/{number}", response_model=list[ItemOut], responses=CLOSED)
def items(services: ServicesDep, actor: Staff, number: Number) -> list[dict[str, Any]]:
    """What a proposal names, one by one."""
    row, found = _book(services).one(number)
    _mine(actor, row.village)
    return [{"kind": i.kind, "subject": i.subject, "label": i.label, "at": text(i.at), "done": i.done} for i in found]


@router.post("/proposals/{number}/agree", response_model=DestructionOut, responses=CLOSED)
def agree(services: ServicesDep, actor: Head, number: Number, given: AgreeIn) -> dict[str, Any]:
    """Destroy it, with a certificate. There is no way back. Whoever proposed it cannot agree."""
    book = _book(services)
    theirs(actor, book.one(number)[0].village, "kades")
    book.agree(number, actor, agreed(now_ms(), given.clock))
    try:
        remove(services.records, services.config.data, AT_ONCE)
    except StorageUnavailable as error:  # it is destroyed; whoever makes his rounds removes the files
        log.warning("files wait for the records", reason=error.message)
    return _one(services, number, actor)


@router.post("/proposals/{number}/refuse", response_model=DestructionOut, responses=CLOSED)
def refuse(services: ServicesDep, actor: Staff, number: Number, given: RefuseIn) -> dict[str, Any]:
    """Nothing of it is destroyed; also for whoever proposed it and would rather not."""
    book = _book(services)
    _mine(actor, book.one(number)[0].village)
    book.refuse(number, given.reason, actor, now_ms())
    return _one(services, number, actor)


@router.get("/proposals/{number}/certificate", responses=PDF | CLOSED, response_class=Response)
def paper(services: ServicesDep, actor: Staff, number: Number) -> Response:
    """The certificate, with its list and a notice for the board."""
    row, found = _book(services).one(number)
    _mine(actor, row.village)
    made = certificate.pdf(row, found, keeps())
    return Response(made, media_type="application/pdf", headers={"Cache-Control": "no-store"})


@router.post("/holds", status_code=204, responses=CLOSED, response_class=Response)
def hold(services: ServicesDep, actor: Staff, given: HoldIn) -> Response:
    """Keep one thing whatever its time: a case at law is about it (Ps 44 ayat (1) huruf c)."""
    code = _mine(actor, given.village)
    _book(services).hold(code, given.kind, given.subject, given.reason, actor.id, now_ms())
    return Response(status_code=204)


@router.post("/holds/release", status_code=204, responses=CLOSED, response_class=Response)
def release(services: ServicesDep, actor: Head, given: ReleaseIn) -> Response:
    """Its time counts again."""
    code = theirs(actor, given.village, "kades")
    _book(services).release(code, given.kind, given.subject)
    log.warning("what was held back may be destroyed again", village=code, kind=given.kind, subject=given.subject, actor=actor.id)
    return Response(status_code=204)


def _mine(actor: Actor, village: str) -> str:
    return theirs(actor, village, "petugas", "kades", "operator")


def _book(services: Services) -> Retention:
    return Retention(services.records, ageing(), times(services.config.retention))


def _one(services: Services, number: int, actor: Actor) -> dict[str, Any]:
    row, found = _book(services).one(number)
    counts: dict[str, int] = {}
    for item in found:
        counts[item.kind] = counts.get(item.kind, 0) + 1
    return _shown(row, counts, actor)


def _shown(row: DestructionRow, counts: dict[str, int], actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id, "state": row.state, "note": row.note, "by": row.by_name, "at": text(row.at), "second": row.second_name,
        "decided": None if row.decided is None else text(row.decided), "reason": row.reason, "number": row.number, "counts": counts,
        "hash": row.hash, "mine": row.by == actor.id,
    }  # fmt: skip
