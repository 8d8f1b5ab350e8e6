"""How a simulated service behaves when it is told to: slow, failing, asking for patience, hanging up after it took the message."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from kampung_contract.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Mood:
    """``slow`` seconds before anything; then ``status`` in place of success, ``retry_after`` seconds with it; ``drop``: it takes the
    message and hangs up. For the next ``count`` messages, or until told otherwise."""

    slow: float = 0.0
    status: int = 0
    retry_after: int = 0
    drop: bool = False
    count: int | None = None


class Moods:
    """By service; ``*`` is for all. May be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moods: dict[str, Mood] = {}

    def set(self, service: str, mood: Mood) -> None:
        """From now on. Raises ``InvalidRequest``."""
        if mood.status and not 300 <= mood.status <= 599:
            raise InvalidRequest(f"status = {mood.status}: expected 300 to 599, or 0 for none")
        if not 0 <= mood.slow <= 600:
            raise InvalidRequest(f"slow = {mood.slow}: expected 0 to 600 seconds")
        with self._lock:
            self._moods[service] = mood

    def take(self, service: str) -> Mood:
        """For the message that has come."""
        with self._lock:
            name = service if service in self._moods else "*"
            mood = self._moods.get(name, Mood())
            if mood.count is not None:
                self._moods[name] = replace(mood, count=mood.count - 1)
                if mood.count <= 1:
                    del self._moods[name]
            return mood
