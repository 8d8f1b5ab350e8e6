"""``calc tree_biomass`` and ``calc tree_growth``."""

from __future__ import annotations

from typing import Any

from kampung_cloud.calculator import Calculator
from kampung_cloud.modules.trees.calculators.biomass import TREE_BIOMASS
from kampung_cloud.modules.trees.calculators.growth import TREE_GROWTH

CALCULATORS: tuple[Calculator[Any], ...] = (TREE_BIOMASS, TREE_GROWTH)
