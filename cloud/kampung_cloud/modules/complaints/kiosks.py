"""Between the office and the kiosks: complaints, replies and suggestions come in as events of packs, how complaints stand goes out."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import structlog
from kampung_contract.complaint import TYPES, Complaint, ComplaintReply, parse_event
from kampung_contract.errors import InvalidEvent, InvalidRequest, KampungError, NotFound, StorageUnavailable
from sqlalchemy import or_, select

from kampung_cloud.content import Contents
from kampung_cloud.modules.complaints.book import Book
from kampung_cloud.modules.complaints.models import ComplaintRow as Row
from kampung_cloud.modules.complaints.status import OPEN, Conflict
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow, NodeRow
from kampung_cloud.refused_events import TAKEN, context
from kampung_cloud.sealing import Keyring

log = structlog.get_logger("complaints")

AT_ONCE = 200
SHOWN_MS = 90 * 86_400_000
"""A complaint that is closed is told of so long."""
MOST_SHOWN, MOST_BYTES = 400, 150_000
"""Of a village's document, the newest first."""

Key = tuple[str, str, int, int]


def take_in(records: Records, book: Book, ring: Keyring, now: int) -> int:
    """How many events were new. What an event said is taken out of it once the book has it, which seals it."""
    with records.session() as session:
        query = select(EventRow).where(EventRow.type.in_(TYPES), EventRow.body[TAKEN].as_string().is_(None)).order_by(EventRow.received)
        waiting = session.scalars(query.limit(AT_ONCE)).all()
        events = [((r.node, r.epoch, r.seq, r.position), r.village, dict(r.body)) for r in waiting]
    return sum(_one(records, book, ring, key, village, body, now) for key, village, body in events)


def _one(  # noqa: PLR0917
    records: Records, book: Book, ring: Keyring, key: Key, village: str, body: dict[str, Any], now: int
) -> int:
    taken: dict[str, Any]
    try:
        taken = {TAKEN: _into(book, village, body, now)}
    except (InvalidEvent, InvalidRequest, NotFound, Conflict) as error:
        log.warning("a complaint or reply was refused", seq=key[2], reason=error.message)
        sealed = base64.b64encode(ring.seal(msgspec.json.encode(body), context(*key[:3]))).decode()
        taken = {TAKEN: "refused", "why": error.message[:300], "sealed": sealed}
    except StorageUnavailable:
        raise
    except KampungError as error:  # ours to mend: it stays as it came, and the others are not held up
        log.error("a complaint waits", seq=key[2], reason=error.message)
        return 0
    with records.session() as session:
        row = session.get(EventRow, key)
        if row is not None:
            row.body = {"type": row.type, **taken}
    return int(taken[TAKEN] != "refused")


def _into(book: Book, village: str, body: dict[str, Any], now: int) -> str:
    """What the event then says in place of its words: nothing that leads to who wrote."""
    said = parse_event(body)
    assert said is not None  # the query asks for no other type
    if isinstance(said, Complaint):
        book.take_in(said, village, now)
        return "complaint"
    if isinstance(said, ComplaintReply):
        book.reply(said, village, now)
        return "reply"
    book.suggest(said, village, now)
    return "suggestion"


def publish(records: Records, contents: Contents, now: int) -> None:
    """To each village's kiosks, how its complaints stand: by names from which no ticket follows, their words sealed."""
    with records.session() as session:
        by_village: dict[str, list[dict[str, Any]]] = {code: [] for code in sorted(set(session.scalars(select(NodeRow.village))))}
        recent = or_(Row.state.in_(OPEN), Row.since >= now - SHOWN_MS)
        rows = session.scalars(select(Row).where(recent, Row.told != "").order_by(Row.since.desc(), Row.id.desc())).all()
    room = dict.fromkeys(by_village, MOST_BYTES)
    for row in rows:
        listed = by_village.setdefault(row.village, [])
        left = room.setdefault(row.village, MOST_BYTES)
        if len(listed) < MOST_SHOWN and len(row.told) <= left:
            listed.append({"complaint": row.name, "state": row.state, "since": row.since, "told": row.told})
            room[row.village] = left - len(row.told)
    for village, listed in by_village.items():
        contents.put(village, "complaints", {"complaints": listed})
