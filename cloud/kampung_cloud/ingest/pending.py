"""Publications that the broker has not acknowledged, and when that means that the line is worth nothing any more."""

from __future__ import annotations

import threading

PATIENCE_S = 15.0


class Pending:
    """Of one connection. ``sent`` and ``acknowledged`` may come in either order and from any thread; times are monotonic seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under: dict[int, float] = {}
        self._early: set[int] = set()
        self._heard = self._newest = 0.0

    def sent(self, number: int, now: float) -> None:
        """A publication was handed over."""
        with self._lock:
            if number in self._early:
                self._early.discard(number)
            else:
                self._under[number] = now

    def acknowledged(self, number: int, now: float) -> None:
        """The broker has it."""
        with self._lock:
            self._heard = now
            at = self._under.pop(number, None)
            if at is None:
                self._early.add(number)
            else:
                self._newest = max(self._newest, at)

    def stuck(self, now: float) -> bool:
        """Whether the oldest waits too long and will wait for ever: nothing is acknowledged any more, or what was sent after it is.

        Brokers acknowledge in order (MQTT 5, 4.6). Those that are lost keep a place each of the few that may be under way, to the last.
        """
        with self._lock:
            oldest = next(iter(self._under.values()), now)
            return now - oldest > PATIENCE_S and (self._newest > oldest or now - self._heard > PATIENCE_S)
