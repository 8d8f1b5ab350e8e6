"""What the module judges by, as data with sources."""

from __future__ import annotations

from kampung_cloud.gauges import gauge, pace
from kampung_cloud.module import Norm
from kampung_cloud.modules.rivers import landslide, looking, rain, warning


def norms() -> tuple[Norm, ...]:
    """Levels, rates, classes of rain, triggers of landslides."""
    day = {each.word: each.at_least for each in rain.DAY}
    hour = {each.word: each.at_least for each in rain.HOUR}
    return (
        Norm("river.shares", "Siaga 3, 2, 1 dari tebing penuh", list(gauge.SHARES), "1", gauge.PROPOSAL, "K"),
        Norm("river.rise", "Naik cepat dalam 30 menit", pace.RISE, "m", "Usulan norma (docs/sources.md)", "K"),
        Norm("river.soon", "Batas berikutnya segera tercapai", pace.SOON_MS / 60_000, "min", "Usulan norma (docs/sources.md)", "K"),
        Norm(
            "river.silent", "Alat dianggap diam", looking.SILENT_MS / 60_000, "min", "Alat lapor tiap menit; usulan (docs/rivers.md)", "K"
        ),
        Norm("rain.day", "Kategori hujan harian", day, "mm", rain.SOURCE, "V"),
        Norm("rain.hour", "Kategori hujan per jam", hour, "mm", rain.SOURCE, "V"),
        Norm("rain.heavy_hour", "Hujan lebat saat hulu diam", warning.HEAVY_HOUR, "mm/h", rain.SOURCE, "V"),
        Norm("slide.caine", "Kurva Caine I = a D^b", [landslide.CAINE_A, landslide.CAINE_B], "mm/h", "Caine 1980", "V"),
        Norm("slide.lews", "LEWS 1 hari, 3 hari", [landslide.DAY_MM, landslide.THREE_DAYS_MM], "mm", "Balai Sabo, lewat skripsi UI", "V2"),
        Norm(
            "slide.grindulu",
            "Grindulu 3 hari sesudah 15 hari",
            [landslide.GRINDULU_3, landslide.GRINDULU_15],
            "mm",
            "Kajian Grindulu, Pacitan (docs/sources.md)",
            "V",
        ),
    )
