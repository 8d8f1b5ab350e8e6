"""Readings that wait for their file, as small as they can be held: by piece, values as whole numbers, steps as short as they are.

They are in memory twice, in the tail and in the database's own, and in a backlog there are two million of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from kampung_contract.pack import GOOD
from numpy.typing import NDArray

from kampung_cloud.telemetry.order import Newest, newest_of_pieces
from kampung_cloud.telemetry.store import Flags, Floats, Ints, Rows, Runs, places

WIDTHS = (("<u2", 0, 2**16 - 1), ("<i4", -(2**31), 2**31 - 1), ("<i8", -(2**63), 2**63 - 1))
"""How whole numbers may be held, the narrowest first."""
AS_IS = -1
"""The scale where values are no decimals of few digits."""
MOST_DIGITS = 4
"""Beyond, whole numbers and the steps between them are as long as the values (those that a calibration made have nine digits)."""
GREATEST = 2**31
LOOKED_AT = 256
"""Values that tell which number of digits most have."""
Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Held:
    """By piece: ``series``, ``counts``, ``received`` as in ``Runs``, and ``first``, its first time.

    By reading: ``steps`` from the one before, 0 for a piece's first; ``whole``, its value times 10**``scale``; flags as in ``Runs``.
    Of pieces that are ``odd`` (their places rise) some value is no such number: theirs are in ``v``, one piece behind another. With scale
    ``AS_IS`` all values are there.
    """

    series: NDArray[np.int32]
    counts: Numbers
    received: Ints
    first: Ints
    steps: Numbers
    scale: int
    whole: Numbers
    odd: NDArray[np.int32]
    v: Floats
    q: Flags | None

    @staticmethod
    def of(runs: Runs) -> Held:
        """The same readings; no value is -0.0."""
        starts, steps = runs.starts, runs.steps.copy()
        steps[starts] = 0
        scale, whole, odd, v = _decimals(runs.v, starts, runs.counts)
        first = runs.steps[starts]
        return Held(runs.series, narrow(runs.counts), runs.received, first, narrow(steps), scale, whole, odd, v, runs.q)

    def __len__(self) -> int:
        return len(self.steps)

    def runs(self) -> Runs:
        """All of them."""
        counts = self.counts.astype(np.int64)
        starts = np.cumsum(counts) - counts
        steps = self.steps.astype(np.int64)
        steps[starts] = self.first
        v = self._values(slice(None))
        if len(self.odd):
            with_odd(v, counts, self.odd, self.v)
        return Runs(self.series, counts, self.received, steps, v, self.q)

    def take(self, pieces: Ints) -> Runs:
        """The pieces at these places, in that order."""
        counts, here = self.counts[pieces].astype(np.int64), self._starts()[pieces]
        starts = np.cumsum(counts) - counts
        where = places(here, counts)
        steps = self.steps[where].astype(np.int64)
        steps[starts] = self.first[pieces]
        v = self._values(where)
        if len(self.odd) and len(at := np.flatnonzero(np.isin(pieces, self.odd))):
            among = np.searchsorted(self.odd, pieces[at])
            ends = np.cumsum(self.counts[self.odd], dtype=np.int64)
            v[places(starts[at], counts[at])] = self.v[places(ends[among] - counts[at], counts[at])]
        return Runs(self.series[pieces], counts, self.received[pieces], steps, v, None if self.q is None else self.q[where])

    def newest(self, last: Ints) -> Newest:
        """Of each series; pieces rise in time, to ``last``."""
        ends = self._starts() + self.counts - 1
        v = self._values(ends)
        if len(self.odd):
            v[self.odd] = self.v[np.cumsum(self.counts[self.odd], dtype=np.int64) - 1]
        q = np.full(len(ends), GOOD, np.uint8) if self.q is None else self.q[ends]
        return newest_of_pieces(self.counts.astype(np.int64), Rows(self.series, last, self.received, v, q))

    def _starts(self) -> Ints:
        return np.cumsum(self.counts, dtype=np.int64) - self.counts

    def _values(self, where: Ints | slice) -> Floats:
        """At places of readings; of odd pieces, none that mean anything."""
        if self.scale == AS_IS:
            return self.v[where]
        return valued(self.whole[where], self.scale)


def narrow(numbers: NDArray[Any]) -> Numbers:
    """Whole numbers as short as all of them can be."""
    return numbers.astype(WIDTHS[width(numbers)][0])


def width(numbers: NDArray[Any]) -> int:
    """The place in WIDTHS of the narrowest that holds all."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    return next(place for place, (_, least, most) in enumerate(WIDTHS) if least <= low and high <= most)


def valued(whole: NDArray[Any], scale: int) -> Floats:
    """Values out of whole numbers: what ``_decimals`` made sure of."""
    return np.asarray(whole.astype(np.float64) / 10.0**scale, np.float64)


def with_odd(v: Floats, counts: Ints, odd: NDArray[Any], others: Floats) -> None:
    """Put the values of pieces that are ``odd`` into those of all."""
    starts = np.cumsum(counts) - counts
    v[places(starts[odd], counts[odd])] = others


def _decimals(v: Floats, starts: Ints, counts: Ints) -> tuple[int, Numbers, NDArray[np.int32], Floats]:
    """Scale, whole numbers, which pieces have other values, and those values."""
    none = np.zeros(0, np.int32)
    scale = _digits(v[:: len(v) // LOOKED_AT + 1])
    if scale == AS_IS:
        return AS_IS, none, none, v
    whole, good = _tried(v, scale)
    if good.all():
        return scale, narrow(whole), none, np.zeros(0)
    odd = np.flatnonzero(~np.logical_and.reduceat(good, starts)).astype(np.int32)
    others = places(starts[odd], counts[odd])
    if 2 * len(others) > len(v):
        return AS_IS, none, none, v
    whole[others] = 0
    return scale, narrow(whole), odd, v[others]


def _digits(some: Floats) -> int:
    """The least scale at which most of ``some`` are whole numbers."""
    fits = [int(_tried(some, scale)[1].sum()) for scale in range(MOST_DIGITS + 1)]
    return fits.index(max(fits)) if len(some) and max(fits) else AS_IS


def _tried(v: Floats, scale: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Times 10**scale, and which give the value again to its last bit."""
    power = 10.0**scale
    with np.errstate(over="ignore"):
        whole = v * power
        np.rint(whole, out=whole)
        again = whole / power
        good = again == v
        np.abs(whole, out=again)
        good &= again < GREATEST
    return whole, good
