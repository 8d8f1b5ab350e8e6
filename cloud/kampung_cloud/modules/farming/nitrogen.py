"""Urea by the leaf colour chart (bagan warna daun). Never from an NPK probe: such probes measure conductivity and infer the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SCALE = 4.0
"""Leaves below it are too pale; 3 where seed was sown directly (IRRI; mark K)."""
DIRECT_SCALE = 3.0
LEAVES = 10
BEFORE = 14
"""First urea before 14 days after transplanting, without a chart (mark K)."""
FROM = 25
"""Chart from 25 to 28 days after transplanting, every 7 to 10 days until booting (mark K)."""
TARGETS = (5, 6, 7, 8)
"""t/ha."""
UREA: tuple[tuple[float, tuple[int, int, int, int]], ...] = ((3.0, (75, 100, 125, 150)), (3.5, (50, 75, 100, 125)), (99.0, (0, 50, 50, 50)))
"""kg/ha by chart up to and by target."""
SOURCE = "Kementerian Pertanian, petunjuk teknis BWD; IRRI leaf colour chart"
WHY_NO_PROBE = "an NPK probe measures conductivity and infers N, P and K from it; leaves show what the crop got"


@dataclass(frozen=True, slots=True)
class Topdressing:
    """``urea`` in kg/ha now (0: none), ``mean`` of the leaves, how many of them are ``pale``; ``why`` in words."""

    urea: int
    mean: float
    pale: int
    due: bool
    why: str


def topdressing(readings: Sequence[float], age: int, target: int, *, direct: bool = False, booting: int | None = None) -> Topdressing:
    """Advice from ten leaf readings (scale 2 to 5) ``age`` days after transplanting for a ``target`` of t/ha.

    Raises ``ValueError`` for fewer or more leaves, a reading off the chart, or a target that the table has not.
    """
    if len(readings) != LEAVES:
        raise ValueError(f"readings: {len(readings)} leaves; take the youngest fully open leaf of {LEAVES} hills across the field")
    odd = [r for r in readings if not 1 <= r <= 6]
    if odd:
        raise ValueError(f"readings: {odd[0]} is not on the chart, which runs from 2 to 5; half steps are good")
    if target not in TARGETS:
        raise ValueError(f"target = {target} t/ha: the table has {', '.join(map(str, TARGETS))}")
    mean, scale = sum(readings) / LEAVES, DIRECT_SCALE if direct else SCALE
    pale = sum(1 for r in readings if r < scale)
    if age < FROM:
        return Topdressing(0, mean, pale, due=False, why=f"too early: the chart is read from {FROM} days after transplanting")
    if booting is not None and age > booting:
        return Topdressing(0, mean, pale, due=False, why="too late: after booting nitrogen makes straw and disease, not grain")
    if pale * 2 <= LEAVES:
        return Topdressing(0, mean, pale, due=True, why=f"{pale} of {LEAVES} leaves are paler than {scale:g}: the crop has enough")
    urea = next(row[TARGETS.index(target)] for upto, row in UREA if mean <= upto or upto > 90)
    return Topdressing(urea, mean, pale, due=True, why=f"{pale} of {LEAVES} leaves are paler than {scale:g}, on average {mean:.1f}")
