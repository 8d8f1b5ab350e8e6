"""Water in the monthly report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kampung_contract.villages import village

from kampung_cloud.modules.waterquality import probe
from kampung_cloud.modules.waterquality.index import SOURCE, WORDS
from kampung_cloud.modules.waterquality.parameters import parameters
from kampung_cloud.modules.waterquality.sites import site_of
from kampung_cloud.regency.month import Month, date
from kampung_cloud.regency.section import Chart, Column, Line, Mark, Part, Scope, Section, Table

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services
    from kampung_cloud.modules.waterquality.samples import Kept

MOST_ROWS = 60


def _make(services: Services, scope: Scope, month: Month, _now: int) -> Part | None:
    from kampung_cloud.modules.waterquality.samples import Samples

    codes = [v.code for v in scope.villages]
    kept = [k for k in Samples(services.records).listed(codes, month.start, month.stop) if k.sample.village in scope.codes]
    if not kept:
        return None
    rows, statuses, notes = [], Counter[str](), {}
    for each in reversed(kept):
        sample, index = each.sample, each.sample.index
        statuses[index.status] += 1
        site = site_of(sample.place)
        if site:
            notes[site.key] = f"{site.title}: {site.note}"
        worst = parameters()[index.worst].title
        cells = (date(sample.taken), village(sample.village).name, sample.place, sample.water, index.value, WORDS[index.status], worst)
        rows.append(cells)
    places = {(k.sample.village, k.sample.place) for k in kept}
    said = ", ".join(f"{n} {WORDS[key].lower()}" for key, n in sorted(statuses.items()))  # type: ignore[index]
    paragraphs = [f"Dari {len(kept)} contoh air: {said}.", *notes.values()]
    if len(rows) > MOST_ROWS:
        paragraphs.append(f"Tabel memuat {MOST_ROWS} contoh pertama dari {len(rows)}.")
    doubted = sum(bool(k.sample.doubts) for k in kept)
    if doubted:
        paragraphs.append(f"{doubted} contoh memuat nilai yang jarang ada di sungai dan perlu dilihat lagi bersama laboratoriumnya.")
    columns = (
        Column("Tanggal"), Column("Desa"), Column("Tempat"), Column("Kelas", "", 0), Column("Indeks", "IP", 1), Column("Mutu"),
        Column("Parameter terburuk"),
    )  # fmt: skip
    return Part(
        paragraphs=tuple(paragraphs),
        n=f"{len(kept)} contoh laboratorium dari {len(places)} tempat",
        sources=(SOURCE, f"Indeks sensor tidak termasuk di sini ({probe.SOURCE.partition('(')[0].strip()})"),
        tables=(Table("Contoh air sungai", columns, tuple(rows[:MOST_ROWS])),),
        charts=_charts(kept, month),
    )


def _charts(kept: Sequence[Kept], month: Month) -> tuple[Chart, ...]:
    """The month by day: the worst index of each day that has one."""
    by_day: dict[int, float] = {}
    for each in kept:
        day = (each.sample.taken - month.start) // 86_400_000
        by_day[day] = max(by_day.get(day, 0.0), each.sample.index.value)
    if len(by_day) < 2:
        return ()
    values = tuple(by_day.get(n) for n in range(len(month.days)))
    marks = (Mark("cemar ringan", 1), Mark("cemar sedang", 5), Mark("cemar berat", 10))
    return (Chart("Indeks Pencemaran terburuk tiap hari", "IP", month.days, (Line("Indeks Pencemaran", values),), "bar", marks),)


SECTION = Section("water-quality", "Mutu air sungai", _make, 30)
