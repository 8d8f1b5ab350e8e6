"""*Sedekah Oksigen* on the way of a request: what was asked when it was opened, what was named for it, and what came of it.

A request is judged by the policy of the day it was opened, or by today's where that is kinder: a change in between punishes nobody.
Without a policy, for a right, and for services that the policy does not name, nothing is written and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import structlog
from kampung_contract.errors import ConfigurationError, NotFound
from kampung_contract.tree_code import parse_code, shown
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.gate import Applicant, Decision, Policy, Proof, decide, denied
from kampung_cloud.gate import pledges as pledging
from kampung_cloud.keyed import Hashes
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.services.catalogue.definition import Service
from kampung_cloud.modules.services.flow.states import OPEN
from kampung_cloud.modules.services.models import GateRow, ServiceRequestRow
from kampung_cloud.same_name import plain

log = structlog.get_logger("services")

LOT = 1000
"""References in one question: databases bound how many values they take."""
HOW = "Daftarkan pohon di kios (Lingkungan, lalu Pohon), lalu sebutkan kodenya di loket."
PLOT = "Yang tidak punya lahan menanam di petak desa."
"""The gate's own reason says it already."""


class Gate:
    """``policy`` gives the one in force today, or none; it may raise ``ConfigurationError``, and then nobody is asked anything."""

    def __init__(self, policy: Callable[[], Policy | None], hashes: Hashes) -> None:
        self._policy, self._hashes = policy, hashes

    def opened(self, session: Session, row: ServiceRequestRow, service: Service, name: str) -> None:
        """Put down what is asked of a new request, in the transaction that takes it in."""
        policy = self._today()
        asked = service.table or service.id
        if policy is None or not service.oksigen or service.civil or denied(asked, service.title) is not None:
            return
        if asked not in policy.services or not policy.in_force(day_of(row.opened)):
            return
        person = self._hashes.of(f"{row.village}/{plain(name)}")
        session.add(GateRow(request=row.id, service=asked, policy=policy.model_dump_json(), person=person, at=row.opened))

    def named(
        self, session: Session, ref: str, name: str, *, trees: Sequence[str], pledges: bool, exemptions: Sequence[str], phone: str,
        by: str, now: int,
    ) -> Decision:  # fmt: skip
        """What the office has seen: trees by their codes, a pledge, exemptions. It stands in the place of what was named before.

        Raises ``NotFound`` for a request that is asked nothing and for a tree that is not registered, ``InvalidRequest`` for an exemption
        or a code that there is not.
        """
        row = session.get(GateRow, ref)
        if row is None:
            raise NotFound(f"permohonan {ref} tidak diminta pohon")
        row.phone = self._hashes.phone(phone)
        row.named = " ".join(dict.fromkeys(parse_code(code) for code in trees))
        row.exemptions, row.pledges = " ".join(sorted(set(exemptions))), pledges
        row.by, row.at = by[:63], now
        return self._decided(session, row, name, now)

    def holds(self, session: Session, ref: str, name: str, now: int) -> str | None:
        """Why the request cannot go on to be signed, and what can be done; None where it can, and then that is put down."""
        row = session.get(GateRow, ref)
        if row is None:
            return None
        decision = self._decided(session, row, name, now)
        return None if decision.allowed else f"{decision.reason['id']} {HOW}"

    def signed(self, session: Session, request: ServiceRequestRow, actor: str, now: int) -> str:
        """Keep the trees or the pledge, in the transaction that signs. What the letter says of it, nothing unless the policy wants it."""
        row = session.get(GateRow, request.id)
        if row is None or row.outcome not in {"proof", "pledge"}:
            return ""
        policy = Policy.model_validate_json(row.policy)
        day = date.fromisoformat(row.due) if row.due else None
        decision = Decision(True, "proof" if row.trees else "pledge", {"id": row.reason}, day, tuple(row.trees.split()))
        pledging.put(session, policy, row.service, decision, village=request.village, person=row.person, by=actor, now=now)
        if not policy.on_letter:
            return ""
        codes = ", ".join(shown(code) for code in decision.trees)
        return (
            f"{policy.title['id']}: pohon {codes}." if codes else f"{policy.title['id']}: pemohon berjanji menanam paling lambat {row.due}."
        )

    def _today(self) -> Policy | None:
        try:
            return self._policy()
        except ConfigurationError as error:  # a gate that cannot be read asks nobody; it must not lose a request
            log.error("the policy of the gate cannot be read", reason=error.message)
            return None

    def _decided(self, session: Session, row: GateRow, name: str, now: int) -> Decision:
        day, then, today = day_of(now), Policy.model_validate_json(row.policy), self._today()
        proofs = tuple(
            Proof(p.code, p.status, p.his, p.used or _named_elsewhere(session, row.request, p.code))
            for p in pledging.proofs(session, row.named.split(), name, row.phone)
        )
        overdue = pledging.overdue(session, row.person, day)
        decision = decide(then, row.service, Applicant(frozenset(row.exemptions.split()), proofs, row.pledges, overdue), day)
        if not decision.allowed:
            known = frozenset(today.exemptions if today else ()) & frozenset(row.exemptions.split())
            kinder = decide(today, row.service, Applicant(known, proofs, row.pledges, overdue), day)
            decision = kinder if kinder.allowed else decision
        row.outcome, row.reason = decision.outcome, decision.reason["id"][:600]
        row.due, row.trees = decision.due.isoformat() if decision.due else "", " ".join(decision.trees)
        return decision


def standing(session: Session, refs: Sequence[str]) -> dict[str, GateRow]:
    """By request, of those that are asked something."""
    lots = (refs[at : at + LOT] for at in range(0, len(refs), LOT))
    return {row.request: row for lot in lots for row in session.scalars(select(GateRow).where(GateRow.request.in_(lot)))}


def told(row: GateRow) -> dict[str, Any]:
    """For the case page and, without a name in it, the kiosk. ``passed`` is null until it was decided for the first time."""
    policy = Policy.model_validate_json(row.policy)
    return {
        "title": policy.title["id"], "decree": policy.decree, "binding": policy.binding, "mode": policy.mode, "need": policy.trees,
        "accepts": list(policy.accepts), "grace_days": policy.grace_days,
        "exemptions": [{"id": e.id, "title": e.title["id"]} for e in policy.exemptions.values()],
        "passed": None if not row.outcome else row.outcome != "refused", "outcome": row.outcome, "reason": row.reason,
        "due": row.due or None, "trees": [shown(c) for c in row.trees.split()], "named": [shown(c) for c in row.named.split()],
        "pledges": row.pledges, "exempt": row.exemptions.split(), "how": HOW if row.reason else f"{HOW} {PLOT}",
    }  # fmt: skip


def _named_elsewhere(session: Session, ref: str, code: str) -> bool:
    """Whether another open request counts on the tree already; one that is rejected or cancelled gives it back."""
    query = select(GateRow.request).join(ServiceRequestRow, ServiceRequestRow.id == GateRow.request)
    query = query.where(ServiceRequestRow.state.in_(OPEN), GateRow.request != ref, GateRow.trees.contains(code, autoescape=True))
    return session.scalar(query.limit(1)) is not None
