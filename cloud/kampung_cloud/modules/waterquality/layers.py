"""Water on the regency's map: the newest laboratory sample, and what probes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_contract.villages import Village

from kampung_cloud.modules.waterquality import index, probe
from kampung_cloud.regency.layer import Class, Layer, Value, worst

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

YEAR_MS, HALF_YEAR_MS, HOUR_MS = 365 * 86_400_000, 183 * 86_400_000, 3_600_000


def _samples(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    from kampung_cloud.modules.waterquality.samples import Samples

    wanted, out = {v.code for v in villages}, {}
    newest: dict[str, dict[str, tuple[int, float]]] = {}
    for kept in Samples(services.records).listed(start=at - YEAR_MS, stop=at + 1):
        places = newest.setdefault(kept.sample.village, {})
        places.setdefault(kept.sample.place.casefold(), (kept.sample.taken, kept.sample.index.value))
    for code, places in newest.items():
        if code in wanted:
            taken, value = max(places.values(), key=lambda each: each[1])
            out[code] = Value(round(value, 2), index.status_of(value), len(places), at - taken)
    return out


def _probes(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    from kampung_cloud.modules.waterquality.probes import probes

    out: dict[str, Value] = {}
    for device in probes(services, at, {v.code for v in villages}):
        found = device.index
        if device.village not in out or found.value > (out[device.village].value or 0):
            out[device.village] = Value(round(found.value, 2), found.status, device.n, at - device.newest)
    return out


LABORATORY = Layer(
    key="water",
    title="Air sungai (laboratorium)",
    about="Indeks Pencemaran contoh terbaru tiap tempat dalam setahun; desa menurut tempat yang terburuk.",
    unit="",
    decimals=1,
    legend=(
        Class("good", "Memenuhi baku mutu", "#0b5d3b", "disc"),
        Class("light", "Cemar ringan", "#8a5a00", "triangle"),
        Class("moderate", "Cemar sedang", "#9a3412", "diamond"),
        Class("heavy", "Cemar berat", "#b3261e", "square"),
    ),
    source=index.SOURCE,
    values=_samples,
    together=worst,
    stale=HALF_YEAR_MS,
)

PROBES = Layer(
    key="water-sensor",
    title="Air sungai (indeks sensor)",
    about="Kata alat di air dalam 24 jam terakhir; bukan Indeks Pencemaran, yang perlu laboratorium.",
    unit="",
    decimals=1,
    legend=(
        Class("usual", "Wajar", "#11568a", "disc"),
        Class("look", "Perlu dilihat", "#8a5a00", "triangle"),
        Class("off", "Menyimpang", "#9a3412", "diamond"),
    ),
    source=probe.SOURCE,
    values=_probes,
    together=worst,
    stale=6 * HOUR_MS,
)
