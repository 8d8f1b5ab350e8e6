"""How often something that is known by heart may be tried: so many wrong ones from one, and from all together, within a while.

For words and codes that are too long to be found out in that time. A PIN is not: there each failure counts on the disk
(``identity.attempts``).
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class Limit(NamedTuple):
    """``most`` wrong ones within ``seconds``."""

    most: int
    seconds: float


class WrongTries:
    """In memory: a restart forgets them, and takes longer than they would have to wait. Called by the kiosk's threads."""

    def __init__(self, one: Limit, everybody: Limit, now: Callable[[], float] = time.monotonic) -> None:
        """``now`` in seconds on a clock that nobody sets: a wrong time of day locks nobody out, and lets nobody in."""
        self._one, self._all, self._now = one, everybody, now
        self._lock = threading.Lock()
        self._wrong: deque[tuple[float, str]] = deque()

    def wait(self, who: str) -> int:
        """Whole minutes until ``who`` may try again, rounded up; 0: at once."""
        with self._lock:
            now = self._now()
            while self._wrong and now - self._wrong[0][0] >= max(self._one.seconds, self._all.seconds):
                self._wrong.popleft()
            left = [self._left(self._all, [at for at, _ in self._wrong], now)]
            left.append(self._left(self._one, [at for at, name in self._wrong if name == who], now))
            return math.ceil(max(left) / 60)

    def wrong(self, who: str) -> None:
        """Count one."""
        with self._lock:
            self._wrong.append((self._now(), who))

    @staticmethod
    def _left(limit: Limit, wrong: list[float], now: float) -> float:
        """Seconds; the oldest of the last ``most`` has to be over."""
        return max(0.0, wrong[-limit.most] + limit.seconds - now) if len(wrong) >= limit.most else 0.0
