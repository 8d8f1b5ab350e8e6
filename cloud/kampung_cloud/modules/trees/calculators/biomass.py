"""``calc tree_biomass``."""

from __future__ import annotations

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.trees.biomass import HONEST, SIGMA, SIGMA_WITHOUT_HEIGHT, SOURCE, SOURCES, stock


class BiomassInputs(Inputs):
    """A single broad-leaved tree; palms and bamboos are none."""

    wood_density: float = quantity("oven-dry wood over green volume", "g/cm³", gt=0.05, le=1.4)
    diameter_cm: float = quantity("stem at breast height, 1.3 m; at least 5", "cm", gt=0, le=500)
    height_m: float | None = quantity("height over ground", "m", default=None, gt=0, le=100)
    environmental_stress: float | None = quantity(
        "Chave's E of the place, used where the height is not known", "", default=None, ge=-0.5, le=2
    )
    density_spread: float = quantity("standard deviation of the wood's density between trees", "g/cm³", default=0.0, ge=0, le=0.5)


def _compute(given: BiomassInputs) -> Result:
    stress = given.environmental_stress
    found = stock(given.wood_density, given.diameter_cm, given.height_m, stress=stress, spread=given.density_spread)
    method = "0.0673 (ρ D² H)^0.976" if given.height_m is not None else "exp(−2.024 − 0.896 E + 0.920 ln ρ + 2.795 ln D − 0.0461 (ln D)²)"
    more = {
        "interval_95": [found.low, found.high],
        "sigma_ln": SIGMA if given.height_m is not None else SIGMA_WITHOUT_HEIGHT,
        "below_ground_kg": found.below,
        "carbon_kg": found.carbon,
        "carbon_dioxide_kg": found.carbon_dioxide,
        "oxygen_kg": found.oxygen,
        "oxygen_note": HONEST,
        "sources": SOURCES,
    }
    return Result(found.above, "kg", f"dry mass above ground, {method}", SOURCE, more)


TREE_BIOMASS = Calculator(
    "tree_biomass",
    "Dry mass of a single tree with its uncertainty, its carbon, CO2 and net oxygen; from 5 cm diameter on",
    BiomassInputs,
    _compute,
    {"wood_density": 0.53, "diameter_cm": 18, "height_m": 11},
)
