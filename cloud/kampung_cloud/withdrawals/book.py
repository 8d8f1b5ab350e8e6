"""Withdrawing a node and taking it back: one row each time, with who, when and why, and a line in the village's access log."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.times import text
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.access.actor import Actor
from kampung_cloud.nodes import Node, Nodes
from kampung_cloud.records import Records
from kampung_cloud.records.models import NodeRow
from kampung_cloud.records.roll_models import PinRow
from kampung_cloud.records.withdrawal_models import WithdrawalRow
from kampung_cloud.residents import access_log
from kampung_cloud.withdrawals.past import recall

PURPOSE = "keamanan"
"""Of ``residents/purposes.toml``."""
SHORTEST, LONGEST = 5, 400

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Standing:
    """A node, its withdrawals (the last first), whether its village has no other kiosk, and how many residents there have a PIN."""

    node: Node
    withdrawals: tuple[WithdrawalRow, ...]
    only: bool
    pins: int

    @property
    def withdrawn(self) -> WithdrawalRow | None:
        """The withdrawal that holds."""
        return next((row for row in self.withdrawals if row.restored is None), None)


def withdraw(records: Records, nodes: Nodes, name: str, *, why: str, actor: Actor, now: int) -> None:
    """From now on nothing is taken of the node and nothing goes to it.

    Raises ``NotFound`` for a node nobody has heard of, ``InvalidRequest`` for no reason, ``KampungError`` with code ``conflict`` for one
    that is withdrawn already, and ``StorageUnavailable``.
    """
    node, why = _known(nodes, name), _reason(why)
    with _changing(records, nodes, name) as session:
        held = _open(session, name)
        if held is not None:
            raise KampungError(f"kios {name} sudah ditarik sejak {text(held.at)} oleh {held.name}: {held.why}", code="conflict")
        who = {"by": actor.id, "name": actor.name[:80], "why": why}
        session.add(
            WithdrawalRow(
                node=name, village=node.village, at=now, public=node.public, epoch=node.epoch, broker="none", broker_note="", **who
            )
        )  # fmt: skip
        reading = access_log.Reading(node.village, PURPOSE, "withdraw", (None,), f"kios {name} ditarik: {why}")
        access_log.append(session, actor, [reading], now, shared=records.shared)


def restore(records: Records, nodes: Nodes, name: str, *, why: str, actor: Actor, now: int, mistake: bool) -> None:
    """Take it back. Unless it never was out of our hands (``mistake``), it needs a new key and a new spool.

    Raises ``NotFound``, ``InvalidRequest``, ``KampungError`` with code ``conflict`` for one that is not withdrawn, ``StorageUnavailable``.
    """
    node, why = _known(nodes, name), _reason(why)
    with _changing(records, nodes, name) as session:
        row = _open(session, name)
        if row is None:
            raise KampungError(f"kios {name} tidak sedang ditarik; tidak ada yang perlu dikembalikan", code="conflict")
        row.restored, row.restored_by, row.restored_name, row.restored_why = now, actor.id, actor.name[:80], why
        row.mistake = mistake
        how = "dikembalikan, keliru ditarik" if mistake else "dikembalikan dengan kunci baru"
        reading = access_log.Reading(node.village, PURPOSE, "restore", (None,), f"kios {name} {how}: {why}")
        access_log.append(session, actor, [reading], now, shared=records.shared)


def standing(records: Records, nodes: Nodes) -> list[Standing]:
    """Every node, in order of village and name. Raises ``StorageUnavailable``."""
    with records.session() as session:
        rows = session.scalars(select(WithdrawalRow).order_by(WithdrawalRow.id.desc())).all()
        counted = session.execute(select(PinRow.village, func.count()).group_by(PinRow.village))
        pins = {village: int(count) for village, count in counted}
    mine: dict[str, list[WithdrawalRow]] = {}
    for row in rows:
        mine.setdefault(row.node, []).append(row)
    found = nodes.all()
    there = [node for node in found if node.state is not None and node.withdrawn is None]
    out = []
    for node in found:
        others = any(other.village == node.village and other.node != node.node for other in there)
        out.append(Standing(node, tuple(mine.get(node.node, ())), node.state is not None and not others, pins.get(node.village, 0)))
    return sorted(out, key=lambda each: (each.node.village, each.node.node))


def _known(nodes: Nodes, name: str) -> Node:
    node = nodes.get(name)
    if node is None:
        near = difflib.get_close_matches(name, [each.node for each in nodes.all()], n=1)
        hint = f"maksud Anda {near[0]!r}?" if near else "GET /api/v1/kiosks menyebut yang ada"
        raise NotFound(f"tidak ada kios bernama {name[:63]!r}; {hint}")
    return node


def _reason(why: str) -> str:
    why = why.strip()
    if not SHORTEST <= len(why) <= LONGEST:
        raise InvalidRequest(f"reason = {why[:40]!r}: tulis sebabnya, {SHORTEST} sampai {LONGEST} huruf, misalnya 'dicuri dari balai desa'")
    return why


@contextmanager
def _changing(records: Records, nodes: Nodes, name: str) -> Iterator[Session]:
    """Two processes at once take turns. Once it is durable the memory of this one knows it, whatever becomes of the records then."""
    with _one_at_a_time:
        with records.session() as session:
            session.execute(select(NodeRow.node).where(NodeRow.node == name).with_for_update())
            yield session
            past = recall(session)
        nodes.bar(past)


def _open(session: Session, name: str) -> WithdrawalRow | None:
    return session.scalar(select(WithdrawalRow).where(WithdrawalRow.node == name, WithdrawalRow.restored.is_(None)))
