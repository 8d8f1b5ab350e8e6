"""What hot and humid air feels like to people. Temperatures in °C, humidity in %."""

from __future__ import annotations

from math import sqrt

SOURCE = "US National Weather Service, The Heat Index Equation; Rothfusz, Technical Attachment SR 90-23 (1990)"
CLASSES = ((54.0, "extreme danger"), (41.0, "danger"), (32.0, "extreme caution"), (27.0, "caution"))
"""Lower bounds in °C, as the National Weather Service writes them for °C; mark K."""
TITLES = {
    "extreme danger": "bahaya ekstrem", "danger": "bahaya", "extreme caution": "sangat waspada", "caution": "waspada", "none": "biasa",
}  # fmt: skip
ADVICE = {
    "extreme danger": "Jangan bekerja di luar: sengatan panas hampir pasti. Tetap di tempat sejuk.",
    "danger": "Hindari kerja berat di luar pukul 10 sampai 15; berteduh dan minum tiap 15 menit.",
    "extreme caution": "Kurangi kerja berat di bawah matahari; minum tiap 20 menit, istirahat di tempat teduh.",
    "caution": "Minum cukup; istirahat bila pusing atau kejang.",
    "none": "Panas biasa.",
}


def heat_class(index: float) -> str:
    """The class of a felt temperature; ``none`` below all of them."""
    return next((name for bound, name in CLASSES if index >= bound), "none")


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
