"""Reports that were written at kiosks, out of the events of packs: each counts once, however late it comes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import structlog
from kampung_contract.citizen import TYPE, parse_event, photo_of
from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.tickets import shadow
from sqlalchemy import select

from kampung_cloud.content import Contents
from kampung_cloud.modules.reports.book import Book
from kampung_cloud.modules.reports.models import CitizenReportRow as Row
from kampung_cloud.modules.reports.places import check_inside
from kampung_cloud.modules.reports.report import Filed
from kampung_cloud.modules.reports.status import WORDS
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

log = structlog.get_logger()

TAKEN = "taken"
AT_ONCE = 200
SHOWN_MS = 90 * 86_400_000
MOST_SHOWN = 300


class Kiosks:
    """Looks for reports that have not been taken. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, data: Path) -> None:
        self._records, self._book = records, Book(records, data)

    def take(self, now: int) -> int:
        """How many were new.

        What the event held besides is taken out of it in the same transaction, so that the photo and the id, from which the ticket's word
        follows, are in one place only. One that cannot be taken keeps its reason.
        """
        with self._records.session() as session:
            query = select(EventRow).where(EventRow.type == TYPE).order_by(EventRow.received)
            keys = [
                (r.node, r.epoch, r.seq, r.position)
                for r in session.scalars(query.where(EventRow.body[TAKEN].as_string().is_(None)).limit(AT_ONCE))
            ]
        return sum(self._one(key, now) for key in keys)

    def _one(self, key: tuple[str, str, int, int], now: int) -> int:
        with self._records.session() as session:
            event = session.get(EventRow, key)
            if event is None or TAKEN in event.body:
                return 0
            try:
                said = parse_event(event.body)
                assert said is not None  # the query asks for no other type
                filed = Filed(
                    said.id, event.village, said.kind, said.at, event.node, said.text, said.spot, said.latitude, said.longitude,
                    said.accuracy, photo_of(said) or None,
                )  # fmt: skip
                filed = _placed(filed)
                known = session.scalar(select(Row).where(Row.digest == filed.digest))
                row = known if known is not None else self._book.add(session, filed, now)
                event.body = {"type": TYPE, TAKEN: row.id}
            except KampungError as error:
                log.warning("a report was refused", node=event.node, seq=event.seq, reason=error.message)
                event.body = {"type": TYPE, TAKEN: "refused", "why": error.message[:300]}
                return 0
        return int(known is None)

    def publish(self, contents: Contents, now: int) -> None:
        """To each village's kiosks, how its reports stand: by a name from which no ticket follows, and nothing of what they say."""
        with self._records.session() as session:
            rows = session.scalars(select(Row).where(Row.at >= now - SHOWN_MS).order_by(Row.at.desc()))
            by_village: dict[str, list[dict[str, object]]] = {}
            for row in rows:
                listed = by_village.setdefault(row.village, [])
                if len(listed) < MOST_SHOWN:
                    word = WORDS[row.status]  # type: ignore[index]
                    listed.append({"report": shadow(row.ticket), "status": row.status, "word": word, "since": row.since})
        for village, listed in by_village.items():
            contents.put(village, "reports", {"reports": listed})


def _placed(filed: Filed) -> Filed:
    """Its writer has a ticket already, so it is taken even where somebody touched the map far outside the village: without that point."""
    try:
        check_inside(filed.village, filed.latitude, filed.longitude)
    except InvalidRequest:
        spot = filed.spot or "titik pada peta di luar desa"
        return replace(filed, latitude=None, longitude=None, accuracy=None, spot=spot)
    return filed
