"""Answers that kiosks sent, out of the events of packs: each counts once, and no longer stands in the event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from kampung_contract.errors import InvalidEvent
from kampung_contract.survey import TYPE, Survey, parse_event
from kampung_contract.times import quarter
from sqlalchemy import func, select

from kampung_cloud.modules.feedback.models import SCORES, SurveyRow
from kampung_cloud.modules.feedback.publishing import Cell
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

log = structlog.get_logger("feedback")

TAKEN = "taken"
AT_ONCE = 500
WIB, OLDEST = timedelta(hours=7), timedelta(days=60)


def take_in(records: Records, now: int) -> int:
    """How many were new. What an event said is taken out of it in the transaction that counts it. Raises ``StorageUnavailable``."""
    del now
    new = 0
    with records.session() as session:
        query = select(EventRow).where(EventRow.type == TYPE, EventRow.body[TAKEN].as_string().is_(None)).order_by(EventRow.received)
        for event in session.scalars(query.limit(AT_ONCE)).all():
            try:
                said = parse_event(event.body)
                assert said is not None  # the query asks for no other type
            except InvalidEvent as error:
                log.warning("a survey was refused", node=event.node, seq=event.seq, reason=error.message)
                event.body = {"type": TYPE, TAKEN: "refused", "why": error.message[:300]}
                continue
            if session.get(SurveyRow, said.survey) is None:
                session.add(_row(event.village, said, _day(said, event.received)))
                session.flush()
                new += 1
            event.body = {"type": TYPE, TAKEN: "counted"}
    return new


def cells(records: Records, year: int, village: str | None = None, *, before: int = 0) -> list[Cell]:
    """One for each village, quarter and service of a year (and of ``before`` years) with answers, however few: not to be told as it is."""
    query = select(SurveyRow.village, SurveyRow.day, SurveyRow.service, func.count(), *(func.sum(u) for u in SCORES))
    query = query.where(SurveyRow.day.between(f"{year - before}-01-01", f"{year}-12-31"))
    if village is not None:
        query = query.where(SurveyRow.village == village)
    found: dict[tuple[str, str, str], Cell] = {}
    with records.session() as session:
        for place, day, service, n, *sums in session.execute(query.group_by(SurveyRow.village, SurveyRow.day, SurveyRow.service)):
            key = (place, quarter(day), service)
            was = found.get(key, Cell(*key, 0, (0,) * len(SCORES)))
            found[key] = Cell(*key, was.n + n, tuple(a + int(b) for a, b in zip(was.sums, sums, strict=True)))
    return list(found.values())


def _day(said: Survey, received: int) -> str:
    """The kiosk's; or that on which it came, where the kiosk's clock cannot have been right (it keeps answers for weeks without a line)."""
    came = (datetime.fromtimestamp(received / 1000, UTC) + WIB).date()
    return (said.day if came - OLDEST <= said.day <= came else came).isoformat()


def _row(village: str, said: Survey, day: str) -> SurveyRow:
    scores = {f"u{n}": score for n, score in enumerate(said.scores, 1)}
    return SurveyRow(survey=said.survey, village=village, service=said.service, day=day, **scores)
