"""Which test spoke, and when: told to the cloud a stretch at a time, so that every flag can be explained at next to no cost.

Kept in memory: a kill loses the explanations of the last minutes, never a flag, which travels with its reading.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kampung_contract.quality import MOST, Later, QualityEvent, Spoken

TELL_S = 600.0
"""So long what is new is gathered; and a stretch is over when its test was silent for so long."""
LATER_S = 60.0
"""A reading that turned out to be worse than it was sent is told sooner: alarms of the regency look at it."""
REPEAT_S = 6 * 3600.0
"""How often a stretch that goes on, such as a sensor that does not move, is told anew."""


@dataclass(slots=True)
class _Open:
    """``heard`` and ``told`` (None for never) by the monotonic clock."""

    since: int
    until: int
    count: int
    heard: float
    told: float | None = None
    changed: bool = True


class Doubts:
    """``note`` and ``later`` are called by the ports' threads, ``tell`` by housekeeping."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str, int], _Open] = {}
        self._ended: list[Spoken] = []
        self._later: list[Later] = []
        self._lost = 0
        self._told = self._told_later = now()

    def note(self, device: str, name: str, test: str, flag: int, t: int) -> None:
        """A test doubts a reading of ``t`` (ms UTC)."""
        key, now = (f"{device}/{name}", test, flag), self._now()
        with self._lock:
            found = self._open.get(key)
            if found is not None and 0 <= t - found.until <= 1000 * TELL_S:
                found.until, found.count, found.heard, found.changed = t, found.count + 1, now, True
                return
            if found is not None and found.changed:
                self._end(key, found)
            self._open[key] = _Open(t, t, 1, now)

    def later(self, device: str, name: str, moment: tuple[int, float], flag: int, test: str) -> None:
        """A reading that was sent with a better flag."""
        with self._lock:
            if len(self._later) < MOST:
                self._later.append(Later(f"{device}/{name}", moment[0], moment[1], flag, test))
            else:
                self._lost += 1

    def forget(self) -> None:
        """What was noted by a clock that is not believed."""
        with self._lock:
            self._open.clear()
            self._ended, self._later, self._lost = [], [], 0

    def tell(self, *, all_of_it: bool = False) -> dict[str, Any] | None:
        """The event that is due, None while there is none."""
        now = self._now()
        with self._lock:
            due = all_of_it or now - self._told >= TELL_S
            if due:
                self._gather(now, all_of_it)
            soon = due or (self._later and now - self._told_later >= LATER_S)
            if due:
                self._told = now
            if not soon or not (self._later or (due and self._ended)):
                return None
            told = QualityEvent(self._ended if due else [], self._later, self._lost)
            self._later, self._lost, self._told_later = [], 0, now
            if due:
                self._ended = []
        return told.event()

    def _gather(self, now: float, all_of_it: bool) -> None:
        for key, stretch in list(self._open.items()):
            over = now - stretch.heard >= TELL_S
            if stretch.changed and (all_of_it or over or stretch.told is None or now - stretch.told >= REPEAT_S):
                self._end(key, stretch)
                stretch.told, stretch.changed = now, False
            if over:
                del self._open[key]

    def _end(self, key: tuple[str, str, int], stretch: _Open) -> None:
        if len(self._ended) < MOST:
            self._ended.append(Spoken(*key, stretch.since, stretch.until, stretch.count))
        else:
            self._lost += 1
