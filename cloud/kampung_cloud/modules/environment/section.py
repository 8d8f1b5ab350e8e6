"""The air of a month for the report: how many days of each category, and fine dust by day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kampung_cloud.modules.environment.hours import DAY, last_hour
from kampung_cloud.modules.environment.ispu import table
from kampung_cloud.modules.environment.looking import Looking
from kampung_cloud.modules.environment.site import SiteAir
from kampung_cloud.modules.environment.stations import Station
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Chart, Column, Line, Mark, Part, Scope, Section, Table, villages_with

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

MOST_LINES = 6
"""More stations than these are not told apart in one chart; the worst are drawn."""
DAY_LIMIT = 55.0
"""µg/m³ of PM2.5 in 24 hours, PP 22/2021, Lampiran VII."""


def _make(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    looking = Looking(services)
    stop = min(month.stop, last_hour(now))
    days = (stop - month.start) // DAY
    if days < 1:
        return None
    found = {s: looking.by_day(s, stop, days) for s in looking.stations() if s.village in scope.codes and s.pollutants}
    told = {s: rows for s, rows in found.items() if any(air.parameters and _some(air) for _, air in rows)}
    if not told:
        return None
    count = sum(1 for rows in told.values() for _, air in rows if air.ispu is not None)
    return Part(
        paragraphs=_words(told, days),
        n=f"{count} hari lengkap dari {len(told)} alat di {villages_with(scope, [s.village for s in told])}",
        sources=(
            f"ISPU: {table().source}",
            "Hari dengan kurang dari 18 jam tidak diberi angka",
            "Batas PM2,5 harian 55 µg/m³: PP 22/2021, Lampiran VII",
        ),
        tables=(_days(told),),
        charts=_charts(told),
    )


def _some(air: SiteAir) -> bool:
    return any(p.hours for p in air.parameters)


def _words(told: dict[Station, list[tuple[int, SiteAir]]], days: int) -> tuple[str, ...]:
    bad = [(s, n) for s, rows in told.items() if (n := sum(1 for _, air in rows if air.ispu and air.ispu.band.low > 100))]
    if not bad:
        return (f"Selama {days} hari tidak ada hari yang Tidak Sehat pada alat yang datanya lengkap.",)
    named = "; ".join(f"{s.title} {n} hari" for s, n in sorted(bad, key=lambda each: -each[1])[:5])
    return (f"Hari Tidak Sehat atau lebih buruk: {named}.",)


def _days(told: dict[Station, list[tuple[int, SiteAir]]]) -> Table:
    names = [band.name for band in table().band]
    days_of = [Column(name, "hari", 0) for name in (*names, "Tidak lengkap")]
    columns = (Column("Alat"), *days_of, Column("PM2,5 rata-rata", "µg/m³", 1))
    rows = []
    for station, days in told.items():
        counted = Counter(air.ispu.band.name for _, air in days if air.ispu)
        dust = _dust(days)
        mean = sum(dust) / len(dust) if dust else None
        rows.append((station.title, *(counted[n] for n in names), sum(1 for _, air in days if air.ispu is None), mean))
    return Table("Hari menurut kategori ISPU", columns, tuple(rows))


def _dust(days: list[tuple[int, SiteAir]]) -> list[float]:
    return [p.mean for _, air in days for p in air.parameters if p.pollutant == "pm25" and p.mean is not None]


def _charts(told: dict[Station, list[tuple[int, SiteAir]]]) -> tuple[Chart, ...]:
    dusty = sorted((s for s in told if _dust(told[s])), key=lambda s: -max(_dust(told[s])))[:MOST_LINES]
    if not dusty:
        return ()
    at = tuple(t for t, _ in told[dusty[0]])
    lines = tuple(
        Line(s.title, tuple(next((p.mean for p in air.parameters if p.pollutant == "pm25"), None) for _, air in told[s])) for s in dusty
    )
    return (Chart("PM2,5, rata-rata harian", "µg/m³", at, lines, "line", (Mark("batas harian", DAY_LIMIT),)),)


AIR = Section("air", "Udara", _make, 20)
