"""The UV index: 40 times the erythemal irradiance (1 UVI = 0.025 W/m²). At 8° south 11 and more at noon is usual: shown, no alarm."""

from __future__ import annotations

import math
from typing import NamedTuple

from kampung_cloud.module import Mark

SOURCE = "WHO/WMO/UNEP/ICNIRP, Global solar UV index: a practical guide (2002)"
MARK: Mark = "V"


class UvClass(NamedTuple):
    """``low`` is the lowest whole index of it."""

    low: int
    name: str
    colour: str
    advice: str


CLASSES = (
    UvClass(0, "rendah", "hijau", "Aman di luar."),
    UvClass(3, "sedang", "kuning", "Tengah hari berteduh; pakai topi dan baju lengan panjang."),
    UvClass(6, "tinggi", "oranye", "Pukul 10 sampai 14 berteduh; pakai topi, baju lengan panjang, dan pelindung kulit."),
    UvClass(8, "sangat tinggi", "merah", "Hindari matahari pukul 10 sampai 14; topi lebar, baju lengan panjang, pelindung kulit."),
    UvClass(11, "ekstrem", "ungu", "Jangan terjemur pukul 10 sampai 14; kulit terbakar dalam hitungan menit."),
)


def uv_index(erythemal: float) -> float:
    """Of an erythemally weighted irradiance in W/m²."""
    return 40 * erythemal


def uv_class(index: float) -> UvClass:
    """By the index as it is told, a whole number."""
    whole = math.floor(index + 0.5)
    return next(each for each in reversed(CLASSES) if whole >= each.low)
