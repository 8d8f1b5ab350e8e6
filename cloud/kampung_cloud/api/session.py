"""Logging in and out, and one's own account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from kampung_contract.errors import NotFound
from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.access import accounts, sessions
from kampung_cloud.access.actor import ROLES, Actor
from kampung_cloud.access.asking import COOKIE, ActorDep, address, needs, needs_login, own
from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas_access import ActorOut, HelperPinIn, HelperPinOut, LoginIn, PasswordIn, SessionOut, WhoOut
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.roll.pins import Pins
from kampung_cloud.sealing import Keyring

router = APIRouter(prefix="/session", tags=["session"])

OwnDep = Annotated[Actor, Depends(needs_login)]
HelperDep = Annotated[Actor, Depends(needs("petugas", "kades"))]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "Nobody is logged in, or the password is wrong"},
    403: {"model": Error, "description": "From another site's page"},
    429: {"model": Error, "description": "Too many wrong passwords"},
}


@router.post("", response_model=WhoOut, responses=CLOSED, dependencies=[Depends(own)])
def log_in(services: ServicesDep, request: Request, response: Response, given: LoginIn) -> WhoOut:
    """Log in; the answer sets the session's cookie, which scripts cannot read and other sites' pages cannot send."""
    limits = services.config.access
    agent = request.headers.get("user-agent", "")
    made = sessions.begin(services.records, limits, given.account, given.password, address=address(request), agent=agent, now=now_ms())
    _bake(request, response, made.secret, made.seconds)
    return WhoOut(actor=_shown(made.actor))


@router.get("", response_model=WhoOut)
def who(actor: ActorDep) -> WhoOut:
    """Who is logged in here."""
    return WhoOut(actor=None if actor is None else _shown(actor))


@router.delete("", status_code=204, responses=CLOSED)
def log_out(services: ServicesDep, request: Request, response: Response, actor: OwnDep) -> None:
    """End this session."""
    if actor.session is not None:
        sessions.end(services.records, actor.id, actor.session)
    _bake(request, response, "", 0)


@router.post("/password", status_code=204, responses=CLOSED)
def change_password(services: ServicesDep, request: Request, actor: OwnDep, given: PasswordIn) -> None:
    """Choose another password; every other session of the account ends."""
    _person(actor)
    sessions.confirm(services.records, actor.id, given.old, address=address(request), now=now_ms())
    accounts.set_password(services.records, actor.id, given.new, now_ms(), temporary=False, keep=actor.session)


@router.get("/kiosk-pin", response_model=HelperPinOut, responses=CLOSED)
def helper_pin(services: ServicesDep, actor: HelperDep) -> dict[str, bool]:
    """Whether he has a PIN by which to help somebody at a kiosk."""
    return {"there": _pins(services).helps(actor.id)}


@router.put("/kiosk-pin", response_model=HelperPinOut, responses=CLOSED)
def set_helper_pin(services: ServicesDep, request: Request, actor: HelperDep, given: HelperPinIn) -> dict[str, bool]:
    """A PIN by which to help somebody at a kiosk, without a line too."""
    _person(actor)
    sessions.confirm(services.records, actor.id, given.password, address=address(request), now=now_ms())
    _pins(services).set_helper(actor.id, given.pin, now_ms())
    return {"there": True}


@router.delete("/kiosk-pin", response_model=HelperPinOut, responses=CLOSED)
def take_helper_pin(services: ServicesDep, actor: HelperDep) -> dict[str, bool]:
    """None any more."""
    _pins(services).take_helper(actor.id)
    return {"there": False}


@router.get("/all", response_model=list[SessionOut], responses=CLOSED)
def mine(services: ServicesDep, actor: OwnDep) -> list[dict[str, Any]]:
    """Where the account is logged in, the last used first."""
    return [
        {
            "key": row.id[:12],
            "begun": text(row.created),
            "last": text(row.last),
            "ends": text(row.until),
            "address": row.address,
            "agent": row.agent,
            "this": row.id == actor.session,
        }
        for row in sessions.of(services.records, actor.id)
    ]


@router.delete("/all", status_code=204, responses=CLOSED)
def everywhere(services: ServicesDep, request: Request, response: Response, actor: OwnDep) -> None:
    """Log out everywhere, here too."""
    sessions.end(services.records, actor.id)
    _bake(request, response, "", 0)


@router.delete("/all/{key}", status_code=204, responses=CLOSED)
def one(services: ServicesDep, actor: OwnDep, key: Annotated[str, Path(min_length=12, max_length=12)]) -> None:
    """Log out at one other place."""
    found = [row.id for row in sessions.of(services.records, actor.id) if row.id.startswith(key)]
    if not found:
        raise NotFound(f"session {key!r} is over; GET /api/v1/session/all lists those that are not")
    sessions.end(services.records, actor.id, found[0])


def _pins(services: Services) -> Pins:
    return Pins(services.records, Keyring.open_at(services.config.data, now_ms()))


def _person(actor: Actor) -> None:
    if actor.session is None:
        raise NotFound("the token has no password; it is in the file 'token' of the cloud's data folder")


def _bake(request: Request, response: Response, secret: str, seconds: int) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, secret, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)


def _shown(actor: Actor) -> ActorOut:
    place = None if actor.village is None else find_village(actor.village)
    return ActorOut(
        id=actor.id,
        name=actor.name,
        roles=[role for role in ROLES if role in actor.roles],
        village=actor.village,
        village_name=None if place is None else place.name,
        village_type=None if place is None else place.type,
        temporary=actor.temporary,
    )
