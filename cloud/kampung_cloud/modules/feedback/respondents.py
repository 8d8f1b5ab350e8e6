"""Who answered, as the regulation's report tells it: by sex, age, schooling and work, which people say apart from their scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from kampung_contract.survey import PROFILE, RESPONDENT, parse_respondent
from kampung_contract.times import WIB, quarter
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.counted_events import count
from kampung_cloud.modules.feedback.models import RespondentRow
from kampung_cloud.modules.feedback.publishing import LEAST
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

REST = ""
"""In place of an answer: those that too few gave, put together."""


def take_in(records: Records) -> int:
    """How many were new; what an event said is taken out of it. Raises ``StorageUnavailable``."""
    return count(records, RESPONDENT, _take, "feedback")


def _take(session: Session, event: EventRow) -> int:
    said = parse_respondent(event.body)
    if session.get(RespondentRow, said.respondent) is not None:
        return 0
    came = quarter(datetime.fromtimestamp(event.received / 1000, UTC).astimezone(WIB).date().isoformat())
    name = said.quarter if said.quarter in {came, _before(came)} else came  # a kiosk's clock that is wrong moves nobody
    given = {k: getattr(said, k) for k in PROFILE}
    session.add(RespondentRow(respondent=said.respondent, village=event.village, quarter=name, **given))
    return 1


def profile(records: Records, year: int, village: str | None, running: str) -> dict[str, dict[str, int]]:
    """How many gave which answer to each question, of the year's quarters before ``running``.

    Sums of what may be told of each village's quarter, as the index is (``publishing``): neither subtracting villages from the whole nor
    last quarter's look at the year from this one's shows what was left out.
    """
    query = select(RespondentRow).where(RespondentRow.quarter.between(f"{year}-Q1", f"{year}-Q4"), RespondentRow.quarter < running)
    if village is not None:
        query = query.where(RespondentRow.village == village)
    cells: dict[tuple[str, str], dict[str, Counter[str]]] = {}
    with records.session() as session:
        for row in session.scalars(query.order_by(RespondentRow.village, RespondentRow.quarter)):
            cell = cells.setdefault((row.village, row.quarter), {question: Counter() for question in PROFILE})
            for question in PROFILE:
                if answer := getattr(row, question):
                    cell[question][answer] += 1
    return {question: _sum(question, [told(question, cell[question]) for cell in cells.values()]) for question in PROFILE}


def told(question: str, counts: Mapping[str, int], least: int = LEAST) -> dict[str, int]:
    """Answers that at least ``least`` gave, in the form's order; the others as one, where they are as many together."""
    shown = {answer: counts[answer] for answer in PROFILE[question] if counts.get(answer, 0) >= least}
    rest = sum(_few(counts.values(), least))
    return shown | ({REST: rest} if rest >= least else {})


def _sum(question: str, cells: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total = Counter[str]()
    for cell in cells:
        total.update(cell)
    return {answer: total[answer] for answer in (*PROFILE[question], REST) if total[answer]}


def _few(counts: Iterable[int], least: int) -> list[int]:
    return [n for n in counts if n < least]


def _before(name: str) -> str:
    year, q = int(name[:4]), int(name[-1])
    return f"{year - 1}-Q4" if q == 1 else f"{year}-Q{q - 1}"
