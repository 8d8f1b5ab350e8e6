"""How often somebody may do something. Kept in memory: a restart forgives."""

from __future__ import annotations

import threading
from collections import deque

from kampung_contract.errors import KampungError

MOST_NAMES = 10_000
"""Then the oldest half is forgotten, so that many names cost no memory."""


class TooOften(KampungError):
    """Come again later."""

    code = "too_often"


class Pace:
    """At most ``most`` times in ``span`` ms for each name; used by any thread."""

    def __init__(self, most: int, span: int) -> None:
        self._most, self._span = most, span
        self._lock = threading.Lock()
        self._times: dict[str, deque[int]] = {}

    def check(self, name: str, now: int, what: str) -> None:
        """Raises ``TooOften`` when ``name`` has used up its times; ``now`` in ms UTC."""
        with self._lock:
            times = self._recent(name, now)
            if len(times) >= self._most:
                minutes = max(1, -(-(times[0] + self._span - now) // 60_000))
                raise TooOften(f"{what}: more than {self._most} in {self._span // 60_000} minutes; try again in {minutes} minutes")

    def count(self, name: str, now: int) -> None:
        """One more time."""
        with self._lock:
            if name not in self._times and len(self._times) >= MOST_NAMES:
                for old in list(self._times)[: MOST_NAMES // 2]:
                    del self._times[old]
            self._times[name] = self._recent(name, now)
            self._times[name].append(now)

    def take(self, name: str, now: int, what: str) -> None:
        """Check, then count. Raises ``TooOften``."""
        self.check(name, now, what)
        self.count(name, now)

    def _recent(self, name: str, now: int) -> deque[int]:
        times = self._times.get(name, deque())
        while times and times[0] <= now - self._span:
            times.popleft()
        return times
