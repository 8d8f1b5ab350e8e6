"""Dead letters: what could not be taken, with its bytes and the reason, counted instead of repeated, replayed on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kampung_contract.errors import NotFound
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from kampung_cloud.health import Health
from kampung_cloud.records import Records
from kampung_cloud.records.models import DeadLetterRow

Reason = Literal["topic", "node", "pack", "column", "senml", "state", "event", "cap", "message"]

ASKED_AT_ONCE = 500
TOLD_MS = 86_400_000
COUNT_MS = 60_000
"""Other processes may have kept letters, too."""
COUNTED = select(func.count(DeadLetterRow.id), func.coalesce(func.sum(func.length(DeadLetterRow.payload)), 0))
ROOM = 0.9
"""What is over the limit is discarded down to this part of it, so that it need not be done for every letter."""


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


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a letter. ``new`` and ``duplicate`` count its readings; ``at`` in milliseconds UTC."""

    id: int
    at: int
    stored: bool
    new: int
    duplicate: int
    code: str | None
    detail: str

    @property
    def result(self) -> str:
        """For the record."""
        return f"stored: {self.detail}" if self.stored else f"refused, {self.code}: {self.detail}"


class Letters:
    """Holds at most ``most`` letters of together ``most_bytes``; used by the ingest thread."""

    def __init__(self, records: Records, most: int, most_bytes: int) -> None:
        """Raises ``StorageUnavailable``."""
        self._most = most
        self._most_bytes = most_bytes
        self._discarded = 0
        self._shared, self._counted = records.shared, 0
        with records.session() as session:
            self._count, self._bytes = session.execute(COUNTED).one()
        self._next = (self._count, self._bytes)

    def keep(self, session: Session, letters: Sequence[Letter]) -> int:
        """Store letters; those that are there are counted up. Gives how many old ones had to go; ``kept`` makes it final."""
        if letters and self._shared and letters[-1].at - self._counted > COUNT_MS:
            self._counted = letters[-1].at
            self._count, self._bytes = session.execute(COUNTED).one()
        self._next = (self._count, self._bytes)
        if not letters:
            return 0
        known: dict[str, DeadLetterRow] = {}
        digests = [letter.digest for letter in letters]
        wanted = list(dict.fromkeys(digests))
        for begin in range(0, len(wanted), ASKED_AT_ONCE):
            found = session.scalars(select(DeadLetterRow).where(DeadLetterRow.digest.in_(wanted[begin : begin + ASKED_AT_ONCE])))
            known |= {row.digest: row for row in found}
        count, size = self._next
        for letter, digest in zip(letters, digests, strict=True):
            if (row := known.get(digest)) is not None:
                row.count += 1
                row.last_at, row.detail = letter.at, letter.detail
                continue
            row = known[digest] = DeadLetterRow(
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
            session.add(row)
            count, size = count + 1, size + len(letter.payload)
        self._next = (count, size)
        return self._discard(session) if count > self._most or size > self._most_bytes else 0

    def kept(self) -> None:
        """The transaction is through."""
        self._count, self._bytes = self._next

    def tell(self, health: Health, gone: int, now: int) -> None:
        """Say that letters had to go, and a day after the last of them that all is well again."""
        if gone:
            self._discarded = now
            health.set("dead_letters", False, "too many came, and old ones were discarded; raise [dead_letters] most, most_bytes")
        elif self._discarded and now - self._discarded > TOLD_MS:
            self._discarded = 0
            health.set("dead_letters", True)

    def _discard(self, session: Session) -> int:
        """The oldest go first, and of these what was replayed or came more than once."""
        session.flush()
        count, size = self._next
        spare = or_(DeadLetterRow.replayed_at.is_not(None), DeadLetterRow.count > 1)
        order = select(DeadLetterRow.id, func.length(DeadLetterRow.payload)).order_by(spare.desc(), DeadLetterRow.last_at, DeadLetterRow.id)
        gone: list[int] = []
        for number, length in session.execute(order):
            if count <= self._most * ROOM and size <= self._most_bytes * ROOM:
                break
            gone.append(number)
            count, size = count - 1, size - length
        for begin in range(0, len(gone), ASKED_AT_ONCE):
            session.execute(delete(DeadLetterRow).where(DeadLetterRow.id.in_(gone[begin : begin + ASKED_AT_ONCE])))
        self._next = (count, size)
        return len(gone)


def newest(records: Records, limit: int, code: str | None = None, replayed: bool | None = None) -> list[DeadLetterRow]:
    """Letters, the one that came last first; of one ``code``, replayed or not, where that is asked."""
    only: list[ColumnElement[bool]] = [] if code is None else [DeadLetterRow.code == code]
    if replayed is not None:
        only.append(DeadLetterRow.replayed_at.is_not(None) if replayed else DeadLetterRow.replayed_at.is_(None))
    query = select(DeadLetterRow).where(*only).order_by(DeadLetterRow.last_at.desc(), DeadLetterRow.id.desc())
    with records.session() as session:
        return list(session.scalars(query.limit(limit)))


def find(records: Records, number: int) -> DeadLetterRow:
    """One letter. Raises ``NotFound``."""
    with records.session() as session:
        row = session.get(DeadLetterRow, number)
    if row is None:
        raise NotFound(f"dead letter {number} is not here; GET /api/v1/dead-letters lists what is")
    return row


def want(session: Session, number: int, at: int) -> None:
    """Ask whoever takes in for its kecamatan to take a letter up again."""
    row = session.get(DeadLetterRow, number)
    if row is not None:
        row.wanted = at


def note(session: Session, replayed: Replayed) -> None:
    """Put on record what became of a letter."""
    row = session.get(DeadLetterRow, replayed.id)
    if row is not None:
        row.replayed_at, row.result, row.wanted = replayed.at, replayed.result, None
        row.outcome = {name: getattr(replayed, name) for name in ("stored", "new", "duplicate", "code", "detail")}


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
