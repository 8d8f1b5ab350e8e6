"""Rain that triggers landslides: the gravest of several rules, each as the ratio of what fell to what warns. Pure.

Sources: Caine 1980, ``I = 14.82 D^-0.39`` (I in mm/h, D in hours); the Indonesian early warning of Balai Sabo, 61 mm in a day and 91 mm in
three (as reported in a thesis of Universitas Indonesia); Grindulu, East Java: 40 mm in three days after 320 mm in the fifteen before.
Grindulu's line ``P3 = 0.4675 P15 - 46.9`` is a regression through events (R² 0.58): below 100 mm it is negative, so that any rain would
warn; it is shown beside, and judges nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CAINE_A, CAINE_B = 14.82, -0.39
DURATIONS = (1, 3, 6, 12, 24, 72)
"""Hours that Caine's curve is asked for."""
DAY_MM, THREE_DAYS_MM = 61.0, 91.0
GRINDULU_3, GRINDULU_15 = 40.0, 320.0
LINE_A, LINE_B = 0.4675, -46.9
WATCH = 0.8
BEFORE_H, WITHIN_H = 15 * 24, 3 * 24
SOURCE = "Caine 1980; LEWS Balai Sabo 61 mm/1 hari dan 91 mm/3 hari; Grindulu 40 mm/3 hari sesudah 320 mm/15 hari (docs/sources.md)"


@dataclass(frozen=True, slots=True)
class Term:
    """One rule: ``fell`` mm against ``warns`` mm; ``ratio`` of both."""

    rule: str
    fell: float
    warns: float

    @property
    def ratio(self) -> float:
        """1 and more warns."""
        return self.fell / self.warns


@dataclass(frozen=True, slots=True)
class Danger:
    """``index`` is the greatest ratio. ``line``: P3 on Grindulu's line for the same P15, where that is more than nothing."""

    terms: tuple[Term, ...]
    line: float | None = None

    @property
    def index(self) -> float:
        """0 where nothing is known."""
        return max((term.ratio for term in self.terms), default=0.0)

    @property
    def gravest(self) -> Term | None:
        """What the index is by."""
        return max(self.terms, key=lambda term: term.ratio, default=None)

    @property
    def severity(self) -> int:
        """0, 1 from eight tenths, 2 from one: that people must go is decided by people on the spot."""
        index = self.index + 1e-9  # sums of tips are a hair off
        return 2 if index >= 1 else 1 if index >= WATCH else 0


def caine(duration_h: float) -> float:
    """mm/h that trigger after ``duration_h`` hours; Caine's data reach from ten minutes to 500 hours."""
    return CAINE_A * math.pow(duration_h, CAINE_B)


def grindulu(three: float, before: float) -> Term:
    """Both must be: the ratio is the smaller of the two."""
    if three / GRINDULU_3 <= before / GRINDULU_15:
        return Term("grindulu", three, GRINDULU_3)
    return Term("grindulu", before, GRINDULU_15)


def line(before: float) -> float | None:
    """P3 (mm) on Grindulu's line."""
    found = LINE_A * before + LINE_B
    return found if found > 0 else None


def of_hours(hours: Sequence[float]) -> Danger:
    """By the rain of each hour, the newest last; up to eighteen days of them. Hours of which nothing is known are 0."""
    terms = [Term(f"caine-{d}h", sum(hours[-d:]), caine(d) * d) for d in DURATIONS if len(hours) >= d]
    if len(hours) >= 24:
        terms.append(Term("lews-1d", sum(hours[-24:]), DAY_MM))
    if len(hours) >= WITHIN_H:
        three = sum(hours[-WITHIN_H:])
        terms.append(Term("lews-3d", three, THREE_DAYS_MM))
    before = None
    if len(hours) >= WITHIN_H + BEFORE_H:
        before = sum(hours[-(WITHIN_H + BEFORE_H) : -WITHIN_H])
        terms.append(grindulu(sum(hours[-WITHIN_H:]), before))
    return Danger(tuple(terms), None if before is None else line(before))
