"""What of the answers is told, so that nobody's own can be worked out from it. Pure.

The smallest thing that is told is a *cell*: a village, a quarter that is over, a service, with at least ``LEAST`` respondents. Services
with fewer are put together into one cell of the quarter, which has to have as many, or is left out. Every total is a sum of cells that are
told themselves, so subtracting one figure from another never shows what was left out; and a quarter that runs is not told, so neither
does looking again tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kampung_cloud.modules.feedback.skm import ELEMENTS, Satisfaction, satisfaction

LEAST = 5
"""Respondents in a cell; proposal of the project: of fewer, who knows the others' answers soon knows the last one's."""
REST = ""
"""In place of a service: those that had too few respondents each, put together."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``sums`` of the nine elements' scores over ``n`` respondents; ``quarter`` as ``2026-Q3``."""

    village: str
    quarter: str
    service: str
    n: int
    sums: tuple[int, ...]

    @property
    def result(self) -> Satisfaction:
        """Index and grade."""
        return satisfaction(self.sums, self.n)


def told(cells: Iterable[Cell], running: str, least: int = LEAST) -> list[Cell]:
    """Those that may be told, of quarters before ``running``; one cell for each village, quarter and service comes in."""
    out, rest = [], dict[tuple[str, str], Cell]()
    for cell in cells:
        if cell.quarter >= running:
            continue
        if cell.n >= least:
            out.append(cell)
            continue
        key = (cell.village, cell.quarter)
        rest[key] = added(rest[key], cell) if key in rest else replace(cell, service=REST)
    return sorted([*out, *(c for c in rest.values() if c.n >= least)], key=lambda c: (c.quarter, c.village, c.service == REST, c.service))


def added(one: Cell, other: Cell) -> Cell:
    """Both together, under the first one's names."""
    return replace(one, n=one.n + other.n, sums=tuple(a + b for a, b in zip(one.sums, other.sums, strict=True)))


def together(cells: Iterable[Cell]) -> Cell | None:
    """The sum of them, None of none."""
    total: Cell | None = None
    for cell in cells:
        total = cell if total is None else added(total, cell)
    return total


def lowest(cell: Cell) -> str:
    """The element with the lowest mean, the first of equals: where a village begins to mend."""
    return ELEMENTS[min(range(len(ELEMENTS)), key=lambda at: cell.sums[at])]
