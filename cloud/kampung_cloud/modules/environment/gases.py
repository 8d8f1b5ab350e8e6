"""Gases: from parts per million, which sensors and acute limits speak of, to µg/m³, which the ISPU speaks of."""

from __future__ import annotations

import math
from typing import Literal

from kampung_contract.errors import InvalidRequest

from kampung_cloud.module import Mark

Gas = Literal["so2", "no2", "o3", "co"]
MOLAR_MASS: dict[Gas, float] = {"so2": 64.066, "no2": 46.006, "o3": 47.998, "co": 28.010}
"""g/mol, IUPAC."""
REFERENCE = 25.0
"""°C: ambient limits in Indonesia are for 25 °C and 1 atm."""
PRESSURE = 1013.25
"""hPa, 1 atm."""
GAS_CONSTANT = 8.314462618
SOURCE = "hukum gas ideal, µg/m³ = ppb · M · p / (R · T); 25 °C dan 1 atm: SO2 2,62, NO2 1,88, O3 1,96, CO 1,15"
MARK: Mark = "V2"


def micrograms_per_ppb(gas: Gas, temperature: float = REFERENCE, pressure: float = PRESSURE) -> float:
    """µg/m³ of one ppb at ``temperature`` (°C) and ``pressure`` (hPa); the reference state unless others are given."""
    return MOLAR_MASS[gas] * pressure / 10 / (GAS_CONSTANT * (temperature + 273.15))


def micrograms(gas: Gas, ppm: float, temperature: float = REFERENCE) -> float:
    """µg/m³ of a mixing ratio in ppm. Raises ``InvalidRequest`` for what is none."""
    if not (math.isfinite(ppm) and ppm >= 0):
        raise InvalidRequest(f"{gas} = {ppm} ppm: give a mixing ratio, 0 or more")
    return 1000 * ppm * micrograms_per_ppb(gas, temperature)
