"""Noise of a day and a night, weighed for when people sleep, against the limits of Kep-48/MENLH/11/1996. Levels in dBA."""

from __future__ import annotations

import math
from collections.abc import Iterable

from kampung_cloud.air_station.setting import Area
from kampung_cloud.module import Mark

LIMITS: dict[Area, float] = {
    "permukiman": 55, "perdagangan": 70, "perkantoran": 65, "ruang-terbuka-hijau": 50, "industri": 70, "pemerintahan": 60,
    "rekreasi": 70, "rumah-sakit": 55, "sekolah": 55, "ibadah": 55,
}  # fmt: skip
TOLERANCE = 3.0
SOURCE = "Kepmen LH 48/1996, Lampiran I (baku tingkat) dan II (Lsm); toleransi +3 dBA"
MARK: Mark = "V"
DAY_HOURS, NIGHT_HOURS = 16, 8
"""06.00 to 22.00 and 22.00 to 06.00."""
NIGHT_WEIGHT = 5.0


def energy_mean(levels: Iterable[float]) -> float:
    """The level of the mean sound energy. Needs at least one."""
    energies = [10 ** (0.1 * level) for level in levels]
    return 10 * math.log10(sum(energies) / len(energies))


def day_and_night(ls: float, lm: float) -> float:
    """``Lsm = 10 log {1/24 [16·10^(0.1 Ls) + 8·10^(0.1 (Lm+5))]}``."""
    return 10 * math.log10((DAY_HOURS * 10 ** (0.1 * ls) + NIGHT_HOURS * 10 ** (0.1 * (lm + NIGHT_WEIGHT))) / 24)


def judge(lsm: float, area: Area) -> str:
    """``memenuhi``, ``dalam toleransi`` or ``melampaui``."""
    limit = LIMITS[area]
    return "memenuhi" if lsm <= limit else "dalam toleransi" if lsm <= limit + TOLERANCE else "melampaui"
