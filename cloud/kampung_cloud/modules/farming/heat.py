"""How dry air pulls at a crop. Temperatures in °C, humidity in %."""

from __future__ import annotations

from kampung_cloud.modules.farming.fao56 import air


def vapour_deficit(temperature: float, humidity: float) -> float:
    """VPD in kPa: what the air could still take up (FAO-56 Eq. 11)."""
    return air.saturation_pressure(temperature) * (1 - humidity / 100)
