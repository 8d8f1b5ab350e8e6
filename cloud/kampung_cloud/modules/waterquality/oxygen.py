"""Oxygen that water holds at most."""

from __future__ import annotations

import math

SHEET_MG_L = 7.0
"""What the worksheets of the ministry put for saturation when nobody says the temperature."""
SOURCE = "APHA Standard Methods 4500-O (Benson & Krause 1984), fresh water at sea level"


def saturation(celsius: float) -> float:
    """mg/L in fresh water under 1 atm, 0 to 45 °C: 8.26 at 25 °C, 7.56 at 30 °C. Raises ``ValueError`` outside.

    Source: APHA Standard Methods, table 4500-O:I, equation of Benson and Krause (1984).
    """
    if not 0 <= celsius <= 45:
        raise ValueError(f"water_temperature = {celsius:g} °C: the saturation of oxygen is known from 0 to 45 °C")
    kelvin = celsius + 273.15
    terms = (-139.34411, 1.575701e5, -6.642308e7, 1.243800e10, -8.621949e11)
    return math.exp(sum(a / kelvin**power for power, a in enumerate(terms)))
