"""What the module judges by, gathered for ``GET /api/v1/modules``."""

from __future__ import annotations

from kampung_cloud.module import Norm
from kampung_cloud.modules.trees import biomass
from kampung_cloud.modules.trees.instruments import instruments
from kampung_cloud.modules.trees.observing import UNITS
from kampung_cloud.modules.trees.species import species
from kampung_cloud.modules.trees.thresholds import rows


def norms() -> tuple[Norm, ...]:
    """A line for each threshold, species and instrument, and for the formula."""
    out = [Norm(f"tree.{name}", row["title"], row["value"], row["unit"], row["source"], row["mark"]) for name, row in rows().items()]
    for kind in species().values():
        wood = {"density": kind.density, "spread": kind.spread}
        out.append(Norm(f"species.{kind.name}", kind.title["id"], wood, "g/cm³", kind.source, kind.mark))
    for (what, name), tool in instruments().items():
        out.append(
            Norm(f"{what}.{name}", tool.title["id"], {"error": tool.error, "share": tool.share}, UNITS[what], tool.source, tool.mark)
        )
    carbon = {"roots": biomass.ROOTS, "carbon": biomass.CARBON}
    return (
        *out,
        Norm(
            "biomass.formula", "biomassa pohon dari 5 cm", {"least_cm": biomass.LEAST_CM, "sigma": biomass.SIGMA}, "", biomass.SOURCE, "V"
        ),
        Norm("biomass.carbon", "akar dan karbon", carbon, "1", biomass.SOURCES["carbon"], "K"),
        Norm("biomass.oxygen", "oksigen bersih", biomass.O2, "kg/kg", biomass.SOURCES["oxygen"], "V"),
    )
