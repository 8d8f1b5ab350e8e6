"""The one who stands at the kiosk now. Only in memory: a restart, a time without a touch, or the next one ends it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

Way = Literal["pin", "card", "receipt", "staff"]
IDLE_S, LONGEST_S = 150, 1800
"""The page ends a session sooner (``idle.svelte.ts``); this holds where no page does."""


@dataclass(frozen=True, slots=True)
class Identified:
    """``person``: the roll's name for him, empty for whom it does not know. ``mask``: of the NIK he typed.

    ``by``, ``helper``: account and name of who helped him. ``first``: his PIN was given him and is to be changed.
    """

    person: str
    name: str
    way: Way
    mask: str = ""
    by: str = ""
    helper: str = ""
    first: bool = False

    @property
    def proof(self) -> str:
        """As a request says it."""
        return {"pin": "pin", "receipt": "pin", "card": "card", "staff": "staff"}[self.way]

    def object(self) -> dict[str, Any]:
        """For the page."""
        return {
            "name": self.name,
            "mask": self.mask,
            "way": self.way,
            "helper": self.helper,
            "known": bool(self.person),
            "first": self.first,
        }


class Sessions:
    """One at a time. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._now: tuple[str, Identified, float] | None = None
        self._touched = 0.0

    def begin(self, who: Identified) -> str:
        """Its secret, for the browser's cookie. Whoever was there before is gone."""
        with self._lock:
            secret = secrets.token_urlsafe(24)
            self._touched = self._clock()
            self._now = (secret, who, self._touched)
            return secret

    def current(self, secret: str | None) -> Identified | None:
        """Who it is; being asked counts as a touch."""
        with self._lock:
            if self._now is None or secret is None or not secrets.compare_digest(self._now[0].encode(), secret.encode()):
                return None
            now = self._clock()
            if now - self._touched > IDLE_S or now - self._now[2] > LONGEST_S:
                self._now = None
                return None
            self._touched = now
            return self._now[1]

    def settled(self, secret: str | None) -> None:
        """His first PIN is changed."""
        with self._lock:
            if self._now is not None and self._now[0] == secret:
                self._now = (self._now[0], replace(self._now[1], first=False), self._now[2])

    def end(self) -> None:
        """Nobody is there."""
        with self._lock:
            self._now = None
