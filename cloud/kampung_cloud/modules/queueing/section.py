"""The queue in the monthly report: how many came, how long they waited, how many did not come when called."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kampung_contract.villages import village as find_village

from kampung_cloud.local_day import day_of
from kampung_cloud.modules.queueing.figures import summary
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Cell, Column, Part, Scope, Section, Table

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

MOST_ROWS = 30
COLUMNS = (
    Column("Desa"),
    Column("Nomor diambil", "", 0),
    Column("Dilayani", "", 0),
    Column("Tidak hadir", "", 0),
    Column("Menunggu p50", "menit", 1),
    Column("Menunggu p90", "menit", 1),
    Column("Dilayani p50", "menit", 1),
)


def _make(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    from kampung_cloud.modules.queueing.reading import tickets

    first, last = day_of(month.start), min(date(month.next.year, month.next.month, 1) - timedelta(days=1), day_of(now))
    found = tickets(services.records, scope.codes, first, last)
    if not found:
        return None
    everybody = [t for mine in found.values() for t in mine]
    whole = summary(everybody)
    taken, served, absent = (_n(whole[key]) for key in ("taken", "served", "absent"))
    said = f"{taken} nomor antrian diambil di kios; {served} dilayani, {absent} tidak hadir saat dipanggil."
    if whole["wait"]["n"]:
        half, most = _m(whole["wait"]["p50"]), _m(whole["wait"]["p90"])
        said += f" Separuh warga menunggu paling lama {half} menit, sembilan dari sepuluh {most} menit."
    simulated = sum(t.simulated for t in everybody)
    note = (f"{_n(simulated)} nomor di antaranya SIMULASI: bukan warga sungguhan.",) if simulated else ()
    rows = [
        _row(find_village(code).name, summary(mine)) for code, mine in sorted(found.items(), key=lambda each: -len(each[1]))[:MOST_ROWS]
    ]
    tables = (Table("Antrian menurut desa, yang terbanyak lebih dulu", COLUMNS, tuple(rows)),) if scope.level != "village" else ()
    return Part(
        paragraphs=(said, *note),
        n=f"{_n(whole['wait']['n'])} nomor dengan waktu tunggu; {_n(whole['doubtful'])} tanpa, karena jam kios belum benar",
        sources=("Nomor yang diambil di kios dan dipanggil di loket, dikirim kios tanpa nama (docs/queue.md)",),
        tables=tables,
    )


def _row(name: str, found: dict[str, Any]) -> tuple[Cell, ...]:
    wait, service = found["wait"], found["service"]
    return (name, found["taken"], found["served"], found["absent"], wait["p50"], wait["p90"], service["p50"])


def _n(n: int) -> str:
    return f"{n:,}".replace(",", ".")


def _m(minutes: float) -> str:
    return f"{minutes:.1f}".replace(".", ",")


SECTION = Section("queue", "Antrian layanan", _make, 74)
