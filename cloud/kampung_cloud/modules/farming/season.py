"""When the wet season begins: three dasarian of at least 50 mm each, one after the other (BMKG)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WET_MM = 50.0
IN_A_ROW = 3
MOST_MISSING = 2
"""Days of a dasarian that may lack a reading; with more, it says nothing (invariant: missing is not resolved)."""
SOURCE = "BMKG, awal musim hujan: curah hujan satu dasarian ≥ 50 mm diikuti dua dasarian berikutnya"


@dataclass(frozen=True, slots=True)
class Dasarian:
    """A third of a month: ``mm`` of the days with a reading, ``missing`` days of ``days``."""

    first: date
    days: int
    mm: float
    missing: int

    @property
    def wet(self) -> bool | None:
        """Whether 50 mm fell; None when too many days are missing to say no. What fell is enough even so."""
        if self.mm >= WET_MM:
            return True
        return None if self.missing > MOST_MISSING else False


def dasarian_of(day: date) -> tuple[date, int]:
    """First day of the dasarian and its length: 1 to 10, 11 to 20, 21 to the month's end."""
    first = day.replace(day=1 if day.day <= 10 else 11 if day.day <= 20 else 21)
    if first.day < 21:
        return first, 10
    after = (first.replace(day=28) + timedelta(4)).replace(day=1)
    return first, (after - first).days


def sums(rain: Mapping[date, float], start: date, stop: date) -> list[Dasarian]:
    """Whole dasarian from ``start`` to before ``stop``. Raises ``ValueError`` for negative rain."""
    out: list[Dasarian] = []
    first, length = dasarian_of(start)
    if first < start:
        first, length = dasarian_of(first + timedelta(length))
    while first + timedelta(length) <= stop:
        days = [first + timedelta(n) for n in range(length)]
        found = [rain[d] for d in days if d in rain]
        if any(mm < 0 for mm in found):
            raise ValueError(f"rain = {min(found)} mm from {first}: rain is never negative; check the gauge")
        out.append(Dasarian(first, length, sum(found), length - len(found)))
        first, length = dasarian_of(first + timedelta(length))
    return out


def onset(dasarian: Iterable[Dasarian]) -> date | None:
    """First day of the first of three wet dasarian, or None."""
    row: list[Dasarian] = []
    for each in dasarian:
        row = [*row, each] if each.wet else []
        if len(row) == IN_A_ROW:
            return row[0].first
    return None
