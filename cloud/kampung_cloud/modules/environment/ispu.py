"""The ISPU (Indeks Standar Pencemar Udara) of a 24-hour mean, by the table of Permen LHK P.14/2020 (``data/ispu.toml``).

Published arithmetic for CO and SO2 often still uses the repealed table of 1997: this one is checked cell by cell.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field

Pollutant = Literal["pm25", "pm10", "so2", "co", "o3", "no2", "hc"]
POLLUTANTS: tuple[Pollutant, ...] = get_args(Pollutant)
TITLES: dict[Pollutant, str] = {
    "pm25": "PM2,5 (debu halus)", "pm10": "PM10 (debu)", "so2": "SO2 (belerang dioksida)", "co": "CO (karbon monoksida)",
    "o3": "O3 (ozon)", "no2": "NO2 (nitrogen dioksida)", "hc": "HC (hidrokarbon)",
}  # fmt: skip
CAP = 500.0
NO_DATA = (8888.0, 9999.0)
"""BMKG's codes for *not measured* and *no data*; never concentrations."""
INK, PAPER = "#16211b", "#ffffff"
READABLE = 4.5
"""WCAG 2.2 contrast for text."""


class Band(BaseModel):
    """A category: indices ``low`` to ``high`` (whole numbers), its official colour by name and as ``#rrggbb``, and what people are told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    low: int
    high: int
    colour: str
    hex: str = Field(pattern=r"^#[0-9a-f]{6}$")
    meaning: str
    everybody: str
    sensitive: str

    @property
    def ink(self) -> str:
        """Text on the official colour: dark ink or white, whichever can be read."""
        return max((INK, PAPER), key=lambda text: contrast(text, self.hex))


class Table(BaseModel):
    """All of ``data/ispu.toml``; ``limits`` in µg/m³ at ``nodes``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    mark: Literal["V", "V2", "K"]
    nodes: tuple[float, ...]
    above: str
    colours_source: str
    colours_mark: Literal["V", "V2", "K"]
    advice_source: str
    advice_mark: Literal["V", "V2", "K"]
    band: tuple[Band, ...]
    limits: dict[Pollutant, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Ispu:
    """``value`` as the formula gives it, 0 to 500; ``concentration`` in µg/m³, mean of 24 hours."""

    pollutant: Pollutant
    concentration: float
    value: float
    band: Band

    @property
    def index(self) -> int:
        """The whole number that people are shown; never one that its own category denies."""
        return min(max(math.floor(self.value + 0.5), self.band.low), self.band.high)

    @property
    def text(self) -> str:
        """The index in words; above the table's last row only that it is above."""
        return ">400" if self.value > table().nodes[-1] else str(self.index)


@cache
def table() -> Table:
    """The regulation's table."""
    return Table.model_validate(tomllib.loads((files(__package__) / "data" / "ispu.toml").read_text(encoding="utf-8")))


def ispu(pollutant: Pollutant, concentration: float) -> Ispu:
    """The index of a 24-hour mean in µg/m³: linear between the nodes, above the last one along its slope, at most 500.

    Raises ``InvalidRequest`` for what is no concentration.
    """
    check_concentration(pollutant, concentration)
    limits, nodes = table().limits[pollutant], table().nodes
    row = next((i for i, limit in enumerate(limits[1:]) if concentration <= limit), len(limits) - 2)
    xb, xa, ib, ia = limits[row], limits[row + 1], nodes[row], nodes[row + 1]
    value = (ia - ib) / (xa - xb) * (concentration - xb) + ib
    return Ispu(pollutant, concentration, min(value, CAP), table().band[row])


def worst(found: list[Ispu]) -> Ispu:
    """The critical parameter: the one with the highest index; of equals the first. Needs at least one."""
    return max(found, key=lambda each: each.value)


def category(pollutant: Pollutant, concentration: float) -> Band:
    """The band in which a concentration lies, without an index: for what no index may be computed of. Raises ``InvalidRequest``."""
    return ispu(pollutant, concentration).band


def check_concentration(name: str, value: float) -> None:
    """Raises ``InvalidRequest`` for a negative one, none at all, and BMKG's codes."""
    if value in NO_DATA:
        raise InvalidRequest(f"{name} = {value:g}: that is BMKG's code for a missing measurement, no concentration; leave the hour out")
    if not (math.isfinite(value) and value >= 0):
        raise InvalidRequest(f"{name} = {value}: give a concentration in µg/m³, 0 or more")


def contrast(one: str, other: str) -> float:
    """Of two colours ``#rrggbb``, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
