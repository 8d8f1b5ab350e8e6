"""What happens when: events in the order of village time, and a clock that stands still between them."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from pathlib import Path

from kampung_sim.chaos.wallclock import Pace, WallClock

Do = Callable[[], None]


class StandingClock:
    """The wall clock of the programs under ``env``: it stands at a time (ms UTC) until it is set to another."""

    def __init__(self, folder: Path, start: int) -> None:
        """Raises ``ConfigurationError`` where there is no compiler."""
        self._start = start
        up = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        self._clock = WallClock(folder, Pace(0, time.time_ns() // 1_000_000, start, up))
        self.env = self._clock.env

    def set(self, at: int) -> None:
        """Now it is ``at``."""
        self._clock.jump(at - self._start)


class Agenda:
    """Events by time (ms UTC); those of one moment in the order in which they were written down."""

    def __init__(self, start: int, clock: Callable[[int], None]) -> None:
        self.now = start
        self._clock = clock
        self._events: list[tuple[int, int, Do]] = []
        self._count = itertools.count()

    def at(self, when: float, do: Do) -> None:
        """Write it down; what lies in the past happens now."""
        heapq.heappush(self._events, (max(round(when), self.now), next(self._count), do))

    def run(self, until: int, told: Callable[[int], None] = lambda _now: None) -> None:
        """Everything before ``until``, the clock set to each event's time before it happens."""
        while self._events and self._events[0][0] < until:
            at, _, do = heapq.heappop(self._events)
            if at != self.now:
                self.now = at
                self._clock(at)
                told(at)
            do()
        self.now = until
        self._clock(until)
