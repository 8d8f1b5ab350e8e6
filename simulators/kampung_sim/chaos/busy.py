"""How long a program was kept from its work, seen from outside: what it computed, waited for a processor or for the disk, stood still.

A group commit promises what is read to the disk within so many milliseconds. On a machine that is busy with other things these are not
the milliseconds of the wall: while a program waits for its turn it cannot commit. So the promise is measured in the program's own time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

KEPT = 4_000
"""Looks; at twenty a second, three minutes."""
UNINTERRUPTIBLE = "D"


class Look(NamedTuple):
    """Up to ``at`` (ms UTC) since the look before, it was kept from its work for ``ms``."""

    at: int
    ms: float


class Busy:
    """Of one program that is started again and again; ``disk``: waits for a disk count too (a tmpfs has none)."""

    def __init__(self, disk: bool) -> None:
        self._disk = disk
        self._threads: dict[str, int] = {}
        self._looks: deque[Look] = deque(maxlen=KEPT)

    def born(self, at: int) -> None:
        """A new process began at ``at`` (ms UTC)."""
        self._threads = {}
        self._looks.clear()
        self._looks.append(Look(at, 0.0))

    def look(self, pid: int, at: int) -> None:
        """At ``at`` (ms UTC): add up what its threads did since the last look. All of it counts as if the writer had waited for it."""
        spent, waits, threads = 0, False, {}
        for task in Path("/proc").glob(f"{pid}/task/*"):
            try:
                computed, waited, _ = (task / "schedstat").read_text(encoding="ascii").split()
                waits = waits or (self._disk and _state(task) == UNINTERRUPTIBLE)
            except (OSError, ValueError):
                continue  # it has ended
            threads[task.name] = int(computed) + int(waited)
            spent += threads[task.name] - self._threads.get(task.name, 0)
        self._threads = threads
        since = at - self._looks[-1].at
        self._looks.append(Look(at, since if waits else min(since, spent / 1e6)))

    def back(self, at: int, ms: int, still: Sequence[tuple[int, int | None]]) -> int:
        """The time (ms UTC) before ``at`` from which on it had no more than ``ms`` of its own time.

        ``still``: from and to (ms UTC) it was stopped by SIGSTOP, None while it still is.
        """
        looks = list(self._looks)
        last = bisect_right(looks, at, key=lambda look: look.at)
        end, left = at, float(ms)
        for index in range(last, 0, -1):
            begin = looks[index - 1].at
            # What is not looked at any more, or only in part, counts as kept from its work.
            kept = end - begin if index == last else looks[index].ms + _stood(still, begin, end)
            own = max(0.0, end - begin - kept)
            if own >= left:
                return int(end - left - kept)
            end, left = begin, left - own
        return int(end - left)


def _stood(still: Sequence[tuple[int, int | None]], begin: int, end: int) -> int:
    return sum(max(0, min(end, end if b is None else b) - max(begin, a)) for a, b in still)


def _state(task: Path) -> str:
    return (task / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
