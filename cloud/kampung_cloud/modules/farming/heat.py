"""What heat and dry air do, to people and to crops. Temperatures in °C, humidity in %."""

from __future__ import annotations

from math import sqrt

from kampung_cloud.modules.farming.fao56 import air


def vapour_deficit(temperature: float, humidity: float) -> float:
    """VPD in kPa: what the air could still take up (FAO-56 Eq. 11)."""
    return air.saturation_pressure(temperature) * (1 - humidity / 100)


def heat_index(temperature: float, humidity: float) -> tuple[float, str]:
    """Felt temperature in °C and which formula gave it: Rothfusz (1990) with the adjustments of the US National Weather Service.

    Below 80 °F Steadman's simple formula, the mean with the air's temperature being in its 0.5, as the NWS does.
    """
    t, r = temperature * 1.8 + 32, humidity
    simple = 0.5 * (t + 61.0 + (t - 68.0) * 1.2 + r * 0.094)
    if simple < 80:
        return (simple - 32) / 1.8, "Steadman, simple"
    index = (
        -42.379 + 2.04901523 * t + 10.14333127 * r - 0.22475541 * t * r - 6.83783e-3 * t * t - 5.481717e-2 * r * r
        + 1.22874e-3 * t * t * r + 8.5282e-4 * t * r * r - 1.99e-6 * t * t * r * r
    )  # fmt: skip
    how = "Rothfusz"
    if r < 13 and 80 <= t <= 112:
        index -= (13 - r) / 4 * sqrt((17 - abs(t - 95)) / 17)
        how += ", adjusted for dry air"
    elif r > 85 and 80 <= t <= 87:
        index += (r - 85) / 10 * (87 - t) / 5
        how += ", adjusted for humid air"
    return (index - 32) / 1.8, how
