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


SETTLING = 0.25
"""The share of a rehearsal's seconds that its last `settle_ms` take."""


class RehearsalClock:
    """Runs evenly from `start_ms` and meets the true present `seconds` after `begun_at_ms`; from then on it is the system clock.

    The last `settle_ms` of the time it runs through take a quarter of the `seconds` (when that is slower than evenly): what has just
    been is rehearsed with care, so that a machine that halts for a moment loses none of it. `begun_at_ms` is true time and may be handed
    to several processes, whose clocks then agree. `wall_ns` is the true time, for tests.
    """

    def __init__(self, start_ms: int, seconds: float, begun_at_ms: int, wall_ns: Callable[[], int] = _wall_ns, settle_ms: int = 0) -> None:
        self._end = begun_at_ms + round(seconds * 1000)
        if seconds < 0 or start_ms > self._end or settle_ms < 0:
            text = f"a rehearsal from {start_ms} ms that lasts {seconds} s and settles for {settle_ms} ms would run backwards"
            raise ValueError(f"{text}; use an earlier start")
        span, lasts = self._end - start_ms, self._end - begun_at_ms
        settles = 0 < settle_ms < span * SETTLING
        turn = lasts * (1 - SETTLING if settles else 1), span - (settle_ms if settles else 0)
        self._true = (begun_at_ms, begun_at_ms + turn[0], self._end)
        self._told = (start_ms, start_ms + turn[1], self._end)
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
        return wall // 1_000_000 if wall // 1_000_000 >= self._end else int(_along(wall / 1e6, self._true, self._told))

    def wait_until(self, at_ms: int, stop: threading.Event, limit: float = math.inf) -> bool:
        wall = self._wall_ns() / 1e6
        until = float(at_ms) if wall >= self._end else _along(min(at_ms, self._end), self._told, self._true)
        seconds = min((until - wall) / 1000, limit, threading.TIMEOUT_MAX)
        return stop.wait(seconds) if seconds > 0 else stop.is_set()


def _along(at: float, of: tuple[float, float, float], to: tuple[float, float, float]) -> float:
    """Where `at` lies on the line through the three points (`of`, `to`); before the first it is the first."""
    one = 0 if at < of[1] else 1
    length = of[one + 1] - of[one]
    share = (max(at, of[0]) - of[one]) / length if length else 0.0
    return to[one] + share * (to[one + 1] - to[one])
