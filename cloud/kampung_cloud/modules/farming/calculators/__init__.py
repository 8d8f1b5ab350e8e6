"""The farming calculators, one file a subject."""

from __future__ import annotations

from typing import Any

from kampung_cloud.calculator import Calculator
from kampung_cloud.modules.farming.calculators import et0, heat, salinity, water

CALCULATORS: tuple[Calculator[Any], ...] = (
    et0.ET0,
    heat.HEAT_INDEX,
    heat.VPD,
    heat.GDD,
    salinity.SALINITY_YIELD,
    water.WATER_BALANCE,
)
