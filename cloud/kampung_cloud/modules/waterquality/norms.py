"""What the module judges by, gathered for ``GET /api/v1/modules``."""

from __future__ import annotations

from kampung_cloud.module import Norm
from kampung_cloud.modules.waterquality import index, oxygen, probe
from kampung_cloud.modules.waterquality.parameters import CLASSES, parameters
from kampung_cloud.modules.waterquality.sites import sites


def norms() -> tuple[Norm, ...]:
    """The class table cell by cell, the index's bounds, oxygen at saturation, the probes' marks, and waters that are otherwise."""
    out = [
        Norm(f"class.{water}.{key}", f"{each.title}, kelas {water}", each.limits[water - 1], each.unit, each.source, each.marks[water - 1])
        for key, each in parameters().items()
        for water in CLASSES
    ]
    out.append(Norm("index.bounds", "Batas Indeks Pencemaran", (1, 5, 10), "", index.SOURCE, "V"))
    out.append(Norm("index.growth", "P pada 1 + P log(C/L)", index.GROWTH, "", index.SOURCE, "V"))
    out.append(
        Norm("oxygen.sheet", "Oksigen jenuh lembar kerja", oxygen.SHEET_MG_L, "mg/L", "KLHK worksheet of the Indeks Pencemaran", "V")
    )
    out.append(Norm("oxygen.saturation", "Oksigen jenuh menurut suhu", {"25": 8.26, "30": 7.56}, "mg/L", oxygen.SOURCE, "K"))
    marks = {"ph": probe.PH, "dissolved_oxygen": probe.OXYGEN_MG_L, "tds": probe.TDS_MG_L, "turbidity": probe.TURBIDITY_NTU}
    out.append(Norm("probe.marks", "Patokan indeks sensor", marks, "pH, mg/L, mg/L, NTU", probe.SOURCE, "K"))
    out += [
        Norm(f"site.{key}", each.title, {"ph": each.ph, "note": each.note}, "pH", each.source, each.mark) for key, each in sites().items()
    ]
    return tuple(out)
