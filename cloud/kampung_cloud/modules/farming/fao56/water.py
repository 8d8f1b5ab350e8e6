"""Water in the root zone (FAO-56 chapter 8): what soil holds, what the crop takes, what is left. Depths of water in mm, of roots in m."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_P, MOST_P = 0.1, 0.8


def total_available(field_capacity: float, wilting_point: float, root_depth: float) -> float:
    """TAW, Eq. 82, from water contents in m³/m³."""
    return 1000 * (field_capacity - wilting_point) * root_depth


def readily_available(total: float, p: float) -> float:
    """RAW, Eq. 83."""
    return p * total


def adjusted_p(p: float, crop_et: float) -> float:
    """The fraction p of Table 22, which is for 5 mm/day, on a day of ``crop_et`` mm."""
    return min(MOST_P, max(LEAST_P, p + 0.04 * (5 - crop_et)))


def stress(depletion: float, total: float, p: float) -> float:
    """Ks, Eq. 84, from 0 to 1."""
    if depletion <= p * total:
        return 1.0
    return max(0.0, (total - depletion) / ((1 - p) * total))


@dataclass(frozen=True, slots=True)
class Day:
    """A day's end: depletion, what drained below the roots, what the crop took, and how much it suffered; ``deficit`` is what it
    would have taken from an empty soil.
    """

    depletion: float
    percolation: float
    crop_et: float
    stress: float
    deficit: float = 0.0


def day(depletion: float, total: float, p: float, crop_et: float, *, rain: float = 0.0, irrigation: float = 0.0, rise: float = 0.0) -> Day:
    """Balance of one day, Eq. 80, 84 and 85, from the depletion at its start; all in mm, ``crop_et`` without stress.

    Water is conserved: start − rain − irrigation − rise + what the crop took + percolation is the end, and 0 ≤ end ≤ TAW.
    """
    ks = stress(depletion, total, p)
    taken = ks * crop_et
    end = depletion - rain - irrigation - rise + taken
    percolation, deficit = max(0.0, -end), max(0.0, end - total)
    return Day(min(total, max(0.0, end)), percolation, taken - deficit, ks, deficit)


def depletion_from_probe(content: float, field_capacity: float, root_depth: float) -> float:
    """Dr from a water content in m³/m³ that a probe shows for the root zone; below 0 while the soil still drains."""
    return 1000 * (field_capacity - content) * root_depth
