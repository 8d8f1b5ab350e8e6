"""The book of later judgements. What is written here changes no row of the telemetry store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from kampung_contract.quality import RANK
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.asked import Asked
from kampung_cloud.records.judgement_models import JudgementRow

_ROW = JudgementRow.__table__.c
_WITHIN = Asked(
    select(_ROW.series, _ROW.t, _ROW.v, _ROW.flag, _ROW.test, _ROW.by, _ROW.at)
    .where(_ROW.series == bindparam("series"), _ROW.t >= bindparam("start"), _ROW.t < bindparam("stop"))
    .order_by(_ROW.t, _ROW.v, _ROW.test)
)

FOREVER = 2**62


class Judgement(NamedTuple):
    """A test's ``flag`` for the reading ``v`` of ``series`` at ``t`` (ms UTC), judged ``at`` by a kiosk or the regency."""

    series: str
    t: int
    v: float
    flag: int
    test: str
    by: Literal["kiosk", "regency"]
    at: int


def within(records: Records, series: str, start: int, stop: int) -> list[Judgement]:
    """Of readings with ``start`` <= t < ``stop``, in order of time. Raises ``StorageUnavailable``."""
    return [Judgement(*row) for row in _WITHIN.of(records, series=series, start=start, stop=stop)]


def keep(session: Session, judgements: Iterable[Judgement]) -> None:
    """Write them down; one that is there already stays, unless the new one is worse."""
    for judged in judgements:
        known = session.get(JudgementRow, (judged.series, judged.t, judged.v, judged.test))
        if known is None:
            session.add(JudgementRow(**judged._asdict()))
            session.flush()
        elif RANK[judged.flag] > RANK[known.flag]:
            known.flag, known.at = judged.flag, judged.at


def withdraw(session: Session, judgements: Iterable[Judgement]) -> None:
    """Strike out what does not hold any more."""
    for gone in judgements:
        row = (_ROW.series == gone.series, _ROW.t == gone.t, _ROW.v == gone.v, _ROW.test == gone.test)
        session.execute(delete(JudgementRow).where(*row))
