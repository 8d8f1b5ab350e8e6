"""Fine dust of low-cost sensors put right for humidity, by published formulas. Raw values stay; what is made is another series."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files

import msgspec

from kampung_contract.errors import InvalidCorrection

CORRECTED = "pm25_corrected"
"""The quantity that a correction makes of ``pm25``."""


class Method(msgspec.Struct, frozen=True):
    """A correction: ``models`` are the profiles whose values it was fitted to. Two sensors side by side disagree when they are more than
    ``apart`` µg/m³ *and* more than ``apart_share`` of their mean apart.
    """

    id: str
    quantity: str
    models: tuple[str, ...]
    display: dict[str, str]
    caution: dict[str, str]
    source: str
    apart: float
    apart_share: float
    apart_source: str

    def corrected(self, value: float, humidity: float) -> float:
        """µg/m³, never below 0, to one decimal; ``value`` in µg/m³ as the sensor shows it, ``humidity`` in % of the air it sucks in.

        Raises ``InvalidCorrection`` for a value that is no concentration or a humidity that is none.
        """
        if not (math.isfinite(value) and value >= 0):
            raise InvalidCorrection(f"pm25 = {value}: give a concentration in ug/m3, 0 or more")
        if not (math.isfinite(humidity) and 0 <= humidity <= 100):
            raise InvalidCorrection(
                f"humidity = {humidity}: give the relative humidity in %, 0 to 100; without one there is no corrected value"
            )
        return round(max(0.0, _FORMULAS[self.id](value, humidity)), 1)

    def agree(self, one: float, other: float) -> bool:
        """Whether two sensors side by side show the same air."""
        difference = abs(one - other)
        return not (difference > self.apart and difference > self.apart_share * (one + other) / 2)


def barkjohn_2021(x: float, humidity: float) -> float:
    """Barkjohn, Gantt and Clements 2021, equation 7: 0.524 x − 0.0862 RH + 5.75, µg/m³."""
    return 0.524 * x - 0.0862 * humidity + 5.75


def epa_2021(x: float, humidity: float) -> float:
    """US EPA 2021, slide 26: as Barkjohn below 30 µg/m³, steeper from 50 to 210, a parabola without humidity from 260, blended between."""
    if x < 30:
        return barkjohn_2021(x, humidity)
    if x < 50:
        return _blend(barkjohn_2021(x, humidity), _smoke(x, humidity), (x - 30) / 20)
    if x < 210:
        return _smoke(x, humidity)
    if x < 260:
        return _blend(_smoke(x, humidity), _extreme(x), (x - 210) / 50)
    return _extreme(x)


def _smoke(x: float, humidity: float) -> float:
    return 0.786 * x - 0.0862 * humidity + 5.75


def _extreme(x: float) -> float:
    return 2.966 + 0.69 * x + 8.84e-4 * x**2


def _blend(below: float, above: float, share: float) -> float:
    return below * (1 - share) + above * share


_FORMULAS = {"barkjohn-2021": barkjohn_2021, "epa-2021": epa_2021}


def _read() -> dict[str, Method]:
    tables = tomllib.loads(files("kampung_contract").joinpath("data", "pm_corrections.toml").read_text(encoding="utf-8"))
    return {name: msgspec.convert({"id": name, **table}, Method) for name, table in tables.items()}


_METHODS = _read()  # at import, by one thread: see quantities


def methods() -> dict[str, Method]:
    """All corrections by name."""
    return _METHODS


def method(name: str) -> Method:
    """The correction of this name. Raises ``InvalidCorrection`` naming those there are."""
    found = _METHODS.get(name)
    if found is None:
        raise InvalidCorrection(f"method {name[:40]!r} is no correction of fine dust; there are {', '.join(_METHODS)}")
    return found
