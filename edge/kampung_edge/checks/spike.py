"""Spikes: readings that stand alone."""

from __future__ import annotations

from typing import NamedTuple

from kampung_contract.limits import Spike
from kampung_contract.pack import FAIL, GOOD, NOT_EVALUATED, SUSPECT

from kampung_edge.checks.rate import Moment


class Verdict(NamedTuple):
    """``flag`` of the reading that has just come; of the one ``before`` it, what was ``said`` then and the ``verdict`` now."""

    flag: int
    before: Moment | None = None
    said: int = GOOD
    verdict: int = NOT_EVALUATED


class SpikeCheck:
    """QARTOD's spike test in its differential form: the nearer of both neighbours counts, and only when both lie on one side.

    A reading's neighbour comes after it, and alarms cannot wait for that: a reading that has left the last believed one is doubted when it
    comes, and by the next one it is known whether it was a spike. So a spike is suspect from the beginning, the reading after it is not,
    and a true step costs one reading.
    """

    def __init__(self, setting: Spike) -> None:
        self._suspect, self._fail = setting.suspect, setting.fail or float("inf")
        self._within = round(1000 * setting.within)
        self._first: Moment | None = None
        self._middle: Moment | None = None
        self._believed: Moment | None = None
        self._said = GOOD

    def hear(self, t: int, value: float) -> Verdict:
        """Called for each reading within its range, in the order in which they come."""
        new = (t, value)
        first, middle = self._first, self._middle
        verdict = self._verdict(first, middle, new)
        doubt = self._far(middle, new) and self._far(self._believed, new)
        self._first, self._middle = middle, new
        if not doubt:
            self._believed = new
        said, self._said = self._said, SUSPECT if doubt else GOOD
        return Verdict(self._said, middle, said, verdict)

    def _verdict(self, first: Moment | None, middle: Moment | None, last: Moment) -> int:
        """Of the middle one, once both neighbours are known: good, suspect or failed."""
        if first is None or middle is None or not self._near(first, middle) or not self._near(middle, last):
            return NOT_EVALUATED
        up, down = middle[1] - first[1], last[1] - middle[1]
        if up * down >= 0:
            return GOOD
        height = round(min(abs(up), abs(down)), 9)
        return FAIL if height > self._fail else SUSPECT if height > self._suspect else GOOD

    def _near(self, one: Moment, other: Moment) -> bool:
        return 0 <= other[0] - one[0] <= self._within

    def _far(self, other: Moment | None, new: Moment) -> bool:
        return other is not None and self._near(other, new) and round(abs(new[1] - other[1]), 9) > self._suspect
