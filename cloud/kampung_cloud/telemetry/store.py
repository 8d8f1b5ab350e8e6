"""What a telemetry engine promises, and the values that go in and out.

Row identity is (series, time, value): the same row again is a duplicate whoever sends it. Pack identity is (node, epoch, seq).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from kampung_contract.pack import GOOD, Column
from numpy.typing import NDArray

AGGREGATES = ("mean", "min", "max", "count")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A series; ``node`` is unique in the regency, so ``id`` is too."""

    village: str
    node: str
    device: str
    quantity: str
    unit: str

    @property
    def id(self) -> str:
        """``kiosk-1.soil-1.soil_moisture``."""
        return f"{self.node}.{self.device}.{self.quantity}"


@dataclass(frozen=True, slots=True)
class PackId:
    """A pack that the commit holds; ``readings`` of it are stored."""

    node: str
    epoch: str
    seq: int
    readings: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of equal length: index into ``Batch.series``, event and receive time (ms UTC), value, QARTOD flag."""

    series: NDArray[np.int32]
    t: Ints
    received: Ints
    v: Floats
    q: Flags

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Rows:
        """The rows at ``which``."""
        return Rows(self.series[which], self.t[which], self.received[which], self.v[which], self.q[which])


class Batch:
    """Readings and packs for one commit, kept by column: there is no object per reading."""

    def __init__(self) -> None:
        self.series: list[SeriesKey] = []
        self.packs: list[PackId] = []
        self._index: dict[SeriesKey, int] = {}
        self._which: list[int] = []
        self._counts: list[int] = []
        self._received: list[int] = []
        self._steps: list[int] = []
        self._values: list[float] = []
        self._flags: list[int] = []

    def __len__(self) -> int:
        return len(self._values)

    def add(self, key: SeriesKey, column: Column, received: int) -> None:
        """Append a checked column that arrived at ``received`` (ms UTC)."""
        at = self._index.get(key)
        if at is None:
            at = self._index[key] = len(self.series)
            self.series.append(key)
        self._which.append(at)
        self._counts.append(len(column.v))
        self._received.append(received)
        self._steps.append(column.t)
        self._steps.extend(column.dt)
        self._values.extend(column.v)
        self._flags.extend(column.q if column.q is not None else [GOOD] * len(column.v))

    def rows(self) -> Rows:
        """All readings in order of arrival."""
        counts = np.asarray(self._counts, dtype=np.int64)
        steps = np.asarray(self._steps, dtype=np.int64)
        running = np.cumsum(steps)
        starts = np.cumsum(counts) - counts
        times = running - np.repeat(running[starts] - steps[starts], counts) if len(steps) else running
        return Rows(
            np.repeat(np.asarray(self._which, dtype=np.int32), counts),
            times,
            np.repeat(np.asarray(self._received, dtype=np.int64), counts),
            np.asarray(self._values, dtype=np.float64) + 0.0,  # -0.0 and 0.0 are one value
            np.asarray(self._flags, dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True)
class Committed:
    """Rows that were new and rows that were there; ``newest`` are the series whose last reading this commit changed."""

    new: int
    duplicate: int
    newest: tuple[Latest, ...] = ()


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest reading of a series: greatest (time, receive time, value). ``readings`` is how many the store holds."""

    key: SeriesKey
    t: int
    received: int
    v: float
    q: int
    readings: int


@dataclass(frozen=True, slots=True)
class Selector:
    """Which series; None is any."""

    village: str | None = None
    node: str | None = None
    quantity: str | None = None

    def matches(self, key: SeriesKey) -> bool:
        """Whether ``key`` is selected."""
        return self.village in (None, key.village) and self.node in (None, key.node) and self.quantity in (None, key.quantity)


EVERYTHING = Selector()


@dataclass(frozen=True, slots=True)
class Window:
    """Readings of one series in order of time.

    Raw: ``t``, ``v``, ``q``, ``received`` (ms UTC). In buckets: ``t`` are bucket starts and ``aggregates`` has a list for each one
    asked for; a bucket without readings is absent.
    """

    t: list[int]
    v: list[float] = field(default_factory=list)
    q: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    aggregates: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EpochPacks:
    """Packs of one epoch of a node that are stored: inclusive ``ranges`` of seq, and the ``readings`` in them."""

    node: str
    epoch: str
    ranges: tuple[tuple[int, int], ...]
    readings: int


class TelemetryStore(Protocol):
    """Where readings are kept. ``commit`` and ``maintain`` are called by one thread, the rest by any.

    Everything raises ``StorageUnavailable`` when the engine cannot do it now; nothing of a failed ``commit`` is kept, and the same
    batch may be committed again. What ``commit`` returned from survives a kill of the process (not in ``memory:``).
    """

    def commit(self, batch: Batch) -> Committed:
        """Store new rows and pack identities in one transaction."""

    def latest(self, selector: Selector = EVERYTHING) -> list[Latest]:
        """The newest reading of each selected series."""

    def find(self, series_id: str) -> Latest | None:
        """The newest reading of one series, None for a series that is not there."""

    def window(
        self,
        series_id: str,
        start: int,
        stop: int,
        every: int | None = None,
        *,
        aggregates: Sequence[str] = AGGREGATES,
        limit: int | None = None,
    ) -> Window:
        """Readings with ``start`` <= t < ``stop`` (ms UTC); the first ``limit`` rows or buckets. Raises ``NotFound``.

        With ``every`` (ms), buckets that begin at whole multiples of it after local midnight of WIB; flags 4 and 9 are left out.
        """

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give. Raises ``NotFound``."""

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        """Selected series in order of id."""

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        """What is here of every epoch, of one node or of all, oldest epoch first."""

    def maintain(self, now: int) -> None:
        """Housekeeping, at ``now`` (ms UTC)."""

    def close(self) -> None:
        """Give up files; the store cannot be used after."""


WIB_OFFSET = 7 * 3_600_000


def bucket_start(t: int, every: int) -> int:
    """Start of the bucket that holds ``t``, both ms UTC, so that days begin at local midnight."""
    return (t + WIB_OFFSET) // every * every - WIB_OFFSET


def newest_rows(rows: Rows) -> Iterable[int]:
    """For each series of ``rows`` the position of its greatest (time, receive time, value)."""
    if not len(rows.t):
        return []
    order = np.lexsort((rows.v, rows.received, rows.t, rows.series))
    ends = np.flatnonzero(np.append(np.diff(rows.series[order]) != 0, True))
    return [int(i) for i in order[ends]]


def split_fresh(rows: Rows, watermark: Ints) -> tuple[Rows, Rows]:
    """Rows that are newer than everything before them in their series, and the others, which may be duplicates.

    ``watermark`` is the greatest stored time by series index. The first kind needs no look at what is stored.
    """
    if not len(rows.t):
        return rows, rows
    order = np.argsort(rows.series, kind="stable")
    series, t = rows.series[order].astype(np.int64), rows.t[order]
    low = min(int(t.min()), int(watermark[series].min()))
    span = max(int(t.max()), int(watermark[series].max())) - low + 2
    if span * (int(series.max()) + 1) >= 2**62:
        return rows.take(np.zeros(0, dtype=np.int64)), rows
    begins = np.flatnonzero(np.insert(np.diff(series) != 0, 0, True))
    # A running maximum within each series: lift every series above the one before, so that one pass serves all.
    lifted = t - low + series * span
    before = np.empty_like(lifted)
    before[1:] = np.maximum.accumulate(lifted)[:-1]
    before[begins] = 0
    before = np.maximum(before, watermark[series] - low + series * span)
    fresh = lifted > before
    return rows.take(order[fresh]), rows.take(order[~fresh])
