"""The clock readings are stamped with and polls are kept on: the true one, or a rehearsal's."""

import math
import threading
import time
from collections.abc import Callable
from typing import Protocol


def _wall_ns() -> int:
    return time.time_ns()


class SampleClock(Protocol):
    """Milliseconds UTC since 1970. Safe to use from many threads."""

    @property
    def rehearsing(self) -> bool:
        """True while time runs faster than it does; pollers then use their `rehearsal_every`."""

    def now_ms(self) -> int: ...

    def wait_until(self, at_ms: int, stop: threading.Event, limit: float = math.inf) -> bool:
        """Wait until `at_ms` on this clock, but at most `limit` seconds of true time; returns `stop.is_set()`.

        May return early (a rehearsal ends, the clock was set): the caller looks at `now_ms` again.
        """


class SystemClock:
    """The machine's own clock."""

    rehearsing = False

    def now_ms(self) -> int:
        return _wall_ns() // 1_000_000

    def wait_until(self, at_ms: int, stop: threading.Event, limit: float = math.inf) -> bool:
        seconds = min((at_ms - self.now_ms()) / 1000, limit, threading.TIMEOUT_MAX)
        return stop.wait(seconds) if seconds > 0 else stop.is_set()


class RehearsalClock:
    """Runs evenly from `start_ms` and meets the true present `seconds` after `begun_at_ms`; from then on it is the system clock.

    `begun_at_ms` is true time and may be handed to several processes, whose clocks then agree. `wall_ns` is the true time, for tests.
    """

    def __init__(self, start_ms: int, seconds: float, begun_at_ms: int, wall_ns: Callable[[], int] = _wall_ns) -> None:
        self._start = start_ms
        self._begun = begun_at_ms
        self._end = begun_at_ms + round(seconds * 1000)
        if seconds < 0 or start_ms > self._end:
            text = f"a rehearsal from {start_ms} ms that lasts {seconds} s would run backwards; use an earlier start"
            raise ValueError(text)
        self._pace = (self._end - start_ms) / (self._end - begun_at_ms) if self._end > begun_at_ms else 1.0
        self._wall_ns = wall_ns

    @property
    def rehearsing(self) -> bool:
        return self._wall_ns() // 1_000_000 < self._end

    @property
    def ends_at_ms(self) -> int:
        """The true time at which this clock becomes the system clock."""
        return self._end

    def now_ms(self) -> int:
        wall = self._wall_ns()
        if wall // 1_000_000 >= self._end:
            return wall // 1_000_000
        return self._start + max(0, int((wall / 1e6 - self._begun) * self._pace))

    def wait_until(self, at_ms: int, stop: threading.Event, limit: float = math.inf) -> bool:
        wall = self._wall_ns() / 1e6
        until = float(at_ms) if wall >= self._end else min(self._begun + (at_ms - self._start) / self._pace, self._end)
        seconds = min((until - wall) / 1000, limit, threading.TIMEOUT_MAX)
        return stop.wait(seconds) if seconds > 0 else stop.is_set()
