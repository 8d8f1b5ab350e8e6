"""Satisfaction in the monthly report: the newest quarter that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kampung_cloud.modules.feedback.publishing import LEAST, lowest, together, told
from kampung_cloud.modules.feedback.skm import ELEMENTS, SOURCE
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Column, Part, Scope, Section, Table

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services


def _make(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    from kampung_cloud.modules.feedback.kiosks import cells
    from kampung_cloud.modules.feedback.showing import running

    until = min(running(now), f"{month.next.year}-Q{(month.next.month + 2) // 3}")  # a quarter that ends with the month is in it
    shown = [c for c in told(cells(services.records, month.year, before=1), until) if c.village in scope.codes]
    if not shown:
        return None
    last = max(c.quarter for c in shown)
    whole = together(c for c in shown if c.quarter == last)
    assert whole is not None  # it is one of them
    found = whole.result
    rows = tuple((name, round(float(mean), 2)) for name, mean in zip(ELEMENTS, found.means, strict=True))
    index = f"{found.index}".replace(".", ",")
    said = f"Triwulan {last[-1]} tahun {last[:4]}: indeks kepuasan masyarakat {index}, mutu {found.grade} ({found.words.lower()})."
    return Part(
        paragraphs=(f"{said} Unsur terendah: {lowest(whole)}.",),
        n=f"{whole.n} responden",
        sources=(f"Survei di kios setelah penyerahan; {SOURCE}", f"Yang kurang dari {LEAST} responden tidak ditampilkan: usulan platform"),
        tables=(Table("Nilai rata-rata tiap unsur", (Column("Unsur"), Column("Nilai (1–4)", "", 2)), rows),),
    )


SECTION = Section("satisfaction", "Kepuasan masyarakat", _make, 75)
