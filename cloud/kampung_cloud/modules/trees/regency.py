"""Trees on the regency's map and in its monthly report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_contract.villages import Village

from kampung_cloud.regency.layer import Class, Layer, Value, summed
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Column, Part, Scope, Section, Table, villages_with

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

SOURCE = "register pohon Sedekah Oksigen; aturan 'sudah tumbuh' proyek ini (docs/trees.md)"
SHARES = ((80.0, "good"), (60.0, "fair"), (0.0, "poor"))
"""RHL's aim is 90 % in the year of planting (P.23/2021, not re-read); classes of this project."""


def planted_class(count: float) -> str:
    """By how many stand or stood there."""
    return next(key for least, key in ((500, "many"), (100, "more"), (10, "some"), (0, "few")) if count >= least)


def _planted(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    from kampung_cloud.modules.trees.standing import known_at

    found = known_at(services.records, at, (v.code for v in villages))
    return {code: Value(float(sum(c.values())), planted_class(sum(c.values())), sum(c.values()), None) for code, c in found.items()}


def _alive(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    from kampung_cloud.modules.trees.standing import known_at

    out: dict[str, Value] = {}
    for code, counts in known_at(services.records, at, (v.code for v in villages)).items():
        planted = sum(counts.values())
        seen = planted - counts["ditanam"]
        if not seen:
            out[code] = Value(None, "unseen", planted, None)
            continue
        share = 100 * (counts["hidup"] + counts["tumbuh"]) / seen
        out[code] = Value(round(share, 1), next(key for least, key in SHARES if share >= least), seen, None)
    return out


def _together(layer: Layer, values: Sequence[Value]) -> Value:
    """The share over all seen trees."""
    seen = [v for v in values if v.value is not None]
    if not seen:
        return Value(None, "unseen", sum(v.n for v in values), None)
    share = sum((v.value or 0.0) * v.n for v in seen) / sum(v.n for v in seen)
    return Value(round(share, 1), next(key for least, key in SHARES if share >= least), sum(v.n for v in seen), None)


PLANTED = Layer(
    key="trees",
    title="Pohon ditanam",
    about="Pohon Sedekah Oksigen yang terdaftar sampai saat itu, hidup atau tidak.",
    unit="pohon",
    decimals=0,
    legend=(
        Class("few", "Kurang dari 10", "#8a5a00", "disc"),
        Class("some", "10 sampai 99", "#4b7a3b", "triangle"),
        Class("more", "100 sampai 499", "#0b5d3b", "diamond"),
        Class("many", "500 atau lebih", "#063d27", "square"),
    ),
    source=SOURCE,
    values=_planted,
    together=summed(planted_class),
)

ALIVE = Layer(
    key="trees-alive",
    title="Pohon hidup",
    about="Bagian yang hidup dari pohon yang sudah dilihat petugas; yang belum dilihat tidak dihitung hidup.",
    unit="%",
    decimals=0,
    legend=(
        Class("good", "80 % atau lebih", "#0b5d3b", "disc"),
        Class("unseen", "Belum ada yang dilihat", "#4b5750", "ring"),
        Class("fair", "60 sampai 79 %", "#8a5a00", "triangle"),
        Class("poor", "Kurang dari 60 %", "#9a3412", "diamond"),
    ),
    source=SOURCE,
    values=_alive,
    together=_together,
)


def _make(services: Services, scope: Scope, month: Month, now: int) -> Part | None:
    from kampung_cloud.modules.trees.standing import known_at

    end, begin = known_at(services.records, min(month.stop, now), scope.codes), known_at(services.records, month.start, scope.codes)
    if not end:
        return None
    rows, seen = [], 0
    names = {v.code: v.name for v in scope.villages}
    for code, counts in sorted(end.items(), key=lambda item: -sum(item[1].values())):
        planted, before = sum(counts.values()), sum(begin.get(code, {}).values())
        looked = planted - counts["ditanam"]
        seen += looked
        share = 100 * (counts["hidup"] + counts["tumbuh"]) / looked if looked else None
        rows.append((names[code], planted, planted - before, counts["hidup"], counts["tumbuh"], counts["mati"] + counts["diganti"], share))
    columns = (
        Column("Desa"), Column("Terdaftar", "pohon", 0), Column("Baru bulan ini", "pohon", 0), Column("Hidup", "pohon", 0),
        Column("Tumbuh", "pohon", 0), Column("Mati atau diganti", "pohon", 0), Column("Hidup dari yang dilihat", "%", 0),
    )  # fmt: skip
    total = sum(int(r[1]) for r in rows)
    words = (
        f"{total} pohon terdaftar sampai akhir bulan, {seen} di antaranya sudah dilihat petugas. "
        "Pohon disebut tumbuh kalau dua kunjungan yang berjarak 180 hari menunjukkan pertumbuhan di luar kesalahan ukur.",
    )
    n = f"{total} pohon, {villages_with(scope, list(end))}"
    return Part(words, n, (SOURCE,), (Table("Pohon menurut desa", columns, tuple(rows[:60])),))


SECTION = Section("trees", "Sedekah Oksigen", _make, 60)
