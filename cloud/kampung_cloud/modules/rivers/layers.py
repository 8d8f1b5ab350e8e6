"""Water on the regency's map: rivers by the highest level of their gauges, and the rain of the last 24 hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_contract.errors import NotFound
from kampung_contract.villages import Village

from kampung_cloud.gauges.gauge import PROPOSAL
from kampung_cloud.modules.rivers import rain
from kampung_cloud.regency.layer import Class, Layer, Shape, Value, worst

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

BACK_MS = 6 * rain.HOUR_MS
GRADES = ("normal", "siaga-3", "siaga-2", "siaga-1")


def _rivers(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    from kampung_cloud.gauges.pace import ordinal
    from kampung_cloud.modules.rivers.looking import Looking

    looking, wanted, out = Looking(services.store, services.config.gauge), {v.code for v in villages}, dict[str, Value]()
    for gauge in services.config.gauge:
        if gauge.village not in wanted:
            continue
        points = looking.points(gauge.series, at - BACK_MS, at + 1, gauge.begins)
        if not points:
            continue
        newest, grade = points[-1], ordinal(points[-1].value, gauge.marks)
        before = out.get(gauge.village)
        if before is None or grade > GRADES.index(before.kind):
            out[gauge.village] = Value(round(newest.value, 2), GRADES[grade], 1, at - newest.t)
    return out


def _rain(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    from kampung_cloud.modules.rivers.fallen import gauges, in_village

    out: dict[str, Value] = {}
    for code, series in gauges(services.store, [v.code for v in villages]).items():
        try:
            found = in_village(services.store, series, at - rain.DAY_MS, at + 1)
        except NotFound:
            continue
        if found.hours:
            mm = round(min(sum(found.hours.values()), rain.MOST_DAY), 1)
            newest = max(t for t in found.hours) + rain.HOUR_MS
            out[code] = Value(mm, rain.summed(mm).key, len(found.hours), max(0, at - newest))
    return out


RIVER = Layer(
    key="river",
    title="Tinggi air sungai",
    about="Siaga tertinggi di antara alat duga tiap desa; garis batas tiap tempat berbeda.",
    unit="m",
    decimals=2,
    legend=(
        Class("normal", "Normal (Siaga 4)", "#11568a", "disc"),
        Class("siaga-3", "Siaga 3", "#8a5a00", "triangle"),
        Class("siaga-2", "Siaga 2", "#9a3412", "diamond"),
        Class("siaga-1", "Siaga 1", "#b3261e", "square"),
    ),
    source=f"Batas tiap tempat, atau {PROPOSAL[0].lower()}{PROPOSAL[1:]}",
    values=_rivers,
    together=worst,
    stale=rain.HOUR_MS,
)
_COLOURS = ("#c9c4b5", "#a9c3d6", "#6f9fc2", "#3a79a8", "#11568a", "#5b2a86", "#b3261e")
_SHAPES: tuple[Shape, ...] = ("ring", "disc", "disc", "bar", "triangle", "diamond", "square")
RAIN = Layer(
    key="rain",
    title="Hujan 24 jam",
    about="Jumlah hujan 24 jam sampai waktu yang dipilih, menurut penakar terbasah tiap desa, dalam kategori BMKG.",
    unit="mm",
    decimals=1,
    legend=tuple(Class(c.key, c.word, colour, shape) for c, colour, shape in zip(rain.DAY, _COLOURS, _SHAPES, strict=True)),
    source=rain.SOURCE,
    values=_rain,
    together=worst,
    stale=3 * rain.HOUR_MS,
)
