"""The calculators of air, heat, noise and ultraviolet light, one file a subject."""

from __future__ import annotations

from typing import Any

from kampung_cloud.calculator import Calculator
from kampung_cloud.modules.environment.calculators import air, heat, light, noise, pm_correction

CALCULATORS: tuple[Calculator[Any], ...] = (
    pm_correction.PM_CORRECTION,
    air.ISPU,
    air.PM25_HOUR,
    air.GAS_CONCENTRATION,
    air.SO2_ACUTE,
    heat.WBGT,
    noise.NOISE_LSM,
    light.UV_INDEX,
)
