"""What the module judges by, gathered for ``GET /api/v1/modules``."""

from __future__ import annotations

from kampung_cloud.module import Norm
from kampung_cloud.modules.farming.crops import crops


def norms() -> tuple[Norm, ...]:
    """A line for each crop and each of its thresholds."""
    out: list[Norm] = []
    for name, crop in crops().items():
        water = {"kc": crop.kc, "kcb": crop.kcb, "stages": crop.stages, "roots": crop.roots, "p": crop.p}
        out.append(Norm(f"crop.{name}", crop.title["id"], water, "", crop.source, crop.mark))
        if crop.salinity:
            pair = {"threshold": crop.salinity.threshold, "slope": crop.salinity.slope}
            out.append(Norm(f"salinity.{name}", crop.title["id"], pair, "dS/m, %/(dS/m)", crop.salinity.source, crop.salinity.mark))
        if crop.ph:
            out.append(Norm(f"ph.{name}", crop.title["id"], (crop.ph.low, crop.ph.high), "pH", crop.ph.source, crop.ph.mark))
    return tuple(out)
