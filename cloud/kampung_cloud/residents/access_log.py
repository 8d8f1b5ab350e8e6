"""Who read or changed whose data, when and why: a chain of lines for each village, each bound to the one before by its hash.

A line is written before what it tells of is shown. Nobody changes or deletes one through the database (triggers), and whoever does it below
breaks the chain: ``verify`` says where. The chain's end is printed on every resident's list, so that a chain cut short is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kampung_cloud.access.actor import Actor
from kampung_cloud.records import Records
from kampung_cloud.records.resident_models import AccessHeadRow, AccessLogRow

START = "0" * 64
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Reading:
    """``what``: list, view, family, change, event, export, import, print, request, dukcapil, dtsen, bsre, destroy.

    ``residents`` None: of the whole village.
    """

    village: str
    purpose: str
    what: str
    residents: tuple[int | None, ...]
    detail: str = ""


def note(records: Records, actor: Actor, readings: Sequence[Reading], now: int) -> None:
    """Append, all or nothing. Raises ``StorageUnavailable``: then nothing may be shown."""
    if any(reading.residents for reading in readings):
        with records.session() as session:
            append(session, actor, readings, now, shared=records.shared)


def append(session: Session, actor: Actor, readings: Sequence[Reading], now: int, *, shared: bool) -> None:
    """As ``note``, in a transaction of the caller's. ``shared``: whether the records are (``Records.shared``)."""
    chains = sorted({reading.village for reading in readings if reading.residents})
    if not chains:
        return  # nobody was read of
    upsert = postgresql.insert if shared else sqlite.insert
    fresh = upsert(AccessHeadRow).values([{"chain": chain, "n": 0, "hash": START} for chain in chains])
    session.execute(fresh.on_conflict_do_nothing())
    query = select(AccessHeadRow).where(AccessHeadRow.chain.in_(chains)).order_by(AccessHeadRow.chain).with_for_update()
    heads = {head.chain: head for head in session.scalars(query)}
    lines = [line for reading in readings if reading.residents for line in _lines(heads[reading.village], reading, actor, now)]
    if lines:
        session.execute(insert(AccessLogRow), lines)


def _lines(head: AccessHeadRow, reading: Reading, actor: Actor, now: int) -> list[dict[str, object]]:
    """Each bound to the one before; the head goes along."""
    out = []
    for resident in reading.residents:
        line: dict[str, object] = {
            "chain": reading.village, "n": head.n + 1, "at": now, "actor": actor.id, "name": actor.name, "purpose": reading.purpose,
            "what": reading.what, "resident": resident, "detail": reading.detail[:200],
        }  # fmt: skip
        head.n, head.hash = head.n + 1, _hash(head.hash, line)
        out.append({**line, "hash": head.hash})
    return out


def of(records: Records, village: str, resident: int, limit: int = 500) -> list[AccessLogRow]:
    """Lines of one resident, and of what concerned his whole village; the last first."""
    query = select(AccessLogRow).where(
        or_(AccessLogRow.resident == resident, AccessLogRow.resident.is_(None) & (AccessLogRow.chain == village))
    )
    with records.session() as session:
        return list(session.scalars(query.order_by(AccessLogRow.id.desc()).limit(limit)))


def newest(records: Records, village: str | None, limit: int = 200) -> list[AccessLogRow]:
    """Of a village, or of all; the last first."""
    query = select(AccessLogRow).order_by(AccessLogRow.id.desc()).limit(limit)
    with records.session() as session:
        return list(session.scalars(query if village is None else query.where(AccessLogRow.chain == village)))


def head(records: Records, village: str) -> tuple[int, str]:
    """How many lines the village's chain has, and its last hash."""
    with records.session() as session:
        row = session.get(AccessHeadRow, village)
        return (0, START) if row is None else (row.n, row.hash)


def verify(records: Records, village: str) -> tuple[int, str | None]:
    """Lines of the chain that are as they were written, and what is wrong with the next, None where all are."""
    end, last = head(records, village)
    hashed, done = START, 0
    while True:
        with records.session() as session:
            query = select(AccessLogRow).where(AccessLogRow.chain == village, AccessLogRow.n > done).order_by(AccessLogRow.n)
            rows = session.scalars(query.limit(AT_ONCE)).all()
        for row in rows:
            line = {name: getattr(row, name) for name in ("chain", "n", "at", "actor", "name", "purpose", "what", "resident", "detail")}
            if row.n != done + 1:
                return done, f"line {done + 1} of {village} is missing"
            hashed = _hash(hashed, line)
            if hashed != row.hash:
                return done, f"line {row.n} of {village} is not as it was written"
            done += 1
        if len(rows) < AT_ONCE:
            break
    if done < end or (done == end and hashed != last):
        return done, f"line {done + 1} of {village} is missing: the chain had {end}"
    return done, None


def _hash(before: str, line: dict[str, object]) -> str:
    return hashlib.sha256((before + json.dumps(line, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()
