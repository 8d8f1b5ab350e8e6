"""Whether a tree has grown between two visits, and whether it can have: clauses (e) and (f) of the rule."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_cloud.modules.trees.observing import UNITS, Kind, Measure, Observation
from kampung_cloud.modules.trees.thresholds import DAY_MS, Thresholds

YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Growth:
    """Of one kind of measure, in its own unit: how much it ``grew``, and how much is ``needed`` to be beyond doubt."""

    kind: Kind
    grew: float
    needed: float

    @property
    def enough(self) -> bool:
        """Whether that is growth. A hair of rounding is none of the tree's."""
        return self.grew >= self.needed - 1e-9


def grown(first: Measure, second: Measure, by: Thresholds) -> Growth:
    """Clause (e): at least the least growth of that kind, and twice the error of the worse of the two measurements."""
    least = {"height": by.height_growth, "collar": by.collar_growth, "dbh": by.dbh_growth}[first.kind]
    return Growth(first.kind, second.value - first.value, max(least, by.error_factor * max(first.error, second.error)))


def growths(first: Observation, second: Observation, by: Thresholds) -> list[Growth]:
    """Of all that was measured both times."""
    pairs = [(first.measured(kind), second.measured(kind)) for kind in UNITS]
    return [grown(a, b, by) for a, b in pairs if a is not None and b is not None]


def shrunk(first: Measure, second: Measure) -> bool:
    """Clause (f): less than before by more than the error of the worse measurement."""
    return first.value - second.value > max(first.error, second.error) + 1e-9


def fastest(first: Measure, second: Measure, apart_ms: int, by: Thresholds) -> float | None:
    """Clause (f): the most metres that a height can have grown in the time, errors allowed for; None for other measures, which no
    source limits."""
    if first.kind != "height":
        return None
    years = max(apart_ms, 0) / DAY_MS / YEAR_DAYS
    return by.fastest_height * years + max(first.error, second.error)
