"""Order of rows: buckets of local days, newest of each series, and what can only be new."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kampung_cloud.telemetry.store import Ints, Rows

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
