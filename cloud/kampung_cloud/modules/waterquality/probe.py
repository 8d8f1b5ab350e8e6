"""*Indeks sensor*: what probes in a river say by themselves. It is no Indeks Pencemaran, which asks for a laboratory's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kampung_cloud.modules.waterquality.oxygen import SHEET_MG_L
from kampung_cloud.modules.waterquality.sites import site_of

SOURCE = (
    "proposal of this project (K): pH, oxygen and TDS marks of PP 22/2021 Lampiran VI class 2; TDS = 0.64 x conductivity; turbidity 50 NTU"
)
QUANTITIES = ("ph", "dissolved_oxygen", "conductivity", "turbidity")
PH = (6.0, 9.0)
OXYGEN_MG_L = 4.0
TDS_MG_L = 1000.0
TDS_PER_US_CM = 0.64
TURBIDITY_NTU = 50.0

Status = Literal["usual", "look", "off"]
WORDS: dict[Status, str] = {"usual": "Wajar", "look": "Perlu dilihat", "off": "Menyimpang"}


@dataclass(frozen=True, slots=True)
class Probed:
    """``value`` is the greatest of ``terms``: up to 1 usual, up to 2 to be looked at, beyond off."""

    value: float
    status: Status
    worst: str
    terms: Mapping[str, float]


def status_of(value: float) -> Status:
    """A boundary belongs to the better side."""
    return "usual" if value <= 1 else "look" if value <= 2 else "off"


def sensor_index(values: Mapping[str, float], place: str = "") -> Probed:
    """Of readings by quantity (ph, dissolved_oxygen in mg/L, conductivity in µS/cm, turbidity in NTU).

    The middle of a range is 0 and its edges are 1; where a water is acid by nature (``data/sites.toml``) its own range counts.
    Raises ``ValueError`` without any reading.
    """
    site = site_of(place)
    low, high = PH if site is None else site.ph
    rules = {
        "ph": lambda v: abs(v - (low + high) / 2) / ((high - low) / 2),
        "dissolved_oxygen": lambda v: max((SHEET_MG_L - v) / (SHEET_MG_L - OXYGEN_MG_L), 0.0),
        "conductivity": lambda v: v * TDS_PER_US_CM / TDS_MG_L,
        "turbidity": lambda v: v / TURBIDITY_NTU,
    }
    terms = {name: rules[name](value) for name, value in values.items() if name in rules}
    if not terms:
        raise ValueError(f"no reading was given; give at least one of {', '.join(QUANTITIES)}")
    worst = max(terms, key=lambda name: terms[name])
    return Probed(terms[worst], status_of(terms[worst]), worst, terms)
