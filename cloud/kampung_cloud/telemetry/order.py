"""Order of rows: buckets of local days, newest of each series, and what can only be new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.covered import Covered
from kampung_cloud.telemetry.store import Flags, Floats, Ints, Rows, Runs, no_rows, runs_of

WIB_OFFSET = 7 * 3_600_000


class Newest(NamedTuple):
    """By series: its number, how many rows, and the greatest (time, receive time, value) of them with its flag."""

    series: NDArray[np.int32]
    counts: Ints
    t: Ints
    received: Ints
    v: Floats
    q: Flags


def bucket_start(t: int, every: int) -> int:
    """Start of the bucket that holds ``t``, both ms UTC, so that days begin at local midnight."""
    return (t + WIB_OFFSET) // every * every - WIB_OFFSET


def runs(rows: Rows) -> tuple[Ints, Ints]:
    """First and last position of each piece of ``rows`` that is of one series and rises strictly in time: a column, as it arrived."""
    if not len(rows.t):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    breaks = (rows.series[1:] != rows.series[:-1]) | (rows.t[1:] <= rows.t[:-1])
    starts = np.concatenate((np.zeros(1, dtype=np.int64), np.flatnonzero(breaks) + 1))
    return starts, np.append(starts[1:] - 1, len(rows.t) - 1)


def by_series(series: NDArray[Any]) -> tuple[Ints, Ints]:
    """The order of positions by series, otherwise as they are, and where in it each series begins."""
    # NumPy sorts numbers of 16 bits in one pass each way; of a regency there are fewer series than that.
    small = len(series) and int(series.max()) < 2**16
    order = np.argsort(series.astype(np.uint16) if small else series, kind="stable")
    return order, np.flatnonzero(np.insert(np.diff(series[order]) != 0, 0, True))


def newest_rows(rows: Rows) -> tuple[Ints, Ints]:
    """For each series of ``rows`` the position of its greatest (time, receive time, value), and how many rows it has."""
    starts, ends = runs(rows)
    at, counts = _newest(rows.series[ends], (rows.t[ends], rows.received[ends], rows.v[ends]), ends - starts + 1)
    return ends[at], counts


def newest_of_rows(rows: Rows) -> Newest:
    """The same, as values."""
    at, counts = newest_rows(rows)
    return Newest(rows.series[at], counts, rows.t[at], rows.received[at], rows.v[at], rows.q[at])


def newest_of_pieces(counts: Ints, last: Rows) -> Newest:
    """Of pieces that rise in time; ``last`` is each one's last reading."""
    at, found = _newest(last.series, (last.t, last.received, last.v), counts)
    return Newest(last.series[at], found, last.t[at], last.received[at], last.v[at], last.q[at])


def _newest(series: NDArray[np.int32], columns: Sequence[NDArray[Any]], rows: Ints) -> tuple[Ints, Ints]:
    """Of pieces: for each series where the greatest of ``columns`` is, the first of which counts most; and its sum of ``rows``."""
    if not len(series):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order, begins = by_series(series)
    counts = np.add.reduceat(rows[order], begins)
    of = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(order)))
    for column in columns:  # those that are greatest in one column are compared by the next one
        values = column[order]
        great = values == np.maximum.reduceat(values, begins)[of]
        order, of = order[great], of[great]
        if len(order) == len(begins):
            return order, counts
        begins = np.flatnonzero(np.insert(np.diff(of) != 0, 0, True))
    return order[np.append(begins[1:], len(order)) - 1], counts


def split_fresh(rows: Rows, watermark: Ints) -> tuple[Rows, Rows]:
    """Rows that are newer than everything before them in their series, and others, which may be duplicates.

    ``watermark`` is the greatest stored time by series index. The first kind needs no look at what is stored. Whole runs are judged,
    since a column as a rule is all new.
    """
    starts, ends = runs(rows)
    if not len(starts):
        return rows, rows
    fresh = _fresh(rows.series[starts], rows.t[starts], rows.t[ends], watermark)
    if fresh.all():
        return rows, rows.take(np.zeros(0, dtype=np.int64))
    chosen = np.repeat(fresh, ends - starts + 1)
    return rows.take(chosen), rows.take(~chosen)


def judged(given: Runs, watermark: Ints, covered: Covered) -> tuple[Runs, Rows]:
    """As ``split_fresh``; the first are pieces that rise in time, also those for which there is nothing to compare."""
    if len(given.v) and int(given.steps.min()) <= 0:  # somewhere time stands still or goes back
        fresh_rows, late = split_fresh(given.rows(), watermark)
        return runs_of(fresh_rows), late
    if not len(given.v):
        return given, given.rows()
    first, last = given.steps[given.starts], given.ends()
    fresh = _fresh(given.series, first, last, watermark)
    if not fresh.all():
        fresh |= covered.free(given.series, first, last)
    if fresh.all():
        return given, no_rows()
    return given.take(fresh), given.take(~fresh).rows()


def _fresh(all_series: NDArray[np.int32], first: Ints, last: Ints, watermark: Ints) -> NDArray[np.bool_]:
    """By piece that rises in time, whether it is newer than everything before it in its series."""
    order, begins = by_series(all_series)
    series = all_series[order]
    low = int(first.min()) - 1
    known = np.maximum(watermark[series], low)
    span = max(int(last.max()), int(known.max())) - low + 2
    if span * (len(begins) + 1) >= 2**62:
        return np.zeros(len(first), np.bool_)
    # A running maximum within each series: lift every series above the one before, so that one pass serves all.
    lift = np.repeat(np.arange(len(begins)) * span - low, np.diff(begins, append=len(series)))
    lifted = last[order] + lift
    before = np.empty_like(lifted)
    before[1:] = np.maximum.accumulate(lifted)[:-1]
    before[begins] = 0
    fresh = np.empty(len(first), dtype=np.bool_)
    fresh[order] = first[order] + lift > np.maximum(before, known + lift)
    return fresh
