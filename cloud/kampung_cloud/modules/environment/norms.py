"""What the module judges by, gathered for ``GET /api/v1/modules``."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_contract.pm_correction import methods

from kampung_cloud import heat_index
from kampung_cloud.air_station import acute
from kampung_cloud.module import Norm
from kampung_cloud.modules.environment import gases, heat, noise, uv
from kampung_cloud.modules.environment.ispu import TITLES, table

UG = "µg/m³"


def norms() -> tuple[Norm, ...]:
    """A line for each table, and for each correction of dust sensors."""
    return (*_air(), *_corrections(), *_rest())


def _air() -> Iterator[Norm]:
    of = table()
    for pollutant, limits in of.limits.items():
        yield Norm(f"ispu.{pollutant}", f"ISPU, {TITLES[pollutant]}", {"nodes": of.nodes, "limits": limits}, UG, of.source, of.mark)
    bands = {b.name: {"from": b.low, "to": b.high, "colour": b.colour, "hex": b.hex} for b in of.band}
    yield Norm("ispu.colours", "Kategori dan warna ISPU", bands, "", of.colours_source, of.colours_mark)
    yield Norm("ispu.hours", "Jam yang harus ada dari 24", 18, "h", "praktik: 75 % jam", "K")
    factors = {gas: round(gases.micrograms_per_ppb(gas), 3) for gas in gases.MOLAR_MASS}
    yield Norm("gas.factor", "Dari ppb ke µg/m³", factors, "µg/m³ per ppb", gases.SOURCE, gases.MARK)
    limits_ppm = {level.name: level.ppm for level in acute.levels().level}
    yield Norm("so2.acute", "Batas SO2 seketika dekat kawah", limits_ppm, "ppm", acute.levels().source, acute.levels().mark)


def _corrections() -> Iterator[Norm]:
    for method in methods().values():
        fitted = {"models": method.models, "caution": method.caution["id"]}
        yield Norm(f"correction.{method.id}", method.display["id"], fitted, "", method.source, "V")
        apart = {"ug/m3": method.apart, "share": method.apart_share}
        yield Norm(f"pair.{method.id}", "Dua sensor debu tidak sepakat", apart, "ug/m3, 1", method.apart_source, "K")


def _rest() -> Iterator[Norm]:
    yield Norm("heat.index", "Suhu terasa", {name: low for low, name in heat_index.CLASSES}, "°C", heat_index.SOURCE, "K")
    yield Norm("heat.nab", "Iklim kerja (ISBB) menurut beban dan waktu kerja", heat.NAB, "°C", heat.NAB_SOURCE, heat.NAB_MARK)
    yield Norm("noise.limits", "Baku tingkat kebisingan", dict(noise.LIMITS), "dBA", noise.SOURCE, noise.MARK)
    yield Norm("noise.tolerance", "Toleransi kebisingan", noise.TOLERANCE, "dBA", noise.SOURCE, "K")
    yield Norm("uv.classes", "Indeks ultraviolet", {each.name: each.low for each in uv.CLASSES}, "UVI", uv.SOURCE, uv.MARK)
