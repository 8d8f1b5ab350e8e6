"""Citizens' reports in the monthly report: figures alone, no text, no place, no photo."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, cast

from kampung_cloud.modules.reports.kinds import kinds
from kampung_cloud.modules.reports.status import OPEN, STATUSES, WORDS, Status, level
from kampung_cloud.regency.month import DAY_MS, Month
from kampung_cloud.regency.section import Chart, Column, Line, Part, Scope, Section, Table

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services


def _make(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    from kampung_cloud.modules.reports.book import Book

    codes = [v.code for v in scope.villages]
    book = Book(services.records, services.config.data)
    rows = [r for r in book.listed(codes, None, month.start, month.stop, most=None) if r.village in scope.codes]
    if not rows:
        return None
    table = []
    for key, clock in kinds().items():
        mine = [r for r in rows if r.kind == key]
        if mine:
            states = Counter(r.status for r in mine)
            took = [(r.since - r.at) / DAY_MS for r in mine if r.status == "done"]
            late = sum(level(cast(Status, r.status), r.at, clock, now) == 2 for r in mine)
            table.append((clock.title, len(mine), *(states[s] for s in STATUSES), late, median(took) if took else None))
    per_day = Counter((r.at - month.start) // DAY_MS for r in rows)
    until = min(now, month.stop)
    values = tuple(float(per_day[n]) if day < until else None for n, day in enumerate(month.days))
    still = sum(r.status in OPEN for r in rows)
    paragraphs = [f"{len(rows)} laporan masuk dari {len({r.village for r in rows})} desa; {still} di antaranya belum selesai."]
    numbers = tuple(Column(WORDS[s], "", 0) for s in STATUSES)
    columns = (
        Column("Jenis"),
        Column("Masuk", "", 0),
        *numbers,
        Column("Lewat waktu", "", 0),
        Column("Waktu tengah sampai selesai", "hari", 1),
    )
    return Part(
        paragraphs=tuple(paragraphs),
        n=f"{len(rows)} laporan",
        sources=("Laporan warga dari kios dan telepon, Smart Kampung", f"Batas waktu: {next(iter(kinds().values())).source}"),
        tables=(Table("Laporan menurut jenis", columns, tuple(table)),),
        charts=(Chart("Laporan masuk tiap hari", "laporan", month.days, (Line("Laporan", values),), "bar"),),
    )


SECTION = Section("reports", "Laporan warga", _make, 70)
