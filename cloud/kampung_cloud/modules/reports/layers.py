"""Open reports on the regency's map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_contract.villages import Village
from sqlalchemy import select

from kampung_cloud.regency.layer import Class, Layer, Value, summed

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

CLOSED_WORDS = ("done", "rejected", "merged")


def judge(count: float) -> str:
    """By how many are open."""
    return "none" if count < 1 else "few" if count <= 3 else "some" if count <= 9 else "many"


def _open(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    """As they stood at ``at``, by the trail; a village from which none ever came has no data."""
    from kampung_cloud.modules.reports.models import CitizenReportRow as Row
    from kampung_cloud.modules.reports.models import CitizenStepRow as Step

    wanted = {v.code for v in villages}
    with services.records.session() as session:
        reports = session.execute(select(Row.id, Row.village).where(Row.received <= at)).all()
        steps = session.execute(select(Step.report, Step.status).where(Step.at <= at, Step.status.is_not(None)).order_by(Step.at, Step.id))
        stood = {row.report: row.status for row in steps}
    count = Counter[str]()
    for number, village in reports:
        if village in wanted:
            count[village] += stood.get(number, "received") not in CLOSED_WORDS
    return {code: Value(n, judge(n), n, None) for code, n in count.items()}


OPEN_REPORTS = Layer(
    key="reports",
    title="Laporan warga",
    about="Laporan warga yang belum selesai.",
    unit="laporan",
    decimals=0,
    legend=(
        Class("none", "Tidak ada yang terbuka", "#0b5d3b", "disc"),
        Class("few", "1–3 terbuka", "#11568a", "ring"),
        Class("some", "4–9 terbuka", "#8a5a00", "triangle"),
        Class("many", "10 atau lebih", "#9a3412", "square"),
    ),
    source="Laporan warga yang tercatat; batas kelas ditetapkan Smart Kampung",
    values=_open,
    together=summed(judge),
)
