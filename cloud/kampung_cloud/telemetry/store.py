"""What a telemetry engine promises, and the values that go in and out.

Row identity is (series, time, value): the same row again is a duplicate whoever sends it. Pack identity is (node, epoch, seq).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from kampung_contract.errors import NotFound
from kampung_contract.pack import GOOD, Column
from numpy.typing import NDArray

USUAL = ("mean", "min", "max", "count")
AGGREGATES = (*USUAL, "last")
"""``last`` is the newest value, of several at one time the greatest."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.uint8]


UNIT_LENGTH = 24


def is_unit(text: str) -> bool:
    """Whether it may be a unit: it goes into messages, files and other programs' languages."""
    return 0 < len(text) <= UNIT_LENGTH and text.isprintable()


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


def absent(series_id: str) -> NotFound:
    """To be raised where nobody knows a series."""
    return NotFound(f"series {series_id[:100]!r} is not here; GET /api/v1/series lists what is")


class PackId(NamedTuple):
    """A pack that the commit holds; ``readings`` of it are stored."""

    node: str
    epoch: str
    seq: int
    readings: int


class Correction(NamedTuple):
    """In ``boot`` of ``node``, true time was ``at`` (ms UTC) when ``up`` ms of the boot had gone by. The first one stands."""

    node: str
    boot: str
    up: int
    at: int


class Estimate(NamedTuple):
    """Readings of a pack whose clock was not synchronised. ``series`` is the index into ``Batch.series``.

    A row with time ``t`` was measured ``t + lead`` ms after the boot began; identity is (series, boot, that, value), since the clock's
    own time says little.
    """

    series: int
    column: Column
    received: int
    epoch: str
    seq: int
    boot: str
    lead: int


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


def no_rows() -> Rows:
    """Nothing."""
    ints = np.zeros(0, np.int64)
    return Rows(np.zeros(0, np.int32), ints, ints, np.zeros(0, np.float64), np.zeros(0, np.uint8))


def together(parts: Sequence[Rows]) -> Rows:
    """All rows, one part after another."""
    parts = [p for p in parts if len(p.t)] or [*parts[:1]]
    if len(parts) == 1:
        return parts[0]
    return Rows(*(np.concatenate(p) for p in zip(*((r.series, r.t, r.received, r.v, r.q) for r in parts), strict=True)))


@dataclass(frozen=True, slots=True)
class Runs:
    """Readings by column, as they arrive: pieces of one series and one receive time, one behind another.

    By piece: index of the series, how many readings, receive time (ms UTC). By reading: ``steps`` in ms to its time, from 1970 for a
    piece's first and from the reading before for others; value; QARTOD flag, none at all where all are good.
    """

    series: NDArray[np.int32]
    counts: Ints
    received: Ints
    steps: Ints
    v: Floats
    q: Flags | None

    @property
    def starts(self) -> Ints:
        """Where in ``steps`` each piece begins."""
        return np.cumsum(self.counts) - self.counts

    def ends(self) -> Ints:
        """Each piece's last time."""
        running = np.cumsum(self.steps)
        last = np.cumsum(self.counts) - 1
        return np.asarray(running[last] - running[last - self.counts + 1] + self.steps[last - self.counts + 1], np.int64)

    def flags(self) -> Flags:
        """QARTOD flags, one a reading."""
        return np.full(len(self.v), GOOD, np.uint8) if self.q is None else self.q

    def rows(self) -> Rows:
        """Reading by reading."""
        times = running_times(self.steps, self.starts, self.counts)
        return Rows(np.repeat(self.series, self.counts), times, np.repeat(self.received, self.counts), self.v, self.flags())

    def take(self, pieces: NDArray[np.bool_] | Ints) -> Runs:
        """The pieces at ``pieces``, in that order."""
        counts, starts = self.counts[pieces], self.starts[pieces]
        where = places(starts, counts)
        q = None if self.q is None else self.q[where]
        return Runs(self.series[pieces], counts, self.received[pieces], self.steps[where], self.v[where], q)


def places(starts: Ints, counts: Ints) -> Ints:
    """Where the readings of pieces are that begin at ``starts``, one piece behind another."""
    return np.asarray(np.arange(counts.sum()) + np.repeat(starts - (np.cumsum(counts) - counts), counts), np.int64)


def runs_of(rows: Rows) -> Runs:
    """Rows in as few pieces as rise in time."""
    if not len(rows.t):
        return Runs(rows.series, rows.t, rows.t, rows.t, rows.v, None)
    breaks = (rows.series[1:] != rows.series[:-1]) | (rows.t[1:] <= rows.t[:-1]) | (rows.received[1:] != rows.received[:-1])
    starts = np.flatnonzero(np.insert(breaks, 0, True))
    steps = np.diff(rows.t, prepend=0)
    steps[starts] = rows.t[starts]
    q = None if (rows.q == GOOD).all() else rows.q
    return Runs(rows.series[starts], np.diff(starts, append=len(rows.t)), rows.received[starts], steps, rows.v, q)


def runs_together(parts: Sequence[Runs]) -> Runs:
    """All pieces, one part after another; at least one part."""
    parts = [p for p in parts if len(p.v)] or [parts[0]]
    if len(parts) == 1:
        return parts[0]
    columns = zip(*((p.series, p.counts, p.received, p.steps, p.v) for p in parts), strict=True)
    series, counts, received, steps, v = (np.concatenate(column) for column in columns)
    q = None if all(p.q is None for p in parts) else np.concatenate([p.flags() for p in parts])
    return Runs(series, counts, received, steps, v, q)


class Batch:
    """Readings and packs for one commit, kept by column: there is no object per reading."""

    def __init__(self) -> None:
        self.series: list[SeriesKey] = []
        self.packs: list[PackId] = []
        self.estimates: list[Estimate] = []
        self.corrections: list[Correction] = []
        self._index: dict[SeriesKey, int] = {}
        self._blocks: list[Runs] = []
        self._which: list[int] = []
        self._counts: list[int] = []
        self._received: list[int] = []
        self._steps: list[int] = []
        self._values: list[float] = []
        self._flags: list[int] = []

    def __len__(self) -> int:
        return len(self._values) + sum([len(b.v) for b in self._blocks])

    def extend(self, runs: Runs) -> None:
        """Append checked readings; their series are by ``place``, and no value is -0.0."""
        self._close()
        self._blocks.append(runs)

    def add(self, key: SeriesKey, column: Column, received: int) -> None:
        """Append a checked column that arrived at ``received`` (ms UTC)."""
        at = self.place(key)
        self._which.append(at)
        self._counts.append(len(column.v))
        self._received.append(received)
        self._steps.append(column.t)
        self._steps.extend(column.dt)
        self._values.extend(column.v)
        self._flags.extend(column.q if column.q is not None else [GOOD] * len(column.v))

    def estimate(self, key: SeriesKey, column: Column, received: int, *, epoch: str, seq: int, boot: str, lead: int) -> None:
        """Append a column whose times are not truth: kept apart until a correction for ``boot`` comes."""
        self.estimates.append(Estimate(self.place(key), column, received, epoch, seq, boot, lead))

    def place(self, key: SeriesKey) -> int:
        """The series' index into ``series``, where it now is."""
        at = self._index.get(key)
        if at is None:
            at = self._index[key] = len(self.series)
            self.series.append(key)
        return at

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (self._values or any(len(b.v) for b in self._blocks) or self.packs or self.estimates or self.corrections)

    def rows(self) -> Rows:
        """All readings, in order of arrival."""
        return self.runs().rows()

    def runs(self) -> Runs:
        """All readings by column, in order of arrival."""
        self._close()
        if len(self._blocks) != 1:
            self._blocks = [runs_together(self._blocks)] if self._blocks else [runs_of(no_rows())]
        return self._blocks[0]

    def _close(self) -> None:
        """Columns that were added one by one become a block, behind what came before them."""
        if not self._values:
            return
        flags = np.asarray(self._flags, dtype=np.uint8)
        runs = Runs(
            np.asarray(self._which, dtype=np.int32),
            np.asarray(self._counts, dtype=np.int64),
            np.asarray(self._received, dtype=np.int64),
            np.asarray(self._steps, dtype=np.int64),
            np.asarray(self._values, dtype=np.float64) + 0.0,  # -0.0 and 0.0 are one value
            None if (flags == GOOD).all() else flags,
        )
        for column in (self._which, self._counts, self._received, self._steps, self._values, self._flags):
            column.clear()
        self._blocks.append(runs)


def running_times(steps: Ints, starts: Ints, counts: Ints) -> Ints:
    """Times of columns that lie one behind another: of each, from ``starts`` on, a first time and ``counts`` less one steps."""
    running = np.cumsum(steps)
    return running - np.repeat(running[starts] - steps[starts], counts) if len(steps) else running


@dataclass(frozen=True, slots=True)
class Committed:
    """Rows that were new and rows that were there; ``newest`` are the series whose last reading this commit changed.

    ``moved`` are the series whose estimated rows became truth, with their first and last time.
    """

    new: int
    duplicate: int
    newest: tuple[Latest, ...] = ()
    moved: tuple[tuple[SeriesKey, int, int], ...] = ()

    def plus(self, other: Committed) -> Committed:
        """Both in one."""
        return Committed(self.new + other.new, self.duplicate + other.duplicate, self.newest + other.newest, self.moved + other.moved)


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest reading of a series: greatest (time, receive time, value). ``readings`` is how many the store holds as truth.

    ``estimates`` are held beside them, with a time that no clock vouches for; the newest is one of these only while there is no other.
    """

    key: SeriesKey
    t: int
    received: int
    v: float
    q: int
    readings: int
    estimates: int = 0

    @property
    def estimated(self) -> bool:
        """Whether its time is not truth."""
        return not self.readings


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
    asked for; a bucket without readings is absent. ``estimated`` is empty, or holds 1 where a time is not truth (in a bucket: of any of
    its readings), else 0; ``boots`` then names, for raw readings, the boot of each that is estimated.
    """

    t: list[int]
    v: list[float] = field(default_factory=list)
    q: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    aggregates: dict[str, list[float]] = field(default_factory=dict)
    estimated: list[int] = field(default_factory=list)
    boots: list[str | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EpochPacks:
    """Packs of one epoch of a node that are stored: inclusive ``ranges`` of seq, and the ``readings`` in them."""

    node: str
    epoch: str
    ranges: tuple[tuple[int, int], ...]
    readings: int


class TelemetryStore(Protocol):
    """Where readings are kept. ``commit``, ``ping`` and ``maintain`` are called by one thread, the rest by any.

    Everything raises ``StorageUnavailable`` when the engine cannot do it now. A failed ``commit`` is kept whole or not at all, and the same
    batch may be committed again. What ``commit`` returned from survives a kill of the process (not in ``memory:``).
    """

    def commit(self, batch: Batch) -> Committed:
        """Store new rows, estimates and pack identities in one transaction, and move what a new correction makes truth.

        A pack that comes again with a synchronised clock replaces its estimates.
        """

    def knows(self, node: str, epoch: str, seq: int) -> bool:
        """Whether a pack is here, with rows that are truth."""

    def correction(self, node: str, boot: str) -> Correction | None:
        """The correction that stands for a boot, so that what comes late of it can be corrected beforehand."""

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
        aggregates: Sequence[str] = USUAL,
        limit: int | None = None,
    ) -> Window:
        """Readings, estimated ones too, with ``start`` <= t < ``stop`` (ms UTC); the first ``limit`` rows or buckets. Raises ``NotFound``.

        With ``every`` (ms), buckets that begin at whole multiples of it after local midnight of WIB; flags 4 and 9 are left out.
        """

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give. Raises ``NotFound``."""

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By node, how many readings (estimated ones by their own time) have ``start`` <= t < ``stop``; a node without any is absent."""

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        """Selected series in order of id."""

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        """What is here of every epoch, of one node or of all, oldest epoch first."""

    def ping(self) -> None:
        """Find out whether the engine can be reached, every few seconds, by the thread that commits."""

    def maintain(self, now: int) -> Sequence[str]:
        """Housekeeping, at ``now`` (ms UTC), once a minute or so. Gives what people must know, a sentence each: a damaged file, say."""

    def close(self) -> None:
        """Give up files; the store cannot be used after."""
