"""Water and rain in the monthly report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kampung_contract.errors import NotFound
from kampung_contract.rules import word
from kampung_contract.villages import village

from kampung_cloud.gauges.pace import ordinal
from kampung_cloud.modules.rivers.rain import CLOSES_H, DAY_MS, HOUR_MS, SOURCE, summed
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Chart, Column, Line, Mark, Part, Scope, Section, Table

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services
    from kampung_cloud.gauges.gauge import Gauge

MOST_LINES = 4


def _make(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    from kampung_cloud.modules.rivers.fallen import gauges, in_village

    stop = min(month.stop, now)
    first = month.start + CLOSES_H * HOUR_MS - DAY_MS  # the day of rain that closes on the month's first morning
    levels = {g: high for g in services.config.gauge if g.village in scope.codes and (high := _highest(services, g, month, stop))}
    rains = {}
    for code, series in gauges(services.store, scope.codes).items():
        found = in_village(services.store, series, first, stop)
        if found.hours:
            rains[code] = found
    if not levels and not rains:
        return None
    rows = []
    for gauge, days in levels.items():
        top = max(v for v in days.values())
        grade = ordinal(top, gauge.marks)
        above = sum(v >= gauge.marks[0] for v in days.values())
        rows.append((village(gauge.village).name, gauge.river, gauge.place, top, word(grade, "siaga"), above, len(days)))
    columns = (
        Column("Desa"), Column("Sungai"), Column("Tempat"), Column("Tertinggi", "m", 2), Column("Siaga tertinggi"),
        Column("Hari Siaga 3 ke atas", "hari", 0), Column("Hari terukur", "hari", 0),
    )  # fmt: skip
    wet = []
    for code, found in sorted(rains.items()):
        by_day = [found.total(t, t + DAY_MS) for t in range(first, stop, DAY_MS)]
        most = round(max(by_day), 1)
        wet.append(
            (
                village(code).name,
                round(sum(found.hours.values()), 1),
                sum(mm >= 0.5 for mm in by_day),
                most,
                summed(most).word,
            )
        )
    rain_columns = (
        Column("Desa"),
        Column("Jumlah", "mm", 1),
        Column("Hari hujan", "hari", 0),
        Column("Hari terbasah", "mm", 1),
        Column("Kategori"),
    )
    tables = [Table("Tinggi air", columns, tuple(rows))] if rows else []
    if wet:
        tables.append(Table("Hujan", rain_columns, tuple(wet)))
    worst = max((ordinal(max(d.values()), g.marks) for g, d in levels.items()), default=0)
    said = f"Siaga tertinggi bulan ini: {word(worst, 'siaga')}." if levels else "Tidak ada alat duga air yang mengirim data."
    return Part(
        paragraphs=(said, "Hari hujan ditutup pukul 07.00 WIB; dari beberapa penakar di satu desa dipakai yang terbasah."),
        n=f"{len(levels)} alat duga air dan penakar hujan di {len(rains)} desa",
        sources=(SOURCE, "Batas siaga tiap tempat: lihat halaman sungai; yang bertanda usulan belum diputuskan desa"),
        tables=tuple(tables),
        charts=_charts(levels, month),
    )


def _highest(services: Services, gauge: Gauge, month: Month, stop: int) -> dict[int, float]:
    """The highest level of each day that has one, on the present zero, by the day's beginning."""
    try:
        found = services.store.window(gauge.series, max(month.start, gauge.begins), stop, DAY_MS, aggregates=("max",))
    except NotFound:
        return {}
    return dict(zip(found.t, found.aggregates["max"], strict=True))


def _charts(levels: dict[Gauge, dict[int, float]], month: Month) -> tuple[Chart, ...]:
    if not levels:
        return ()
    chosen = sorted(levels, key=lambda g: -max(levels[g].values()) / g.marks[2])[:MOST_LINES]
    lines = tuple(Line(f"{g.river}, {g.place or village(g.village).name}", tuple(levels[g].get(day) for day in month.days)) for g in chosen)
    marks = tuple(Mark(word(n, "siaga"), m) for n, m in enumerate(chosen[0].marks, 1)) if len(chosen) == 1 else ()
    return (Chart("Air tertinggi tiap hari", "m", month.days, lines, "line", marks),)


SECTION = Section("rivers", "Sungai dan hujan", _make, 20)
