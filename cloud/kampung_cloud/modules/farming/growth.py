"""Growth by warmth. Temperatures in °C, warmth in °C·day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RICE_BASE, RICE_CAP = 10.0, 42.0
RICE_STAGES: Mapping[str, float] = {"tillering": 140.9, "panicle_initiation": 1268.9, "flowering": 1746.0, "maturity": 2333.2}
"""°C·day above 10 °C of a variety of 130 to 135 days."""
RICE_SOURCE = "Agronomía Costarricense: thermal time of rice, variety of 130-135 days, base 10 °C; every variety must be calibrated"
LEAST_STRETCH, MOST_STRETCH = 0.6, 1.6
"""Varieties of 85 to 210 days, where the table's has 134 (assumed for this project, mark K)."""
STERILE_FROM = 35.0
"""°C at flowering for more than an hour (mark K)."""


def degree_days(tmin: float, tmax: float, base: float, cap: float) -> float:
    """Growing degree days of a day: max(0, (min(Tmax, cap) + max(Tmin, base)) / 2 − base); McMaster and Wilhelm (1997), method 2.

    A night warmer than ``cap`` counts as ``cap``.
    """
    return max(0.0, (min(max(tmax, base), cap) + min(max(tmin, base), cap)) / 2 - base)


@dataclass(frozen=True, slots=True)
class Growing:
    """Where a crop stands: ``stage`` reached last (None before the first), ``next`` one, days to it at ``per_day`` °C·day."""

    warmth: float
    stage: str | None
    next: str | None
    days_to_next: float | None


def stage_at(warmth: float, stages: Mapping[str, float], per_day: float) -> Growing:
    """By warmth since planting; ``stages`` in rising order. Raises ``ValueError`` when they are not."""
    marks = list(stages.values())
    if marks != sorted(marks):
        raise ValueError(f"stages = {dict(stages)}: expected rising sums of warmth")
    reached = [name for name, mark in stages.items() if warmth >= mark]
    coming = next(((name, mark) for name, mark in stages.items() if warmth < mark), None)
    days = None if coming is None or per_day <= 0 else (coming[1] - warmth) / per_day
    return Growing(warmth, reached[-1] if reached else None, coming[0] if coming else None, days)


def corrected(stages: Mapping[str, float], seen: str, warmth: float) -> dict[str, float]:
    """Marks of this field after the farmer saw ``seen`` at ``warmth``: all are stretched alike, as a variety is early or late as a whole.

    Raises ``ValueError`` for a stage that is none, or one seen long before or after its warmth: then the planting date
    is wrong, or the report.
    """
    if seen not in stages:
        raise ValueError(f"stage = {seen!r}: expected one of {', '.join(stages)}")
    stretch = warmth / stages[seen]
    if not LEAST_STRETCH <= stretch <= MOST_STRETCH:
        raise ValueError(
            f"{seen} is expected at {stages[seen]:.0f} °C·day and was reported at {warmth:.0f}; check the planting date, or report again"
        )
    return {name: mark * stretch for name, mark in stages.items()}


def sterile_days(maxima: Sequence[float | None], first: int, last: int) -> int:
    """Days from ``first`` to ``last`` (counted from 0) on which heat makes rice spikelets sterile; a day without reading counts as none."""
    return sum(1 for t in maxima[max(0, first) : last + 1] if t is not None and t >= STERILE_FROM)
