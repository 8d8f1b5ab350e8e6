"""``/api/v1/letters/keys/…``: new signing keys for a village, and keys that got out; for operators."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.services.office import office
from kampung_cloud.modules.services.signing.log import By, lines, logged

log = structlog.get_logger("services")

router = APIRouter()

Operator = Annotated[Actor, Depends(needs("operator"))]
Moment = Annotated[int, Field(ge=0, le=2**53)]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such village or key"},
}


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RotateIn(_Given):
    """Whose key."""

    village: Annotated[str, Field(max_length=13)]


class CompromisedIn(RotateIn):
    """``kid`` as the list of keys names it; ``since`` in ms UTC, when it got out: without it, what it signs from now on."""

    kid: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    since: Moment | None = None


class KeyOut(BaseModel):
    """A public key; times in ms UTC."""

    kid: str
    village: str
    key: str
    since: int
    until: int | None
    compromised: int | None


class KeyLineOut(BaseModel):
    """A change of keys: asked (``done`` false), then done. ``kid``: the key that signs now, or the one not trusted from ``since`` on."""

    at: int
    act: str
    done: bool
    kid: str
    since: int | None
    by: str
    via: str


@router.get("/letters/keys/log", response_model=list[KeyLineOut], responses=CLOSED)
def log_of(services: ServicesDep, actor: Operator, village: Annotated[str, Query(max_length=13)]) -> list[dict[str, Any]]:
    """Who changed the village's keys, the last first. One that was asked and not done was cut off or refused."""
    code = find_village(village).code
    actor.require(code, "operator")
    names = tuple(KeyLineOut.model_fields)
    return [{name: getattr(row, name) for name in names} for row in lines(services.records, code)]


@router.post("/letters/keys/rotate", response_model=KeyOut, responses=CLOSED)
def rotate(services: ServicesDep, actor: Operator, given: RotateIn) -> dict[str, Any]:
    """A new key signs the village's letters from now on; what older ones signed stays good."""
    code = find_village(given.village).code
    actor.require(code, "operator")
    now = now_ms()
    made = logged(services.records, code, "rotate", by=By(actor.id, "api"), now=now, change=lambda: office(services).keys.rotate(code, now))
    log.warning("a village's letters have a new signing key", village=code, kid=made.kid.hex(), actor=actor.id)
    return made.shown()


@router.post("/letters/keys/compromised", response_model=KeyOut, responses=CLOSED)
def compromised(services: ServicesDep, actor: Operator, given: CompromisedIn) -> dict[str, Any]:
    """Somebody else has had this key: what it signed from then on is not trusted. Where it was in use, a new one signs."""
    code, now = find_village(given.village).code, now_ms()
    actor.require(code, "operator")
    since = now if given.since is None else given.since
    done = logged(
        services.records, code, "compromised", by=By(actor.id, "api"), now=now,
        change=lambda: office(services).keys.compromise(code, bytes.fromhex(given.kid), since, now),
    )  # fmt: skip
    log.warning("a signing key is not trusted any more", village=code, kid=given.kid, since=done.compromised, actor=actor.id)
    return done.shown()
