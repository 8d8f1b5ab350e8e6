"""The Atom feed of alarms (RFC 4287), and single messages out of the records."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import quote
from xml.etree import ElementTree as ET

from kampung_contract.errors import NotFound
from sqlalchemy import or_, select

from kampung_cloud.cap.message import MEDIA_TYPE, clean, short, stamp
from kampung_cloud.cap.settings import Cap
from kampung_cloud.cap.telling import DAY_MS
from kampung_cloud.records import Records
from kampung_cloud.records.models import CapMessageRow

ATOM = "application/atom+xml"
MOST = 1_000
SUMMARY = 500


def current(records: Records, village: str | None, now: int) -> list[CapMessageRow]:
    """The newest message of each alarm that stands, or of which the last was said within a day; newest first, at most ``MOST``."""
    query = select(CapMessageRow).where(
        CapMessageRow.newest.is_(True), or_(CapMessageRow.over.is_(False), CapMessageRow.sent >= now - DAY_MS)
    )
    if village is not None:
        query = query.where(CapMessageRow.village == village)
    with records.session() as session:
        return list(session.scalars(query.order_by(CapMessageRow.sent.desc(), CapMessageRow.id).limit(MOST)))


def document(records: Records, name: str) -> str:
    """The message of that identifier; for an alarm, by its own id or its messages' common name, the newest. Raises ``NotFound``."""
    query = select(CapMessageRow).where(
        or_(
            CapMessageRow.id == name,
            CapMessageRow.newest.is_(True) & or_(CapMessageRow.alarm == name, CapMessageRow.id.startswith(f"{name}-", autoescape=True)),
        )
    )
    with records.session() as session:
        for row in session.scalars(query):
            if name in (row.id, row.alarm, row.id.rpartition("-")[0]):
                return row.document
    raise NotFound(f"no CAP message {name[:100]!r}; GET /api/v1/cap lists those there are")


def atom(config: Cap, rows: Sequence[CapMessageRow], base: str, now: int) -> str:
    """``base`` is the address of the feed."""
    feed = ET.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _put(feed, "id", _urn(f"{config.sender}/cap"))
    _put(feed, "title", f"Smart Kampung: {config.sender_name}")
    _put(feed, "updated", stamp(rows[0].sent if rows else now))
    _put(ET.SubElement(feed, "author"), "name", config.sender_name)
    ET.SubElement(feed, "link", rel="self", type=ATOM, href=base)
    for row in rows:
        entry = ET.SubElement(feed, "entry")
        _put(entry, "id", _urn(f"{row.sender}/{row.id}"))
        _put(entry, "title", row.headline or row.id)
        _put(entry, "updated", stamp(row.sent))
        _put(entry, "summary", short(row.summary, SUMMARY))
        ET.SubElement(entry, "category", term=row.type)
        ET.SubElement(entry, "link", rel="alternate", type=MEDIA_TYPE, href=f"{base}/{quote(row.id)}.xml")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(feed, encoding="unicode")}'


def _put(into: ET.Element, name: str, words: str) -> None:
    ET.SubElement(into, name).text = clean(words)


def _urn(words: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, words).urn
