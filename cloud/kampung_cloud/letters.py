"""Dead letters: what could not be taken, with its bytes and the reason, counted instead of repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import DeadLetterRow

Reason = Literal["topic", "node", "pack", "column", "senml", "state", "event"]


@dataclass(frozen=True, slots=True)
class Letter:
    """``reason`` is what it was taken for; ``code`` and ``detail`` say what is wrong with it. ``at`` in milliseconds UTC."""

    topic: str
    payload: bytes
    reason: Reason
    code: str
    detail: str
    at: int
    node: str | None = None
    epoch: str | None = None
    seq: int | None = None

    @property
    def digest(self) -> str:
        """Same topic, code and bytes, same letter."""
        return hashlib.sha256(b"\0".join((self.topic.encode(), self.code.encode(), self.payload))).hexdigest()


def keep(session: Session, letters: Iterable[Letter]) -> None:
    """Store letters; those that are there are counted up."""
    for letter in letters:
        digest = letter.digest
        row = session.scalar(select(DeadLetterRow).where(DeadLetterRow.digest == digest))
        if row is not None:
            row.count += 1
            row.last_at = letter.at
            row.detail = letter.detail
            continue
        session.add(
            DeadLetterRow(
                digest=digest,
                topic=letter.topic,
                reason=letter.reason,
                code=letter.code,
                detail=letter.detail,
                payload=letter.payload,
                first_at=letter.at,
                last_at=letter.at,
                count=1,
                node=letter.node,
                epoch=letter.epoch,
                seq=letter.seq,
            )
        )
        session.flush()


def newest(records: Records, limit: int) -> list[DeadLetterRow]:
    """Letters, the one that came last first."""
    with records.session() as session:
        return list(session.scalars(select(DeadLetterRow).order_by(DeadLetterRow.last_at.desc(), DeadLetterRow.id.desc()).limit(limit)))


def rejected(records: Records) -> dict[tuple[str, str], set[int]]:
    """Sequence numbers of packs that were refused whole, by node and epoch."""
    out: dict[tuple[str, str], set[int]] = {}
    with records.session() as session:
        found = session.execute(
            select(DeadLetterRow.node, DeadLetterRow.epoch, DeadLetterRow.seq).where(
                DeadLetterRow.reason == "pack", DeadLetterRow.node.is_not(None), DeadLetterRow.seq.is_not(None)
            )
        )
        for node, epoch, seq in found:
            if node is not None and epoch is not None and seq is not None:
                out.setdefault((node, epoch), set()).add(seq)
    return out
