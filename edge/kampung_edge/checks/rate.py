"""Rate of change."""

from __future__ import annotations

NEIGHBOUR = 1.5
"""Two readings are neighbours for a limit over some seconds when they lie less than this many times so far apart: nearer than the next
but one of a series of that step. Further apart, a longer limit is taken, or none."""

Moment = tuple[int, float]
"""Milliseconds UTC and a value."""


class RateCheck:
    """A value is suspect when it is too far from the last believed one *and* from the one just before it.

    So a spike costs itself and not its neighbours, and a true step costs one reading: the next ones stand by it.
    """

    def __init__(self, steps: tuple[tuple[float, float], ...]) -> None:
        self._steps = tuple((NEIGHBOUR * 1000 * seconds, change) for seconds, change in steps)
        self._believed: Moment | None = None
        self._before: Moment | None = None

    def suspect(self, t: int, value: float) -> bool:
        """Called for each reading within its range, in the order in which they come."""
        doubt = self._far(self._believed, t, value) and self._far(self._before, t, value)
        self._before = (t, value)
        if not doubt:
            self._believed = self._before
        return doubt

    def _far(self, other: Moment | None, t: int, value: float) -> bool:
        """Never over a long gap, nor when the clock was set back in between: nothing is known of that."""
        if other is None or t < other[0]:
            return False
        passed = t - other[0]
        for span, change in self._steps:
            if passed < span:
                return round(abs(value - other[1]), 9) > change
        return False
