"""Answers that kiosks sent, out of the events of packs: each counts once, and no longer stands in the event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kampung_contract.survey import TYPE, Survey, parse_event
from kampung_contract.times import quarter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.counted_events import count
from kampung_cloud.modules.feedback.models import SCORES, SurveyRow
from kampung_cloud.modules.feedback.publishing import Cell
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

WIB, OLDEST = timedelta(hours=7), timedelta(days=60)


def take_in(records: Records, now: int) -> int:
    """How many were new. What an event said is taken out of it in the transaction that counts it. Raises ``StorageUnavailable``."""
    del now
    return count(records, TYPE, _take, "feedback")


def _take(session: Session, event: EventRow) -> int:
    said = parse_event(event.body)
    assert said is not None  # no other type is asked for
    if session.get(SurveyRow, said.survey) is not None:
        return 0
    session.add(_row(event.village, said, _day(said, event.received)))
    return 1


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
