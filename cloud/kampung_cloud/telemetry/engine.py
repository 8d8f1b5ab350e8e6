"""What an engine outside this process has to be able to do for ``ExternalStore``, and the values that go in and out.

An engine of this kind cannot take rows and pack identities in one transaction, keeps one value for a time in a series, and may lose what it
took last when it is killed. ``ExternalStore`` makes up for all three; an engine does only what is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.store import Floats, Ints, Rows, SeriesKey

LEAST_DAYS = 366
"""An engine that keeps readings for less would throw away what an edge with a long backlog delivers."""


@dataclass(frozen=True, slots=True)
class Points:
    """Rows as an engine stores them; ``n`` is 0 for the first value at a time in a series, 1 for another value at that time, and so on."""

    rows: Rows
    n: Ints

    def __len__(self) -> int:
        return len(self.n)

    def take(self, which: Ints) -> Points:
        """The points at ``which``."""
        return Points(self.rows.take(which), self.n[which])


@dataclass(frozen=True, slots=True)
class Buckets:
    """Starts of buckets that hold a reading, in order, and their aggregates by name."""

    t: Ints
    aggregates: dict[str, Floats | Ints]

    def take(self, which: Ints | slice | NDArray[np.bool_]) -> Buckets:
        """The buckets at ``which``."""
        return Buckets(self.t[which], {name: values[which] for name, values in self.aggregates.items()})


class Engine(Protocol):
    """Readings by (series, time, ``n``, quality). Methods but ``write`` and ``check`` may be called by any thread.

    All raise ``StorageUnavailable`` when the engine cannot do it now, ``ConfigurationError`` when it will not without the operator.
    """

    name: str
    """For messages; no secrets in it."""
    tolerance: float
    """Values that differ by less than this part of them (or of 100, if they are smaller) are one to the engine; 0 where it keeps all."""
    visible_s: float
    """Seconds until what was written is surely in answers."""
    settle_s: float
    """Seconds after which what was written is surely on disk; 0 where that is so when ``write`` returns."""

    def check(self) -> None:
        """Ask the server who it is and whether it can be used as it is set up; make the database where that is ours to do."""

    def on_time(self) -> None:
        """Raise ``StorageUnavailable`` while its clock, by its last answer, is so wrong that it might drop readings without a word."""

    def process(self) -> str | None:
        """Which run of the engine this is, another after every restart; None where that cannot be known."""

    def write(self, keys: Sequence[SeriesKey], points: Points) -> None:
        """Store points; their ``series`` are places in ``keys``. The same points again change nothing."""

    def read(self, keys: Sequence[SeriesKey], start: int, stop: int, limit: int | None = None) -> Rows:
        """Rows of ``keys`` with ``start`` <= t < ``stop``, in no order; with ``limit``, of one key, at least the first ones in time."""

    def buckets(self, key: SeriesKey, start: int, stop: int, every: int, limit: int) -> Buckets:
        """The first ``limit`` buckets of ``every`` ms that hold a row of ``start`` <= t < ``stop``; flags 4 and 9 are left out."""

    def count(self, key: SeriesKey, start: int, stop: int) -> int:
        """How many rows have ``start`` <= t < ``stop``."""

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By id of series, how many rows have ``start`` <= t < ``stop``."""

    def close(self) -> None:
        """Give up connections."""
