"""Crop coefficients by day (FAO-56 chapters 6 and 7) and roots."""

from __future__ import annotations

from collections.abc import Sequence


def coefficient(values: Sequence[float], stages: Sequence[int], day: int) -> float:
    """Kc (or Kcb) on a day after planting, Eq. 66: flat, rising, flat, falling; its end value after the last stage.

    ``values`` are those of the beginning, middle and end, ``stages`` the days of initial, development, middle and late. Day 1 is the
    first. Raises ``ValueError`` for a day before planting.
    """
    if day < 0:
        raise ValueError(f"day = {day}: before planting there is no crop")
    first, middle, end = values
    initial, development, mid, late = stages
    if day <= initial:
        return first
    if day <= initial + development:
        return first + (day - initial) / development * (middle - first)
    before = initial + development + mid
    if day <= before:
        return middle
    return end if day >= before + late else middle + (day - before) / late * (end - middle)


def for_climate(table: float, wind: float, rhmin: float, height: float) -> float:
    """A middle or end coefficient of at least 0.45 for a climate other than the table's (RHmin 45 %, 2 m/s), Eq. 62, 65 and 70.

    Wind at 2 m from 1 to 6 m/s, RHmin from 20 to 80 %, height from 0.1 to 10 m; beyond these the nearest of them holds.
    """
    if table < 0.45:
        return table
    u, r, h = min(6.0, max(1.0, wind)), min(80.0, max(20.0, rhmin)), min(10.0, max(0.1, height))
    return float(table + (0.04 * (u - 2) - 0.004 * (r - 45)) * (h / 3) ** 0.3)


def root_depth(least: float, most: float, basal: float, values: Sequence[float], before: float = 0.0) -> float:
    """Zr in m, deepening with Kcb from its first to its middle one of ``values`` (FAO-56 Annex 8); never shallower than ``before``."""
    first, middle = values[0], values[1]
    if middle <= first:
        return most
    part = min(1.0, max(0.0, (basal - first) / (middle - first)))
    return max(before, least + part * (most - least))
