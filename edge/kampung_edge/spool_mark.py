"""What is remembered beside the spool: how far it had come. A file that has come less far is an older copy of itself."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

STEP = 1_000
"""The mark is renewed after so many packs at the earliest, and when the spool is opened and closed: flash wears by bytes written."""
ASIDE = "-mark"
"""Behind the name of a spool that was set aside, whose mark goes with it."""


class Marked(NamedTuple):
    """Numbers up to ``last`` were given in ``epoch``, and those before ``oldest`` waited no more."""

    epoch: str
    last: int
    oldest: int


class Mark:
    """``<spool>.mark``. Never ahead of what is durable in the spool; losing it is harmless."""

    def __init__(self, spool: Path, oldest: Callable[[], int] = lambda: 1) -> None:
        """``oldest``: the lowest number that waits now."""
        self._path, self._oldest = spool.with_name(spool.name + ".mark"), oldest
        self._last = 0

    def behind(self, epoch: str, last: int) -> int | None:
        """The number that this epoch had already reached, when that is beyond ``last``."""
        marked = read(self._path)
        return marked.last if marked is not None and marked.epoch == epoch and marked.last > last else None

    def renew(self, epoch: str, last: int, force: bool = False) -> None:
        """Remember ``last``, when it is worth a write."""
        if not force and self._last <= last < self._last + STEP:
            return
        beside = self._path.with_name(self._path.name + "-new")
        with contextlib.suppress(OSError, sqlite3.Error):
            beside.write_text(f"{epoch} {last} {self._oldest()}\n", encoding="ascii")
            beside.replace(self._path)
            self._last = last

    def set_aside(self, spool: Path) -> None:
        """It speaks of the file that is now called ``spool``."""
        if spool.exists():
            with contextlib.suppress(OSError):
                self._path.rename(spool.with_name(spool.name + ASIDE))


def read(path: Path) -> Marked | None:
    """None where there is none, or it is no mark."""
    try:
        epoch, *numbers = path.read_text(encoding="ascii").split()
        last, *oldest = map(int, numbers)  # an older program wrote no more
    except (OSError, ValueError):
        return None
    return Marked(epoch, last, oldest[0] if oldest else 1)
