"""``/api/v1/gate``: the policy in force, a rehearsal of it, and letters that were given for a tree or a pledge."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from kampung_contract.errors import ConfigurationError, InvalidRequest
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.gate import Applicant, Decision, Policy, Proof, decide, denied, load_policy, parse_policy
from kampung_cloud.gate.catalogue import catalogue
from kampung_cloud.gate.pledges import Pledges
from kampung_cloud.gate.policy import always_exempt
from kampung_cloud.health import now_ms
from kampung_cloud.keyed import Hashes
from kampung_cloud.local_day import day_of
from kampung_cloud.records.tree_models import TreePledgeRow
from kampung_cloud.same_name import plain

router = APIRouter(prefix="/gate", tags=["gate"])
Office = Annotated[Actor, Depends(needs("petugas", "kades", "officer"))]
Desk = Annotated[Actor, Depends(needs("petugas", "kades"))]
Codes = Annotated[list[Annotated[str, Field(max_length=12)]], Field(max_length=10)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProofIn(_Given):
    """A tree as it might be."""

    code: Annotated[str, Field(max_length=12)] = "K7QM2X9W"
    status: str
    his: bool = True
    used: bool = False


class RehearsalIn(_Given):
    """Who might ask for what on which ``day``. ``policy``: TOML to be tried instead of the one in force."""

    service: Annotated[str, Field(min_length=1, max_length=80)]
    exemptions: list[str] = []
    trees: Annotated[list[ProofIn], Field(max_length=10)] = []
    pledges: bool = False
    overdue: bool = False
    day: dt.date | None = None
    policy: Annotated[str, Field(max_length=20_000)] | None = None


class AskIn(_Given):
    """Somebody at the desk. ``name`` and ``phone`` are looked at and not kept; ``exemptions`` as the office has seen them."""

    village: str
    service: Annotated[str, Field(min_length=1, max_length=80)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    phone: Annotated[str, Field(max_length=20)] = ""
    exemptions: list[str] = []
    trees: Codes = []
    pledges: bool = False


class KeepIn(_Given):
    """The tree that keeps a pledge."""

    tree: Annotated[str, Field(max_length=12)]


@router.get("")
def the_gate(services: ServicesDep) -> dict[str, Any]:
    """The policy in force with its decree, who is never asked, and of each service whether a policy may name it."""
    policy = in_force(services)
    rows = []
    for service in catalogue().values():
        right = denied(service.id, service.title)
        named = policy is not None and service.id in policy.services
        law = right.law if right else ""
        rows.append({"id": service.id, "code": service.code, "title": service.title, "right": right.right if right else None, "law": law,
                     "asked": named})  # fmt: skip
    exempt = [e.model_dump() for e in (policy.exemptions.values() if policy else always_exempt())]
    shown = None if policy is None else policy.model_dump(mode="json", exclude={"exemption"}) | {"binding": policy.binding}
    return {"policy": shown, "in_force": policy is not None and policy.in_force(day_of(now_ms())), "exemptions": exempt, "services": rows}


@router.post("/rehearsal")
def rehearsal(services: ServicesDep, _: Office, given: RehearsalIn) -> dict[str, Any]:
    """What the gate would answer; nothing is put on record. A policy that does not load is refused with every reason."""
    try:
        policy = parse_policy(given.policy, "policy") if given.policy is not None else in_force(services)
    except ConfigurationError as error:
        raise InvalidRequest(error.message) from None
    proofs = tuple(Proof(p.code, p.status, p.his, p.used) for p in given.trees)
    applicant = Applicant(frozenset(given.exemptions), proofs, given.pledges, given.overdue)
    return _shown(decide(policy, given.service, applicant, given.day or day_of(now_ms())))


@router.post("/letters")
def ask(services: ServicesDep, actor: Desk, given: AskIn) -> dict[str, Any]:
    """Decide about a letter, and keep the pledge or the trees that it was given for."""
    village = find_village(given.village).code
    actor.require(village)
    now, policy = now_ms(), in_force(services)
    hashes, pledges = Hashes(services.config.data), Pledges(services.records)
    phone = hashes.phone(given.phone)
    person = phone or hashes.of(f"{village}/{plain(given.name)}")
    proofs = pledges.proofs(given.trees, given.name, phone)
    applicant = Applicant(frozenset(given.exemptions), proofs, given.pledges, pledges.overdue(person, day_of(now)))
    decision = decide(policy, given.service, applicant, day_of(now))
    rows: list[TreePledgeRow] = []
    if policy is not None and decision.outcome in {"proof", "pledge"}:
        rows = pledges.keep(policy, given.service, decision, village=village, person=person, by=actor.id, now=now)
    return _shown(decision) | {"letters": [_row(r) for r in rows]}


@router.get("/letters")
def letters(services: ServicesDep, actor: Office, village: VillageDep) -> list[dict[str, Any]]:
    """Letters that were given for a tree or a pledge, the newest first."""
    actor.require(village)
    return [_row(row) for row in Pledges(services.records).listed(village)]


@router.post("/letters/{code}/tree")
def keep_pledge(services: ServicesDep, actor: Desk, code: str, given: KeepIn) -> dict[str, Any]:
    """A pledge is kept by a tree."""
    found = next((r for r in Pledges(services.records).listed(actor.village) if r.code == code), None)
    actor.require(found.village if found is not None else actor.village)
    return _row(Pledges(services.records).fulfil(code, given.tree, now_ms()))


def in_force(services: Services) -> Policy | None:
    """The policy that cloud.toml names, whether its days have come or not."""
    file = services.config.gate.policy
    return load_policy(file) if file is not None else None


def _row(row: TreePledgeRow) -> dict[str, Any]:
    head = {"code": row.code, "village": row.village, "service": row.service, "at": row.at, "by": row.by}
    return head | {"due": row.due or None, "tree": row.tree or None}


def _shown(decision: Decision) -> dict[str, Any]:
    due = decision.due.isoformat() if decision.due else None
    return {"allowed": decision.allowed, "outcome": decision.outcome, "reason": decision.reason, "due": due, "trees": list(decision.trees)}
