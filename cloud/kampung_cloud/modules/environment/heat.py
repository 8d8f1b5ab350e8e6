"""Heat at work: the wet-bulb globe temperature (WBGT, in Indonesia ISBB) and the limits of Permenaker 5/2018. Temperatures in °C."""

from __future__ import annotations

import math
from typing import Literal

from kampung_cloud.module import Mark

Load = Literal["ringan", "sedang", "berat"]
Share = Literal["75-100", "50-75", "25-50", "0-25"]
"""Part of each hour that is worked, %."""
NAB: dict[Share, dict[Load, float | None]] = {
    "75-100": {"ringan": 31.0, "sedang": 28.0, "berat": None},
    "50-75": {"ringan": 31.0, "sedang": 29.0, "berat": 27.5},
    "25-50": {"ringan": 32.0, "sedang": 30.0, "berat": 29.0},
    "0-25": {"ringan": 32.2, "sedang": 31.1, "berat": 30.5},
}
"""Highest ISBB by share of work and load; None: not allowed at all."""
NAB_SOURCE = "Permenaker 5/2018, NAB iklim kerja (ISBB), sama dengan tabel PER.13/MEN/X/2011"
NAB_MARK: Mark = "V2"
SHARES: dict[Share, tuple[int, int]] = {"75-100": (60, 0), "50-75": (45, 15), "25-50": (30, 30), "0-25": (15, 45)}
"""Most minutes of work, and least of rest, in an hour."""
ABM = "Australian Bureau of Meteorology, Thermal comfort observations: 0.567 T + 0.393 e + 3.94"
ISO = "ISO 7243: WBGT"
STULL = "Stull 2011, Wet-bulb temperature from relative humidity and air temperature, JAMC 50, 2267"


def vapour_pressure(temperature: float, humidity: float) -> float:
    """hPa, as in the ABM's formula."""
    return humidity / 100 * 6.105 * math.exp(17.27 * temperature / (237.7 + temperature))


def estimated_wbgt(temperature: float, humidity: float) -> float:
    """Without a globe, for moderate sun and light wind. In the shade it is too high (30 °C at 70 % gives 32.6)."""
    return 0.567 * temperature + 0.393 * vapour_pressure(temperature, humidity) + 3.94


def wet_bulb(temperature: float, humidity: float) -> float:
    """Stull 2011, equation 1, within 1 K for 5 to 99 % and -20 to 50 °C at sea level: a psychrometer's, not the natural one."""
    t, r = temperature, humidity
    return (
        t * math.atan(0.151977 * math.sqrt(r + 8.313659)) + math.atan(t + r) - math.atan(r - 1.676331)
        + 0.00391838 * r * math.sqrt(r) * math.atan(0.023101 * r) - 4.686035
    )  # fmt: skip


def wbgt(natural_wet_bulb: float, globe: float, temperature: float | None) -> float:
    """``0.7 Tnwb + 0.2 Tg + 0.1 Ta`` in the sun; without the air's temperature, indoors or in the shade, ``0.7 Tnwb + 0.3 Tg``."""
    if temperature is None:
        return 0.7 * natural_wet_bulb + 0.3 * globe
    return 0.7 * natural_wet_bulb + 0.2 * globe + 0.1 * temperature


def allowed(value: float, load: Load) -> Share | None:
    """The largest share of an hour that may be worked with this load; None: not even a quarter of it."""
    shares: list[Share] = ["75-100", "50-75", "25-50", "0-25"]
    for share in shares:
        limit = NAB[share][load]
        if limit is not None and value <= limit:
            return share
    return None


def advice(value: float, load: Load) -> str:
    """What somebody who works in a field is told, in Indonesian."""
    share = allowed(value, load)
    words = {"ringan": "ringan", "sedang": "sedang", "berat": "berat seperti mencangkul"}[load]
    if share is None:
        return f"Kerja {words} sebaiknya berhenti dulu. Berteduh dan minum; lanjutkan pagi atau sore."
    work, rest = SHARES[share]
    if share == "75-100":
        return f"Kerja {words} boleh terus, minum segelas air tiap 20 menit."
    return f"Kerja {words}: {work} menit bekerja, {rest} menit berteduh tiap jam, minum segelas air tiap 20 menit."


def judge(value: float, load: Load) -> str:
    """In a word: whether somebody may work on, with rests, or not."""
    share = allowed(value, load)
    return "berhenti" if share is None else "boleh" if share == "75-100" else "dengan istirahat"
