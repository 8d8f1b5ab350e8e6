"""``/api/v1/kiosks``: withdrawing a kiosk that was stolen or given away, and taking it back. For the regency alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from kampung_contract.times import text
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import PROGRAM, Actor
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, authorised
from kampung_cloud.health import now_ms
from kampung_cloud.records.withdrawal_models import WithdrawalRow
from kampung_cloud.withdrawals import asking, book
from kampung_cloud.withdrawals.book import LONGEST, Standing
from kampung_cloud.withdrawals.past import old_key

router = APIRouter(prefix="/kiosks", tags=["kiosks"])

Regency = Annotated[Actor, Depends(authorised)]
Name = Annotated[str, Path(max_length=63)]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not for the whole regency"},
}
ACTS = CLOSED | {
    404: {"model": Error, "description": "There is no such kiosk"},
    409: {"model": Error, "description": "Withdrawn already, or not withdrawn"},
}


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=LONGEST)]
    by: Annotated[str, Field(max_length=80)] = ""
    """Who says so, where a program asks with the token; of an account its own name goes on record."""


class WithdrawIn(_Given):
    """Why."""


class RestoreIn(_Given):
    """Why. ``mistake``: it never was in other hands, so that its key and what it holds can be trusted."""

    mistake: bool = False


class WithdrawalOut(BaseModel):
    """``broker``: none (nobody is set up to be asked), asked (not done yet, ``broker_note`` says why), refused (let in no more)."""

    at: str
    by: str
    reason: str
    broker: Literal["none", "asked", "refused"]
    broker_note: str
    restored: str | None
    restored_by: str | None
    restored_reason: str | None
    mistake: bool | None


class KioskOut(BaseModel):
    """``key``: none was told; good; old (of the time before it was withdrawn: nothing is sealed to it). ``only``: its village has no other
    that works. ``pins``: residents of the village who have a PIN. ``withdrawals``: the last first.
    """

    node: str
    village: str
    state: Literal["online", "offline", "conflict", "withdrawn"]
    last_seen: str
    key: Literal["none", "good", "old"]
    only: bool
    pins: int
    withdrawals: list[WithdrawalOut]


@router.get("", response_model=list[KioskOut], responses=CLOSED)
def kiosks(services: ServicesDep, _: Regency) -> list[dict[str, Any]]:
    """Every node, in order of village, with its withdrawals."""
    return [_shown(services, each) for each in book.standing(services.records, services.nodes)]


@router.post("/{node}/withdraw", response_model=KioskOut, responses=ACTS)
def withdraw(services: ServicesDep, actor: Regency, node: Name, given: WithdrawIn) -> dict[str, Any]:
    """From now on nothing is taken of it, nothing is sealed for it or sent to it, and the broker is asked to refuse it."""
    book.withdraw(services.records, services.nodes, node, why=given.reason, actor=_named(actor, given.by), now=now_ms())
    asking.see_to(services.records, services.config.broker.refuse, services.health, only=node)
    return _one(services, node)


@router.post("/{node}/restore", response_model=KioskOut, responses=ACTS)
def restore(services: ServicesDep, actor: Regency, node: Name, given: RestoreIn) -> dict[str, Any]:
    """Take it back. The key and the spool that it had stay refused, unless the withdrawal was a mistake."""
    who = _named(actor, given.by)
    book.restore(services.records, services.nodes, node, why=given.reason, actor=who, now=now_ms(), mistake=given.mistake)
    return _one(services, node)


def _named(actor: Actor, by: str) -> Actor:
    return replace(actor, name=by.strip()) if actor is PROGRAM and by.strip() else actor


def _one(services: Services, node: str) -> dict[str, Any]:
    return next(_shown(services, each) for each in book.standing(services.records, services.nodes) if each.node.node == node)


def _shown(services: Services, each: Standing) -> dict[str, Any]:
    node, old = each.node, old_key(services.nodes.past, each.node.public)
    return {
        "node": node.node,
        "village": node.village,
        "state": node.shown(now_ms()),
        "last_seen": text(node.last_seen),
        "key": "none" if node.public is None else "old" if old else "good",
        "only": each.only,
        "pins": each.pins,
        "withdrawals": [_withdrawal(row) for row in each.withdrawals],
    }


def _withdrawal(row: WithdrawalRow) -> dict[str, Any]:
    return {
        "at": text(row.at),
        "by": row.name,
        "reason": row.why,
        "broker": row.broker,
        "broker_note": row.broker_note,
        "restored": None if row.restored is None else text(row.restored),
        "restored_by": row.restored_name,
        "restored_reason": row.restored_why,
        "mistake": row.mistake,
    }
