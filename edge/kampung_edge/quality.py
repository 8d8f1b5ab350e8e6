"""Quality control at the source: range, rate of change, stillness. A reading gets a flag beside it and is never dropped.

Flags and tests are QARTOD's; numbers come from the catalogue of quantities, or from the edge's file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kampung_contract.pack import FAIL, GOOD, MISSING, NOT_EVALUATED, SUSPECT
from kampung_contract.quantities import quantity

from kampung_edge.check_setting import CheckSetting, StillSetting

NEIGHBOUR = 1.5
"""Two readings are neighbours for a limit over some seconds when they lie less than this many times so far apart: nearer than the next
but one of a series of that step. Further apart, a longer limit is taken, or none."""
SPARSE = 4
"""Stillness is judged by at least so many readings in its time; a longer silence is no evidence of it."""

Moment = tuple[int, float]
"""Milliseconds UTC and a value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is checked of a series; ``known`` is false where neither catalogue nor file gives a range."""

    known: bool
    low: float = 0.0
    high: float = 0.0
    rate: tuple[tuple[float, float], ...] = ()
    still: StillSetting | None = None


def limits(name: str, own: CheckSetting | None = None) -> Limits:
    """Of a quantity; ``own`` is what the edge's file says of the device's."""
    known, own = quantity(name), own or CheckSetting()
    span = own.range or ((known.low, known.high) if known else None)
    rate = own.rate
    if rate is None:
        rate = known.rate.steps if known and known.rate else ()
    still = own.still
    if still is None and known and known.still:
        still = StillSetting(seconds=known.still.seconds, change=known.still.change, but=known.still.but)
    return Limits(span is not None, *(span or (0.0, 0.0)), rate, still or None)


class RateCheck:
    """A value is suspect when it is too far from the last believed one *and* from the one just before it.

    So a spike costs itself and not its neighbours, and a true step costs one reading: the next ones stand by it.
    """

    def __init__(self, steps: tuple[tuple[float, float], ...]) -> None:
        self._steps = steps
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
        change = next((change for seconds, change in self._steps if t - other[0] < NEIGHBOUR * 1000 * seconds), None)
        return change is not None and round(abs(value - other[1]), 9) > change


class StillCheck:
    """A sensor that has not moved for too long. Counts from the last movement it can be sure of, so it may be late and is never early."""

    def __init__(self, setting: StillSetting) -> None:
        self._setting = setting
        self._begun = self._last = 0
        self._low = self._high = 0.0
        self._running = False

    def suspect(self, t: int, value: float) -> bool:
        """Called for each reading within its range, in the order in which they come."""
        setting = self._setting
        low, high = min(self._low, value), max(self._high, value)
        gap = not 0 <= t - self._last <= 1000 * setting.seconds / SPARSE
        self._last = t
        if not self._running or gap or round(high - low, 9) >= setting.change:
            self._begun, self._low, self._high, self._running = t, value, value, True
            return False
        self._low, self._high = low, high
        if setting.but is not None and setting.but[0] <= low and high <= setting.but[1]:
            return False
        return t - self._begun >= 1000 * setting.seconds


class Quality:
    """Keeps what its checks have to remember, by series. A series is judged by one thread at a time."""

    def __init__(self, settings: Mapping[str, Mapping[str, CheckSetting]] | None = None) -> None:
        """``settings`` by device and quantity."""
        self._settings = settings or {}
        self._series: dict[tuple[str, str], tuple[Limits, RateCheck | None, StillCheck | None]] = {}
        self.flagged: Counter[str] = Counter()
        """How often each of ``range``, ``rate`` and ``still`` has spoken since the start."""

    def judge(self, device: str, name: str, point: Moment, flag: int) -> int:
        """The flag of a reading; ``flag`` is the device's own judgement, which is never made better."""
        t, value = point
        found = self._series.get((device, name))
        if found is None:
            of = limits(name, self._settings.get(device, {}).get(name))
            found = self._series[device, name] = (of, RateCheck(of.rate) if of.rate else None, StillCheck(of.still) if of.still else None)
        of, rate, still = found
        if flag in (FAIL, MISSING):
            return flag
        if of.known and not of.low <= value <= of.high:
            self.flagged["range"] += 1
            return FAIL
        doubt = False
        for kind, check in (("rate", rate), ("still", still)):
            if check is not None and check.suspect(t, value):
                self.flagged[kind] += 1
                doubt = True
        if doubt:
            return max(flag, SUSPECT)
        return NOT_EVALUATED if flag == GOOD and not of.known else flag
