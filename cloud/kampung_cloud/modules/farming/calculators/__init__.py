"""The farming calculators, one file a subject."""

from __future__ import annotations

from typing import Any

from kampung_cloud.calculator import Calculator
from kampung_cloud.modules.farming.calculators import et0, field, health, heat, rice, salinity, season, water

CALCULATORS: tuple[Calculator[Any], ...] = (
    et0.ET0,
    water.WATER_BALANCE,
    field.CROP_COEFFICIENT,
    field.SOIL_PROBE,
    field.IRRIGATION,
    field.GROWTH_STAGE,
    heat.HEAT_INDEX,
    heat.VPD,
    heat.GDD,
    rice.AWD,
    rice.EPIRICE,
    rice.LEAF_NITROGEN,
    season.SEASON_ONSET,
    health.ANTHRACNOSE,
    health.FLOWERING_HEAT,
    health.PH_WINDOW,
    salinity.SALINITY_YIELD,
)
