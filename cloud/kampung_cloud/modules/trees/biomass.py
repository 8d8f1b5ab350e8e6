"""Biomass, carbon and oxygen of one tree, with how wrong they may be; nothing below 5 cm, where no formula was ever fitted.

Chave et al. 2014 (Global Change Biology 20:3177), equation 4, from 4004 harvested tropical trees: AGB = 0.0673 (ρ D² H)^0.976 kg, with a
standard error of 0.357 of its logarithm for a single tree. Where the height was not measured, the stress of the climate E stands in for
it: exp(−2.024 − 0.896 E + 0.920 ln ρ + 2.795 ln D − 0.0461 (ln D)²), the paper's equation 7 as the R package BIOMASS applies it, standard
error 0.413.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST_CM = 5.0
SIGMA = 0.357
SIGMA_WITHOUT_HEIGHT = 0.413
ROOTS = 0.24
CARBON = 0.47
CO2 = 44 / 12
O2 = 32 / 12
Z95 = 1.959964
SOURCE = "Chave et al. 2014, Global Change Biology 20:3177, eq. 4 (without height eq. 7 as R package BIOMASS)"
SOURCES = {
    "roots": "IPCC 2006, vol. 4, table 4.4: 0.24 of what is above ground (K)",
    "carbon": "IPCC 2006, vol. 4, table 4.3: 0.47 of dry mass (K)",
    "oxygen": "Nowak, Hoehn & Crane 2007, Arboriculture & Urban Forestry 33:220: net oxygen = carbon × 32/12",
}
HONEST = {
    "id": "Oksigen ini jumlah bersih seumur hidup pohon, bukan yang dihirup orang: udara sudah berisi 21 % oksigen, dan sebanyak ini "
    "kembali terpakai kalau kayunya dibakar atau lapuk. Manfaat nyata pohon adalah teduh, air tanah, tanah yang tidak longsor, dan karbon "
    "di kayunya.",
    "en": "This oxygen is the net of the tree's whole life, not what people breathe: air holds 21 % of it, and as much is used up again "
    "when the wood burns or rots. What a tree really gives is shade, ground water, soil that stays, and the carbon in its wood.",
}


@dataclass(frozen=True, slots=True)
class Stock:
    """Kilograms of dry mass above ground (with the bounds of 95 %) and below, of carbon, CO2 and net oxygen over the tree's life."""

    above: float
    low: float
    high: float
    below: float

    @property
    def carbon(self) -> float:
        """kg."""
        return CARBON * (self.above + self.below)

    @property
    def carbon_dioxide(self) -> float:
        """kg taken out of the air and still held."""
        return self.carbon * CO2

    @property
    def oxygen(self) -> float:
        """kg, net, since it was planted."""
        return self.carbon * O2


def stock(density: float, diameter_cm: float, height_m: float | None, *, stress: float | None = None, spread: float = 0.0) -> Stock:
    """``density`` in g/cm³ with its standard deviation ``spread``, ``diameter_cm`` at breast height, ``stress`` Chave's E without height.

    Raises ``ValueError`` below 5 cm, and where neither height nor stress is given. The bounds are of a single tree: the formula's own
    spread and that of the wood's density; the errors of the tape are small beside them.
    """
    if diameter_cm < LEAST_CM:
        raise ValueError(
            f"diameter_cm = {diameter_cm:g}: below {LEAST_CM:g} cm no formula holds and no kilograms are said; "
            "the tree is certified as alive and growing instead"
        )
    if height_m is not None:
        above = 0.0673 * (density * diameter_cm**2 * height_m) ** 0.976
        sigma = SIGMA
    elif stress is not None:
        above = math.exp(
            -2.024 - 0.896 * stress + 0.920 * math.log(density) + 2.795 * math.log(diameter_cm) - 0.0461 * math.log(diameter_cm) ** 2
        )
        sigma = SIGMA_WITHOUT_HEIGHT
    else:
        raise ValueError("height_m is missing; measure it, or give environmental_stress (Chave's E of the place)")
    wide = math.hypot(sigma, spread / density)
    median = above / math.exp(sigma**2 / 2)  # the published factors give the mean
    return Stock(above, median * math.exp(-Z95 * wide), median * math.exp(Z95 * wide), ROOTS * above)
