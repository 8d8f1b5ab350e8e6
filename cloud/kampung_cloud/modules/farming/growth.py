"""Growth by warmth. Temperatures in °C, warmth in °C·day."""

from __future__ import annotations


def degree_days(tmin: float, tmax: float, base: float, cap: float) -> float:
    """Growing degree days of a day: max(0, (min(Tmax, cap) + max(Tmin, base)) / 2 − base); McMaster and Wilhelm (1997), method 2.

    A night warmer than ``cap`` counts as ``cap``.
    """
    return max(0.0, (min(max(tmax, base), cap) + min(max(tmin, base), cap)) / 2 - base)
