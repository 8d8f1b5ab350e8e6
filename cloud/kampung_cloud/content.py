"""Documents for the kiosks of a village: stored with a version, and standing retained on the broker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Any

import msgspec
from kampung_contract.documents import Content, encode
from kampung_contract.topics import content
from sqlalchemy import select

from kampung_cloud.area import WHOLE, Area
from kampung_cloud.health import now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.models import DocumentRow

KEYS = ("announcements", "alarms")


class Contents:
    """``publish(topic, payload)`` puts a retained message on the broker, or does nothing while there is no connection.

    What is done for all villages is done for those of ``area``.
    """

    def __init__(self, records: Records, publish: Callable[[str, bytes], None], area: Area = WHOLE) -> None:
        self._records = records
        self._mine = DocumentRow.village.like(area.pattern)
        self._publish = publish
        self._lock = threading.Lock()

    def get(self, village: str, key: str) -> Content | None:
        """The newest version. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            row = session.get(DocumentRow, (village, key))
            return None if row is None else Content(row.key, row.version, row.at, row.document)

    def put(self, village: str, key: str, document: dict[str, Any]) -> Content:
        """Store and publish. The same document again keeps its version and is not sent: modules say every minute what holds, and each
        byte goes to every kiosk of the village. A broker that lost it has it again by ``publish_all``. Raises ``StorageUnavailable``.

        Versions are times in milliseconds where that is higher, so that they rise even over a lost database.
        """
        at = now_ms()
        document = msgspec.json.decode(msgspec.json.encode(document))  # a tuple is a list once it is stored, and no other document
        with self._lock:
            with self._records.session() as session:
                row = session.get(DocumentRow, (village, key))
                same = row is not None and row.document == document
                if row is None:
                    row = DocumentRow(village=village, key=key, version=at, at=at, document=document)
                    session.add(row)
                elif not same:
                    row.version, row.at, row.document = max(row.version + 1, at), at, document
                new = Content(key, row.version, row.at, document)
            if not same:
                self._publish(content(village, key), encode(new))
        return new

    def publish_all(self, village: str | None = None, keys: Collection[str] | None = None) -> None:
        """Put every document, or one village's, or some of them, on the broker, which may not have them. Raises ``StorageUnavailable``."""
        query = select(DocumentRow).where(self._mine if village is None else DocumentRow.village == village)
        if keys is not None:
            query = query.where(DocumentRow.key.in_(keys))
        with self._lock, self._records.session() as session:
            for row in session.scalars(query):
                self._publish(content(row.village, row.key), encode(Content(row.key, row.version, row.at, row.document)))

    def having(self, key: str) -> set[str]:
        """Villages that have the document. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            return set(session.scalars(select(DocumentRow.village).where(DocumentRow.key == key, self._mine)))

    def villages(self) -> set[str]:
        """Villages whose alarms document is not empty, and so may have to lose an alarm that was resolved long ago."""
        with self._records.session() as session:
            rows = session.scalars(select(DocumentRow).where(DocumentRow.key == "alarms", self._mine))
            return {row.village for row in rows if row.document.get("alarms")}
