"""What of a node is refused: everything while it is withdrawn, and afterwards the key and the spool that it had at that time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records.withdrawal_models import WithdrawalRow


@dataclass(frozen=True, slots=True)
class Past:
    """``since`` (ms UTC): withdrawn now, since then. ``keys`` and ``epochs``: of the times when it was withdrawn, mistakes left out."""

    since: int | None = None
    keys: frozenset[bytes] = frozenset()
    epochs: frozenset[str] = frozenset()


def recall(session: Session) -> dict[str, Past]:
    """By node, for those that were ever withdrawn: a handful in a regency."""
    out: dict[str, Past] = {}
    for row in session.scalars(select(WithdrawalRow).order_by(WithdrawalRow.id)):
        known = out.get(row.node, Past())
        if row.restored is None:
            known = replace(known, since=row.at)
        if not row.mistake:
            keys = known.keys if row.public is None else known.keys | {row.public}
            known = replace(known, keys=keys, epochs=known.epochs if row.epoch is None else known.epochs | {row.epoch})
        out[row.node] = known
    return out


def old_key(past: Mapping[str, Past], public: bytes | None) -> bool:
    """Whether a key is of a node that was withdrawn with it, whatever the node that tells it now calls itself."""
    return any(public in each.keys for each in past.values())


def barred(past: Mapping[str, Past], node: str, public: bytes | None) -> bool:
    """Whether nothing may be sealed to a node's key."""
    return past.get(node, Past()).since is not None or old_key(past, public)
