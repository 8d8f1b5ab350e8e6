"""What the report says without any domain: how much was measured, and which alarms there were."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median
from typing import TYPE_CHECKING

from kampung_contract.rules import word
from kampung_contract.villages import village
from sqlalchemy import select

from kampung_cloud.records.models import AlarmRow
from kampung_cloud.regency.kecamatan import code_of, grouped
from kampung_cloud.regency.month import DAY_MS, Month, date
from kampung_cloud.regency.report.figures import figure
from kampung_cloud.regency.section import Cell, Chart, Column, Line, Part, Scope, Section, Table, villages_with

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

HOUR_MS = 3_600_000
MOST_ROWS = 40
ABOUT = {
    "flood": "Banjir", "landslide": "Longsor", "air": "Udara", "heat": "Panas", "water": "Air", "weather": "Cuaca", "volcano": "Gunung api",
    "farm": "Pertanian", "other": "Lain-lain",
}  # fmt: skip


def _data(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    """Readings by day and village, by event time."""
    homes = {latest.key.node: latest.key.village for latest in services.store.latest() if latest.key.village in scope.codes}
    series = Counter(latest.key.village for latest in services.store.latest() if latest.key.village in scope.codes)
    by_day: list[int | None] = []
    by_village = Counter[str]()
    for day in month.days:
        if day > now:
            by_day.append(None)
            continue
        found = {node: n for node, n in services.store.counts(day, day + DAY_MS).items() if node in homes}
        by_day.append(sum(found.values()))
        for node, n in found.items():
            by_village[homes[node]] += n
    total = sum(by_village.values())
    if not total:
        return None
    silent = sum(1 for n in by_day if n == 0)
    paragraphs = [f"{figure(total)} pembacaan dari {villages_with(scope, list(by_village))}."]
    if silent:
        paragraphs.append(f"Pada {silent} hari tidak ada satu pun pembacaan.")
    unit = "pembacaan"
    values = tuple(None if n is None else float(n) for n in by_day)
    return Part(
        tuple(paragraphs), f"{figure(total)} pembacaan, {figure(sum(series[v] for v in by_village))} deret",
        ("Pembacaan yang tersimpan, menurut waktu pengukurannya",), (_by_place(scope, by_village, series),),
        (Chart("Pembacaan tiap hari", unit, month.days, (Line("Pembacaan", values),), "bar"),),
    )  # fmt: skip


def _by_place(scope: Scope, readings: Counter[str], series: Counter[str]) -> Table:
    if scope.level != "regency":
        columns = (Column("Desa"), Column("Pembacaan", "", 0), Column("Deret", "", 0))
        rows = tuple((v.name, readings[v.code] or None, series[v.code] or None) for v in scope.villages)
        return Table("Menurut desa", columns, rows)
    by_kecamatan = (Column("Kecamatan"), Column("Pembacaan", "", 0), Column("Desa dengan data", "", 0), Column("Desa", "", 0))
    kecamatan = [
        (members[0].kecamatan, sum(readings[v.code] for v in members) or None, sum(v.code in readings for v in members), len(members))
        for members in grouped(scope.villages).values()
    ]
    return Table("Menurut kecamatan", by_kecamatan, tuple(kecamatan))


def _alarms(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    """Announced alarms that began in the month."""
    query = (
        select(AlarmRow)
        .where(AlarmRow.since >= month.start, AlarmRow.since < month.stop, AlarmRow.announced.is_(True), AlarmRow.withdrawn.is_(False))
        .where(AlarmRow.about != "device")
        .order_by(AlarmRow.severity.desc(), AlarmRow.since)
    )
    with services.records.session() as session:
        rows = [row for row in session.scalars(query) if row.village in scope.codes]
    if not rows:
        return None
    kinds: defaultdict[str, list[AlarmRow]] = defaultdict(list)
    for row in rows:
        kinds[row.about].append(row)
    hours = {about: [((r.until or now) - r.since) / HOUR_MS for r in found] for about, found in kinds.items()}
    per_kind: tuple[tuple[Cell, ...], ...] = tuple(
        (ABOUT.get(about, about), len(found), *(sum(r.severity == s for r in found) for s in (1, 2, 3)), median(hours[about]))
        for about, found in sorted(kinds.items(), key=lambda each: -len(each[1]))
    )
    columns = (Column("Jenis"), Column("Peringatan", "", 0), *(Column(word(s, "waspada"), "", 0) for s in (1, 2, 3)))
    tables = [Table("Menurut jenis", (*columns, Column("Lama, tengah", "jam", 1)), per_kind), _list(scope, rows, now)]
    per_day = Counter((r.since - month.start) // DAY_MS for r in rows)
    values = tuple(float(per_day[n]) if day <= now else None for n, day in enumerate(month.days))
    still = sum(r.until is None for r in rows)
    said = f"{len(rows)} peringatan di {villages_with(scope, [r.village for r in rows])}"
    return Part(
        (f"{said}; {still} masih berlaku saat laporan ini dibuat." if still else f"{said}.",),
        f"{len(rows)} peringatan",
        ("Aturan peringatan desa, masing-masing dengan sumbernya (GET /api/v1/rules)",),
        tuple(tables),
        (Chart("Peringatan yang mulai tiap hari", "peringatan", month.days, (Line("Peringatan", values),), "bar"),),
    )


def _list(scope: Scope, rows: list[AlarmRow], now: int) -> Table:
    if scope.level == "regency":
        count = Counter(code_of(r.village) for r in rows)
        worst = {code: max(r.severity for r in rows if code_of(r.village) == code) for code in count}
        by_kecamatan = (Column("Kecamatan"), Column("Peringatan", "", 0), Column("Tertinggi"))
        names = {code: members[0].kecamatan for code, members in grouped(scope.villages).items()}
        found = tuple((names[code], n, word(worst[code], "waspada")) for code, n in count.most_common())
        return Table("Menurut kecamatan", by_kecamatan, found)
    columns = (Column("Mulai"), Column("Desa"), Column("Tingkat"), Column("Peringatan"), Column("Lama", "jam", 1))
    listed = [
        (
            date(r.since),
            village(r.village).name,
            word(r.severity, r.scale),
            r.title.get("id", r.rule),
            ((r.until or now) - r.since) / HOUR_MS,
        )
        for r in rows[:MOST_ROWS]
    ]
    title = "Peringatan" if len(rows) <= MOST_ROWS else f"{MOST_ROWS} peringatan tertinggi dari {len(rows)}"
    return Table(title, columns, tuple(listed))


CORE = (Section("data", "Data yang masuk", _data, 10), Section("alarms", "Peringatan", _alarms, 20))
