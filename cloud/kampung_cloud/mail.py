"""Mail for one kiosk: put on record by whoever answers, sent by the process that holds the village's line, and then forgotten.

It is sent at most once: whoever waits for it asks again. Nothing is retained on the broker.
"""

from __future__ import annotations

import threading
from typing import Protocol

import structlog
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kampung_cloud.area import WHOLE, Area
from kampung_cloud.health import now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.mail_models import KioskMailRow
from kampung_cloud.withdrawals.past import Past, recall

log = structlog.get_logger("mail")

LOOK_S = 1.0
AT_ONCE = 50


class Line(Protocol):
    """The line to the broker."""

    @property
    def connected(self) -> threading.Event: ...

    def publish(self, topic: str, payload: bytes) -> None: ...


def put(session: Session, number: str, village: str, topic: str, payload: bytes, until: int) -> None:  # noqa: PLR0917
    """In the transaction of whoever answers. The same number again changes nothing."""
    if session.get(KioskMailRow, number) is None:
        session.add(KioskMailRow(id=number, village=village, topic=topic, payload=payload, until=until))


class Mail:
    """A thread for one area."""

    def __init__(self, records: Records, line: Line, area: Area = WHOLE) -> None:
        self._records, self._line, self._area = records, line, area
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(4)

    def send(self, now: int) -> int:
        """What waits, to the line; how many. Raises ``StorageUnavailable``."""
        if not self._line.connected.is_set():
            return 0
        with self._records.session() as session:
            query = select(KioskMailRow).where(KioskMailRow.village.like(self._area.pattern)).limit(AT_ONCE)
            rows = session.scalars(query).all()
            for row in rows:
                session.expunge(row)
            if rows:
                session.execute(delete(KioskMailRow).where(KioskMailRow.id.in_([row.id for row in rows])))
            past = recall(session) if rows else {}
        for row in rows:  # once it is durable that it is gone: never twice
            if row.until >= now and past.get(row.topic.split("/", 5)[4], Past()).since is None:
                self._line.publish(row.topic, row.payload)
        return len(rows)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                self.send(now_ms())
            except StorageUnavailable as error:
                log.debug("mail waits", reason=error.message)
            except Exception:
                log.exception("mail")
