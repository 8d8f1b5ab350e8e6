"""Letters that were given for a tree or for a pledge, and which tree keeps which pledge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.tree_code import new_code, parse_code, shown
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.gate.deciding import Decision, Proof
from kampung_cloud.gate.policy import Policy
from kampung_cloud.records import Records
from kampung_cloud.records.tree_models import TreePledgeRow, TreeRow
from kampung_cloud.same_name import plain

STANDING = ("ditanam", "hidup", "tumbuh")


class Pledges:
    """``person`` is a keyed hash of whom the office serves: the gate knows nobody by name. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def proofs(self, codes: list[str], name: str, phone: str) -> tuple[Proof, ...]:
        """The trees that somebody names, as they stand now; his by the name or the phone's hash that they were registered with.

        Raises ``NotFound`` for a tree that is not registered.
        """
        with self._records.session() as session:
            return proofs(session, codes, name, phone)

    def overdue(self, person: str, day: dt.date) -> bool:
        """Whether somebody has not kept an earlier pledge."""
        with self._records.session() as session:
            return overdue(session, person, day)

    def keep(
        self, policy: Policy, service: str, decision: Decision, *, village: str, person: str, by: str, now: int
    ) -> list[TreePledgeRow]:
        """Put on record what a letter was given for: a pledge, or each tree that counted."""
        with self._records.session() as session:
            rows = put(session, policy, service, decision, village=village, person=person, by=by, now=now)
            session.expunge_all()
        return rows

    def fulfil(self, code: str, tree: str, now: int) -> TreePledgeRow:
        """The tree that keeps a pledge. Raises ``NotFound``, and ``InvalidRequest`` for a tree that cannot."""
        with self._records.session() as session:
            pledge, planted = session.get(TreePledgeRow, parse_code(code)), session.get(TreeRow, parse_code(tree))
            if pledge is None:
                raise NotFound(f"no pledge has the code {shown(parse_code(code))}")
            if planted is None or planted.status not in STANDING:
                raise InvalidRequest(f"tree = {tree[:12]!r}: no such tree stands; register it first")
            if pledge.tree and pledge.tree != planted.code:
                raise InvalidRequest(f"pledge {shown(pledge.code)} is kept by tree {shown(pledge.tree)} already")
            other = session.scalar(select(TreePledgeRow.code).where(TreePledgeRow.tree == planted.code, TreePledgeRow.code != pledge.code))
            if other is not None:
                raise InvalidRequest(f"tree = {shown(planted.code)}: it keeps pledge {shown(other)} already; plant another")
            pledge.tree, pledge.changed = planted.code, now
            session.flush()
            session.expunge(pledge)
        return pledge

    def listed(self, village: str | None) -> list[TreePledgeRow]:
        """The newest first, at most 1,000."""
        query = select(TreePledgeRow).order_by(TreePledgeRow.at.desc()).limit(1000)
        with self._records.session() as session:
            rows = list(session.scalars(query if village is None else query.where(TreePledgeRow.village == village)))
            session.expunge_all()
        return rows


def proofs(session: Session, codes: Sequence[str], name: str, phone: str) -> tuple[Proof, ...]:
    """As ``Pledges.proofs``, in the caller's transaction."""
    out = []
    for code in dict.fromkeys(parse_code(c) for c in codes):
        row = session.get(TreeRow, code)
        if row is None:
            raise NotFound(f"no tree has the code {shown(code)}; register it first")
        used = session.scalar(select(TreePledgeRow.code).where(TreePledgeRow.tree == code)) is not None
        his = bool(phone and phone == row.planter_phone) or plain(name) == plain(row.planter_name)
        out.append(Proof(code, row.status, his, used))
    return tuple(out)


def overdue(session: Session, person: str, day: dt.date) -> bool:
    """As ``Pledges.overdue``, in the caller's transaction."""
    query = select(TreePledgeRow.code).where(TreePledgeRow.person == person, TreePledgeRow.tree == "", TreePledgeRow.due < day.isoformat())
    return session.scalar(query.limit(1)) is not None


def put(
    session: Session, policy: Policy, service: str, decision: Decision, *, village: str, person: str, by: str, now: int
) -> list[TreePledgeRow]:
    """As ``Pledges.keep``, in the caller's transaction."""
    rows = [
        TreePledgeRow(
            code=_free(session), village=village, service=service, person=person, decree=policy.decree[:191],
            due=decision.due.isoformat() if decision.due else "", tree=tree, by=by[:63], at=now, changed=now,
        )
        for tree in decision.trees or ("",)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def _free(session: Session) -> str:
    while session.get(TreePledgeRow, code := new_code()) is not None:
        pass
    return code
