"""The regency's map by ISPU: each village as its worst station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_contract.villages import Village

from kampung_cloud.modules.environment.hours import DAY, HOUR
from kampung_cloud.modules.environment.looking import Looking
from kampung_cloud.modules.environment.stations import Station
from kampung_cloud.regency.layer import Class, Layer, Value, worst

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

KINDS = {
    "Baik": "baik", "Sedang": "sedang", "Tidak Sehat": "tidak-sehat", "Sangat Tidak Sehat": "sangat-tidak-sehat", "Berbahaya": "berbahaya",
}  # fmt: skip


def _values(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    wanted = {v.code for v in villages}
    looking, hour = Looking(services), at // HOUR * HOUR
    out: dict[str, Value] = {}
    for station in looking.stations():
        if station.village in wanted and station.pollutants and (value := _value(looking, station, hour, at)) is not None:
            before = out.get(station.village)
            out[station.village] = value if before is None else worst(AIR, [before, value])
    return out


def _value(looking: Looking, station: Station, hour: int, at: int) -> Value | None:
    found = looking.hours(station, hour - DAY, hour)
    index = looking.air(station, hour, found).ispu
    if index is None:
        return None
    newest = max(max(values, default=0) for values in found.values()) + HOUR
    return Value(float(index.index), KINDS[index.band.name], sum(len(values) for values in found.values()), at - newest)


AIR = Layer(
    key="air",
    title="Udara (ISPU)",
    about="Indeks Standar Pencemar Udara dari 24 jam sebelumnya; desa dengan beberapa alat menurut yang terburuk.",
    unit="",
    decimals=0,
    legend=(
        Class("baik", "Baik", "#00cc00", "disc"),
        Class("sedang", "Sedang", "#0000cc", "ring"),
        Class("tidak-sehat", "Tidak Sehat", "#cccc00", "triangle"),
        Class("sangat-tidak-sehat", "Sangat Tidak Sehat", "#cc0000", "diamond"),
        Class("berbahaya", "Berbahaya", "#000000", "square"),
    ),
    source="Permen LHK P.14/2020; paling sedikit 18 dari 24 jam",
    values=_values,
    together=worst,
    stale=3 * HOUR,
)
