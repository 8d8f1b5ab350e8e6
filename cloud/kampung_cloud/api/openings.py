"""``/api/v1/openings``: what a village opens to everybody, decided at its desk; the catalogue itself is at ``/api/v1/open-data``."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query
from kampung_contract.errors import KampungError, NotFound
from kampung_contract.quantities import catalogue
from kampung_contract.times import text
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas import Words
from kampung_cloud.api.series import naming
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.opendata.cautions import cautions
from kampung_cloud.opendata.openness import Decision, Openness, decide, decisions, openness
from kampung_cloud.telemetry.store import Latest, Selector

log = structlog.get_logger("openings")

router = APIRouter(prefix="/openings", tags=["open data"])

Staff = Annotated[Actor, Depends(needs("petugas", "kades", "officer", "operator"))]
Head = Annotated[Actor, Depends(needs("kades", "officer", "operator"))]
"""Who decides: the head of the village, who answers for its information, and the regency, which publishes."""
Village = Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    409: {"model": Error, "description": "The regency has not said who publishes and under which licence"},
}
MOST_TOLD = 100


class CautionOut(BaseModel):
    """What to think of before opening it, by language."""

    text: Words
    source: str


class OpeningOut(BaseModel):
    """A quantity that something in the village measures. ``by`` is None while the regency's configuration alone speaks; ``at`` in WIB."""

    quantity: str
    name: Words
    unit: str
    sensors: int
    readings: int
    last: str
    open: bool
    by: str | None
    at: str | None
    caution: CautionOut | None


class DecisionOut(BaseModel):
    """Who opened or closed what."""

    quantity: str
    name: Words
    open: bool
    by: str
    at: str


class OpeningsOut(BaseModel):
    """``published``: publisher and licence are named, so that something can be open. ``decisions``: the newest first, the last 100."""

    village: str
    published: bool
    publisher: str
    licence: str
    quantities: list[OpeningOut]
    decisions: list[DecisionOut]


class OpeningIn(BaseModel):
    """What is to be open, or no longer."""

    model_config = ConfigDict(extra="forbid")

    village: Annotated[str, Field(max_length=13)]
    quantity: Annotated[str, Field(max_length=63)]
    open: bool


@router.get("", response_model=OpeningsOut, responses=CLOSED)
def listed(services: ServicesDep, actor: Staff, village: Village) -> dict[str, Any]:
    """What the village measures, and whether everybody may have it."""
    code = find_village(village).code
    actor.require(code)
    return _told(services, code)


@router.get("/villages", response_model=list[str], responses=CLOSED)
def measuring(services: ServicesDep, actor: Staff) -> list[str]:
    """Codes of the villages that measure something, for whoever works for the whole regency."""
    actor.require(None)
    return sorted({latest.key.village for latest in services.store.latest() if _may_be_open(latest)})


@router.put("", response_model=OpeningsOut, responses=CLOSED)
def set_one(services: ServicesDep, actor: Head, wanted: OpeningIn) -> dict[str, Any]:
    """Open a quantity to everybody, with all its readings, or close it. What was taken while it was open cannot be taken back."""
    code = find_village(wanted.village).code
    actor.require(code)
    if wanted.quantity not in _measured(services, code):
        near = difflib.get_close_matches(wanted.quantity, catalogue(), n=1)
        raise NotFound(
            f"quantity = {wanted.quantity[:60]!r}: nothing in {code} measures it"
            + (f"; did you mean {near[0]!r}?" if near and near[0] != wanted.quantity else "; GET /api/v1/openings lists what is measured")
        )
    if wanted.open and not services.config.open_data.published:
        raise KampungError(
            "nobody is named who publishes, or no licence; the regency sets open_data.publisher and open_data.licence in cloud.toml",
            code="conflict",
        )
    stands = openness(services.config.open_data, services.records, code)
    if stands.shows(code, wanted.quantity) != wanted.open:
        decide(services.records, Decision(code, wanted.quantity, wanted.open, actor.id, actor.name, now_ms()))
        log.info("opened" if wanted.open else "closed", village=code, quantity=wanted.quantity, by=actor.id)
    return _told(services, code)


def _measured(services: Services, code: str) -> dict[str, list[Latest]]:
    """By quantity of the catalogue, the village's series that hold readings."""
    found: dict[str, list[Latest]] = {}
    for latest in services.store.latest(Selector(code)):
        if _may_be_open(latest):
            found.setdefault(latest.key.quantity, []).append(latest)
    return found


def _may_be_open(latest: Latest) -> bool:
    return latest.key.quantity in catalogue() and not latest.estimated


def _told(services: Services, code: str) -> dict[str, Any]:
    config, made = services.config.open_data, decisions(services.records, code)
    stands = Openness(config, {(each.village, each.quantity): each for each in made})
    return {
        "village": code,
        "published": config.published,
        "publisher": config.publisher,
        "licence": config.licence,
        "quantities": [_shown(stands, code, name, held) for name, held in sorted(_measured(services, code).items())],
        "decisions": [
            {"quantity": each.quantity, "name": naming(each.quantity)[0], "open": each.open, "by": each.name, "at": text(each.at)}
            for each in reversed(made[-MOST_TOLD:])
        ],
    }


def _shown(stands: Openness, code: str, name: str, held: list[Latest]) -> dict[str, Any]:
    made, caution = stands.decisions.get((code, name)), cautions().get(name)
    return {
        "quantity": name,
        "name": naming(name)[0],
        "unit": held[0].key.unit,
        "sensors": len(held),
        "readings": sum(latest.readings for latest in held),
        "last": text(max(latest.t for latest in held)),
        "open": stands.shows(code, name),
        "by": None if made is None else made.name,
        "at": None if made is None else text(made.at),
        "caution": None if caution is None else {"text": caution.text, "source": caution.source},
    }
