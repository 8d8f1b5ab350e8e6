"""Sensors that do not move."""

from __future__ import annotations

from collections import deque

from kampung_contract.limits import Rest
from kampung_contract.pack import FAIL, GOOD, SUSPECT

SPARSE = 4
"""Stillness is judged by at least so many readings in its time; a longer silence is no evidence of it."""
MOST = 1_000
"""Values that are remembered of a rest. A sensor with more between two limits so near one another is noise, and judged by the newest."""

Entry = list[float]
"""Time, value, and the time of the reading that came next; all of a reading that is the lowest, or the highest, since."""


class StillCheck:
    """A sensor that has not moved for too long: how long all of the newest readings lie nearer together than the least movement.

    Holds of these the lowest and highest since when, which are few: no more than there are different values so near one another.
    """

    def __init__(self, setting: Rest) -> None:
        self._setting = setting
        self._span, self._broken = 1000 * setting.seconds, 1000 * (setting.fail or float("inf"))
        self._gap = 1000 * setting.seconds / SPARSE
        self._lows: deque[Entry] = deque()
        self._highs: deque[Entry] = deque()
        self._begun = self._last = 0.0

    def flag(self, t: int, value: float) -> int:
        """Good, suspect or failed; called for each reading within its range, in the order in which they come."""
        lows, highs, setting = self._lows, self._highs, self._setting
        if not lows or not 0 <= t - self._last <= self._gap:
            self._lows, self._highs = deque([[t, value, t]]), deque([[t, value, t]])
            self._begun = self._last = t
            return GOOD
        self._last = lows[-1][2] = highs[-1][2] = t
        while lows and lows[-1][1] >= value:
            lows.pop()
        while highs and highs[-1][1] <= value:
            highs.pop()
        lows.append([t, value, t])
        highs.append([t, value, t])
        while round(highs[0][1] - lows[0][1], 9) >= setting.change or len(lows) > MOST or len(highs) > MOST:
            # Of one time, the one that is not alone: the newest reading is the last of both and stays.
            older = lows if (lows[0][0], -len(lows)) < (highs[0][0], -len(highs)) else highs
            self._begun = older.popleft()[2]
        rested = t - self._begun
        if rested < self._span or (setting.but is not None and setting.but[0] <= lows[0][1] and highs[0][1] <= setting.but[1]):
            return GOOD
        return FAIL if rested >= self._broken else SUSPECT

    def suspect(self, t: int, value: float) -> bool:
        """Whether it has rested too long."""
        return self.flag(t, value) != GOOD
