"""What the module judges by, gathered for ``GET /api/v1/modules``."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_cloud.module import Norm
from kampung_cloud.modules.farming import anthracnose, awd, growth, irrigation, nitrogen, probe, season
from kampung_cloud.modules.farming.crops import crops
from kampung_cloud.modules.farming.diseases import diseases
from kampung_cloud.modules.farming.soils import textures


def norms() -> tuple[Norm, ...]:
    """A line for each crop, soil and disease, and for each threshold."""
    return (*_crops(), *_soils_and_diseases(), *THRESHOLDS)


def _crops() -> Iterator[Norm]:
    for name, crop in crops().items():
        water = {"kc": crop.kc, "kcb": crop.kcb, "stages": crop.stages, "roots": crop.roots, "p": crop.p}
        yield Norm(f"crop.{name}", crop.title["id"], water, "", crop.source, crop.mark)
        if crop.salinity:
            pair = {"threshold": crop.salinity.threshold, "slope": crop.salinity.slope}
            yield Norm(f"salinity.{name}", crop.title["id"], pair, "dS/m, %/(dS/m)", crop.salinity.source, crop.salinity.mark)
        if crop.ph:
            yield Norm(f"ph.{name}", crop.title["id"], (crop.ph.low, crop.ph.high), "pH", crop.ph.source, crop.ph.mark)


def _soils_and_diseases() -> Iterator[Norm]:
    for name, texture in textures().items():
        held = {"field_capacity": texture.field_capacity, "wilting_point": texture.wilting_point, "ready_mm": texture.ready}
        yield Norm(f"soil.{name}", texture.title["id"], held, "m³/m³", texture.source, texture.mark)
    for name, disease in diseases().items():
        spread = {"rate": disease.rate, "latent": disease.latent, "infectious": disease.infectious, "onset": disease.onset}
        yield Norm(f"disease.{name}", disease.title["id"], spread, "per day, days", disease.source, disease.mark)


_PROJECT = "norms of this project, after FAO-56 chapter 8"
THRESHOLDS = (
    Norm(
        "irrigation.colours",
        "siap-siap, siram (Dr/RAW), stres (Ks)",
        (irrigation.SOON, irrigation.NOW, irrigation.STRESSED),
        "",
        _PROJECT,
        "V",
    ),
    Norm(
        "irrigation.ahead",
        "siram sebelum batas tercapai, ketidakpastian yang ditambahkan",
        irrigation.DOUBT,
        "standard deviations",
        "FAO-56 chapter 8: irrigate before or at the moment when RAW is depleted (Dr,i ≤ RAW, I ≤ Dr); the quantile is this project's",
        "K",
    ),
    Norm("irrigation.rain", "hujan yang diperhitungkan", (irrigation.LIKELY_MM, irrigation.LIKELY_PERCENT), "mm, %", _PROJECT, "K"),
    Norm(
        "probe.sd",
        "ketidakpastian sensor tanah",
        (probe.UNCALIBRATED, probe.CALIBRATED),
        "m³/m³",
        "common figure for capacitive probes",
        "K",
    ),
    Norm("awd.levels", "batas AWD dan tinggi genangan", (awd.REFLOOD, awd.POND), "cm", awd.SOURCE, "V2"),
    Norm(
        "awd.days", "umur AWD, sekitar berbunga, pengeringan", (awd.ESTABLISHED, awd.AROUND_FLOWERING, awd.DRAIN), "days", awd.SOURCE, "K"
    ),
    Norm("rice.stages", "fase padi", dict(growth.RICE_STAGES), "°C·day", growth.RICE_SOURCE, "V2"),
    Norm("rice.sterility", "panas saat berbunga", growth.STERILE_FROM, "°C", "spikelet sterility above 35 °C; well known", "K"),
    Norm("season.dasarian", "awal musim hujan", (season.WET_MM, season.IN_A_ROW), "mm, dasarian", season.SOURCE, "V2"),
    Norm("nitrogen.urea", "urea menurut BWD", nitrogen.UREA, "kg/ha", nitrogen.SOURCE, "K"),
    Norm("anthracnose.marks", "antraknosa (indikatif)", (anthracnose.WATCH, anthracnose.ACT), "probability", anthracnose.SOURCE, "K"),
)
