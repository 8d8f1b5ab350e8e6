"""Typed messages out of packs, kept whole: requests, alarms, replies, and the gaps that a full spool leaves."""

from __future__ import annotations

from collections.abc import Iterable

from kampung_contract.pack import Pack
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

GAP = "gap"


def keep(session: Session, events: Iterable[tuple[str, str, Pack, int]]) -> None:
    """Store the events of (village, node, pack, received in ms UTC); those that are there stay as they are."""
    for village, node, pack, received in events:
        for position, body in enumerate(pack.events):
            place = {"node": node, "epoch": pack.epoch, "seq": pack.seq, "position": position}
            if session.get(EventRow, tuple(place.values())) is None:
                kind = str(body.get("type", "?"))[:63]
                session.add(EventRow(**place, village=village, received=received, type=kind, body=body))
                session.flush()


def gaps(records: Records) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Ranges of seq that edges gave up, by node and epoch."""
    out: dict[tuple[str, str], list[tuple[int, int]]] = {}
    with records.session() as session:
        for row in session.scalars(select(EventRow).where(EventRow.type == GAP)):
            first, last = row.body.get("first"), row.body.get("last")
            if isinstance(first, int) and isinstance(last, int) and 0 < first <= last:
                out.setdefault((row.node, str(row.body.get("epoch", row.epoch))), []).append((first, last))
    return out
