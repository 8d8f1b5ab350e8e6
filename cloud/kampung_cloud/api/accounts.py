"""Accounts, for operators: of the regency, or of one village for its own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from kampung_contract.errors import Forbidden, InvalidRequest
from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.access import accounts, sessions
from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas_access import AccountChangeIn, AccountIn, AccountOut, AccountPasswordIn
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms

OperatorDep = Annotated[Actor, Depends(needs("operator"))]
Name = Annotated[str, Path(max_length=63, pattern=r"^[^\x00]+$")]
router = APIRouter(
    prefix="/accounts",
    tags=["accounts"],
    responses={401: {"model": Error, "description": "Nobody is logged in"}, 403: {"model": Error, "description": "No operator"}},
)


@router.get("", response_model=list[AccountOut])
def listed(services: ServicesDep, operator: OperatorDep) -> list[dict[str, Any]]:
    """By village and id; a village's operator sees his own village's."""
    return [_shown(each) for each in accounts.listed(services.records, operator.village)]


@router.post("", response_model=AccountOut, status_code=201, responses={409: {"model": Error, "description": "The name is taken"}})
def add(services: ServicesDep, operator: OperatorDep, given: AccountIn) -> dict[str, Any]:
    """Add an account."""
    village = None if given.village is None else find_village(given.village).code
    operator.require(village)
    _spreads(operator, given.roles)
    wanted = accounts.Wanted(given.id, given.name, given.roles, village)
    made = accounts.add(services.records, wanted, given.password, temporary=given.temporary, now=now_ms())
    return _shown(made)


@router.patch("/{name}", response_model=AccountOut)
def change(services: ServicesDep, operator: OperatorDep, name: Name, given: AccountChangeIn) -> dict[str, Any]:
    """Change name or roles, disable or enable. Who is disabled is logged out."""
    _mine(services, operator, name)
    if given.active is False and operator.id == name:
        raise InvalidRequest(f"account {name!r} is your own; another operator can disable it")
    if given.roles is not None:
        _spreads(operator, given.roles)
    return _shown(accounts.change(services.records, name, now_ms(), title=given.name, roles=given.roles, active=given.active))


@router.post("/{name}/password", status_code=204)
def set_password(services: ServicesDep, operator: OperatorDep, name: Name, given: AccountPasswordIn) -> None:
    """Give somebody a new password, which he changes at his next login; his sessions end."""
    _mine(services, operator, name)
    accounts.set_password(services.records, name, given.password, now_ms(), temporary=given.temporary)


@router.delete("/{name}/sessions", status_code=204)
def log_out(services: ServicesDep, operator: OperatorDep, name: Name) -> None:
    """Log somebody out everywhere."""
    _mine(services, operator, name)
    sessions.end(services.records, name)


def _mine(services: Services, operator: Actor, name: str) -> None:
    """Raises ``NotFound`` and ``Forbidden``."""
    found = accounts.find(services.records, name)
    operator.require(found.village)
    _spreads(operator, found.roles)


def _spreads(operator: Actor, roles: list[Any] | tuple[str, ...]) -> None:
    """A village's operator makes nobody an officer of the regency. Raises ``Forbidden``."""
    if operator.village is not None and "officer" in roles:
        raise Forbidden("officers are the regency's; a village's operator cannot give or change that role")


def _shown(each: accounts.Account) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "roles": list(each.roles),
        "village": each.village,
        "temporary": each.temporary,
        "active": each.active,
        "created": text(each.created),
    }
