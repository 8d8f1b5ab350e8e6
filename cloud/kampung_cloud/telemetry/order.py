"""Order of rows: buckets of local days, newest of each series, and what can only be new."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.store import Ints, Rows

WIB_OFFSET = 7 * 3_600_000


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
    if not len(ends):
        return ends, ends
    order, begins = by_series(rows.series[ends])
    counts = np.add.reduceat((ends - starts + 1)[order], begins)
    ends = ends[order]
    of = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(ends)))
    for column in (rows.t, rows.received, rows.v):  # those that are greatest in one column are compared by the next one
        values = column[ends]
        great = values == np.maximum.reduceat(values, begins)[of]
        ends, of = ends[great], of[great]
        if len(ends) == len(begins):
            return ends, counts
        begins = np.flatnonzero(np.insert(np.diff(of) != 0, 0, True))
    return ends[np.append(begins[1:], len(ends)) - 1], counts


def split_fresh(rows: Rows, watermark: Ints) -> tuple[Rows, Rows]:
    """Rows that are newer than everything before them in their series, and others, which may be duplicates.

    ``watermark`` is the greatest stored time by series index. The first kind needs no look at what is stored. Whole runs are judged,
    since a column as a rule is all new.
    """
    starts, ends = runs(rows)
    if not len(starts):
        return rows, rows
    all_series, first, last = rows.series[starts], rows.t[starts], rows.t[ends]
    order, begins = by_series(all_series)
    series = all_series[order]
    low = int(first.min()) - 1
    known = np.maximum(watermark[series], low)
    span = max(int(last.max()), int(known.max())) - low + 2
    if span * (len(begins) + 1) >= 2**62:
        return rows.take(np.zeros(0, dtype=np.int64)), rows
    # A running maximum within each series: lift every series above the one before, so that one pass serves all.
    lift = np.repeat(np.arange(len(begins)) * span - low, np.diff(begins, append=len(series)))
    lifted = last[order] + lift
    before = np.empty_like(lifted)
    before[1:] = np.maximum.accumulate(lifted)[:-1]
    before[begins] = 0
    fresh = np.empty(len(starts), dtype=np.bool_)
    fresh[order] = first[order] + lift > np.maximum(before, known + lift)
    if fresh.all():
        return rows, rows.take(np.zeros(0, dtype=np.int64))
    chosen = np.repeat(fresh, ends - starts + 1)
    return rows.take(chosen), rows.take(~chosen)
