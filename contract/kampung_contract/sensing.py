"""What one sensor says to one condition: beyond, between or inside."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from kampung_contract.conditions import Band, Leaf, Reach, Rise, Threshold, duration
from kampung_contract.pack import SUSPECT

BEYOND, BETWEEN, INSIDE = 1, 0, -1


class Sense:
    """One sensor under one condition. Readings come in order of time; failed and missing ones never."""

    __slots__ = ("_judge", "_raw", "_recent", "_span", "_suspect", "side", "t")

    def __init__(self, leaf: Leaf, suspect: str) -> None:
        self._judge = _judge(leaf)
        self._span = leaf.span_ms
        self._recent: deque[tuple[int, float]] = deque()
        self._suspect = suspect
        self._raw = BETWEEN
        self.side = BETWEEN
        """What it says since its last reading."""
        self.t = 0
        """When that was, ms UTC; 0 before the first."""

    def hear(self, t: int, value: float, flag: int, fresh: int) -> None:
        """A reading. One before it that lies further back than ``fresh`` ms confirms nothing."""
        if flag == SUSPECT and self._suspect == "never":
            return  # as if it were not there, for rates as well
        recent = self._recent
        if self._span:
            recent.append((t, value))
            while recent[0][0] < t - self._span:
                recent.popleft()
        raw = self._judge(t, value, recent)
        if self._span and flag == SUSPECT and self._suspect != "counts":
            recent.pop()  # it is judged by others and others never by it: the way back from a typing error is no rise
        confirmed = flag != SUSPECT or self._suspect == "counts" or (raw == self._raw and t - self.t <= fresh)
        self.side = raw if confirmed else BETWEEN
        self._raw, self.t = raw, t

    def kept(self) -> list[Any]:
        """What it has to remember, as JSON."""
        return [self.t, self.side, self._raw, [list(point) for point in self._recent]]

    def remember(self, kept: list[Any]) -> None:
        """What ``kept`` gave."""
        self.t, self.side, self._raw, recent = kept
        self._recent = deque((t, value) for t, value in recent)


Judge = Callable[[int, float, "deque[tuple[int, float]]"], int]


def _judge(leaf: Leaf) -> Judge:
    """The condition as a function of a reading and those within its span, itself the last."""
    match leaf:
        case Threshold():
            sign = 1 if leaf.rising else -1
            threshold, clear = sign * leaf.threshold, sign * leaf.clear

            def by_mark(_t: int, value: float, _recent: deque[tuple[int, float]]) -> int:
                value *= sign
                return BEYOND if value >= threshold else INSIDE if value <= clear else BETWEEN

            return by_mark
        case Band():
            low, high, deadband = leaf.low, leaf.high, leaf.deadband

            def by_band(_t: int, value: float, _recent: deque[tuple[int, float]]) -> int:
                if value < low or value > high:
                    return BEYOND
                return INSIDE if low + deadband <= value <= high - deadband else BETWEEN

            return by_band
        case Rise():
            sign = 1 if leaf.rising else -1
            change, calm = sign * leaf.change, sign * leaf.clear

            def by_change(_t: int, value: float, recent: deque[tuple[int, float]]) -> int:
                if len(recent) < 2:
                    return BETWEEN
                moved = sign * value - _lowest([sign * v for _, v in recent], change)
                return BEYOND if _at_least(moved, change) else INSIDE if moved <= calm else BETWEEN

            return by_change
        case Reach():
            sign = 1 if leaf.rising else -1
            level, within, calm = leaf.level, duration(leaf.within), duration(leaf.clear)

            def by_arrival(t: int, value: float, recent: deque[tuple[int, float]]) -> int:
                left = sign * (level - value)
                if left <= 0:
                    return BEYOND
                begun, before = recent[0]
                if len(recent) < 2 or t == begun:
                    return BETWEEN
                moved = sign * (value - before)
                if moved <= 0:
                    return INSIDE
                arrival = left * (t - begun) / moved
                return BEYOND if arrival <= within else INSIDE if arrival > calm else BETWEEN

            return by_arrival
    raise TypeError(f"{type(leaf).__name__} is no condition of a reading")


def _lowest(values: list[float], change: float) -> float:
    """The lowest of ``values``; not one that lies ``change`` or more below both its neighbours: a lone dip begins no rise."""
    lowest = min(values)
    at = values.index(lowest)
    if 0 < at < len(values) - 1 and _at_least(values[at - 1] - lowest, change) and _at_least(values[at + 1] - lowest, change):
        return min(v for i, v in enumerate(values) if i != at)
    return lowest


def _at_least(value: float, limit: float) -> bool:
    """Whether ``value`` is ``limit`` or more; differences of decimal numbers are a hair off."""
    return value >= limit - 1e-9 * abs(limit)
