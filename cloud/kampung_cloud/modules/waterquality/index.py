"""Indeks Pencemaran: Decree of the Minister of Environment 115/2003, annex II. Pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kampung_cloud.modules.waterquality.oxygen import SHEET_MG_L
from kampung_cloud.modules.waterquality.parameters import Parameter, WaterClass, parameters

SOURCE = "Kepmen LH 115/2003 Lampiran II (Indeks Pencemaran); baku mutu PP 22/2021 Lampiran VI"
GROWTH = 5.0
"""P of the decree: 1 + P log10(C/L)."""

Status = Literal["good", "light", "moderate", "heavy"]
WORDS: dict[Status, str] = {
    "good": "Memenuhi baku mutu (kondisi baik)",
    "light": "Cemar ringan",
    "moderate": "Cemar sedang",
    "heavy": "Cemar berat",
}
BOUNDS: tuple[tuple[float, Status], ...] = ((1.0, "good"), (5.0, "light"), (10.0, "moderate"), (math.inf, "heavy"))


@dataclass(frozen=True, slots=True)
class Conditions:
    """``oxygen``: mg/L of dissolved oxygen at saturation (Cim of the decree). ``natural``: °C of the water as nature has it, or None."""

    oxygen: float = SHEET_MG_L
    natural: float | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A parameter's part: ``ratio`` is C/L after the rules for falling parameters and ranges, ``term`` what goes into the index."""

    parameter: str
    value: float
    limit: float | tuple[float, float]
    unit: str
    ratio: float
    term: float
    rule: str


@dataclass(frozen=True, slots=True)
class Index:
    """``worst`` is the parameter with the greatest term; ``unlimited`` have no limit in the class and count for nothing."""

    value: float
    status: Status
    greatest: float
    average: float
    worst: str
    terms: tuple[Term, ...]
    unlimited: tuple[str, ...]


def status_of(index: float) -> Status:
    """0 to 1 good, to 5 lightly, to 10 moderately, beyond heavily polluted; a boundary belongs to the better side."""
    return next(status for most, status in BOUNDS if index <= most)


def pollution_index(water: WaterClass, values: Mapping[str, float], conditions: Conditions | None = None) -> Index:
    """The index of ``values`` (by parameter's key, in the table's units) against the limits of class ``water``.

    PI = √((max² + avg²) / 2) over the terms of ``term_of``. Raises ``ValueError`` when no value has a limit in the class.
    """
    known, terms, unlimited = parameters(), [], []
    for key, value in values.items():
        made = term_of(known[key], value, water, conditions or Conditions())
        if made is None:
            unlimited.append(key)
        else:
            terms.append(made)
    if not terms:
        named = f"{', '.join(unlimited)} have no limit in class {water}" if unlimited else "values is empty"
        raise ValueError(f"{named}: give at least one of {', '.join(k for k, p in known.items() if p.limit(water) is not None)}")
    greatest = max(terms, key=lambda each: each.term)
    average = sum(each.term for each in terms) / len(terms)
    value = math.sqrt((greatest.term**2 + average**2) / 2)
    return Index(value, status_of(value), greatest.term, average, greatest.parameter, tuple(terms), tuple(unlimited))


def term_of(parameter: Parameter, value: float, water: WaterClass, conditions: Conditions) -> Term | None:
    """C/L of one parameter, and 1 + 5 log10(C/L) of it where that is above 1; None where the class has no limit.

    A falling parameter (dissolved oxygen): (Cim − C) / (Cim − L), nothing below 0 where water holds more than saturation.
    One ministry's worksheet divides this once more by L; the decree's text does not, and this follows the text. A range (pH), Lavg its
    middle: (C − Lavg) / (Lmin − Lavg) up to Lavg, (C − Lavg) / (Lmax − Lavg) beyond. A deviation (temperature): |C − natural| / L.

    Source: Kepmen LH 115/2003, annex II. Raises ``ValueError`` where a condition is missing or impossible.
    """
    limit = parameter.limit(water)
    if limit is None:
        return None
    if isinstance(limit, tuple):
        low, high = limit
        middle = (low + high) / 2
        ratio = (value - middle) / ((low if value <= middle else high) - middle)
        rule = f"rentang {low:g}–{high:g}, Lavg {middle:g}"
    elif parameter.sense == "down":
        if conditions.oxygen <= limit:
            raise ValueError(f"oxygen at saturation {conditions.oxygen:.2f} mg/L is not above the class's limit {limit:g} mg/L; check it")
        ratio = max((conditions.oxygen - value) / (conditions.oxygen - limit), 0.0)
        rule = f"menurun: (Cim − C) / (Cim − L), Cim {conditions.oxygen:.2f}"
    elif parameter.sense == "deviation":
        if conditions.natural is None:
            raise ValueError(
                f"{parameter.key} = {value:g}: the class limits the distance from nature; give natural_temperature or leave it out"
            )
        ratio = abs(value - conditions.natural) / limit
        rule = f"beda dari alami {conditions.natural:g}"
    else:
        ratio, rule = value / limit, "C / L"
    ratio += 0.0  # no minus zero in the answer
    term = ratio if ratio <= 1 else 1 + GROWTH * math.log10(ratio)
    return Term(parameter.key, value, limit, parameter.unit, ratio, term, rule if ratio <= 1 else f"{rule}; 1 + 5 log10")
