"""What goes wrong on a day: drawn by a seed, the same for every office of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from kampung_sim.day.figures import Figures, Trouble
from kampung_sim.day.hours import MINUTE, spans

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Troubles:
    """Spans (ms UTC) in which the kiosk has no link, nobody has power, and the head of the village is away."""

    link: tuple[Span, ...] = ()
    power: tuple[Span, ...] = ()
    away: tuple[Span, ...] = ()

    def and_(self, other: Troubles) -> Troubles:
        """Both."""
        return Troubles(self.link + other.link, self.power + other.power, self.away + other.away)


def within(at: int, those: tuple[Span, ...]) -> int | None:
    """When the span ends in which ``at`` lies."""
    return next((b for a, b in those if a <= at < b), None)


def of_day(seed: str, figures: Figures, day: date) -> Troubles:
    """Each begins at any moment at which the office is open."""
    dice = Random(f"{seed}/{day}/troubles")
    return Troubles(*(_drawn(dice, of, day) for of in (figures.link_cut, figures.power_cut, figures.away)))


def _drawn(dice: Random, of: Trouble, day: date) -> tuple[Span, ...]:
    comes, where = dice.random() < of.chance, dice.random()
    opens = spans(day)
    if not comes or not opens:
        return ()
    at = opens[0][0] + round(where * (opens[-1][1] - opens[0][0]))
    return ((at, at + round(of.minutes * MINUTE)),)
