"""Which rows are new, which are the same, and which share a time with another value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.store import Floats, Ints, Rows, together

SMALL = 100.0
"""An engine that keeps decimals loses the digits of small values beside large ones: below this, ``tolerance`` is one of this."""


def same_as_before(series: NDArray[np.int32], t: Ints, v: Floats, tolerance: float) -> NDArray[np.bool_]:
    """For rows in order of (series, time, value): whether each is the row before it once more."""
    same = np.zeros(len(t), dtype=bool)
    near = np.abs(v[1:] - v[:-1]) <= tolerance * np.maximum(np.maximum(np.abs(v[1:]), np.abs(v[:-1])), SMALL)
    same[1:] = (series[1:] == series[:-1]) & (t[1:] == t[:-1]) & near
    return same


def sift(candidates: Rows, known: Rows, tolerance: float) -> Points:
    """Those of ``candidates`` that are not in ``known``, each once, the earliest received; in order of series and time."""
    rows = together([known, candidates])
    origin = np.repeat(np.asarray([0, 1]), [len(known.t), len(candidates.t)])
    order = np.lexsort((rows.v, rows.t, rows.series))
    group = np.cumsum(~same_as_before(rows.series[order], rows.t[order], rows.v[order], tolerance))
    # Of each group of equal rows one stays: what is known before what is new, what came earlier before what came later.
    best = np.lexsort((rows.received[order], origin[order], group))
    first = np.ones(len(best), dtype=bool)
    first[1:] = group[best][1:] != group[best][:-1]
    kept = order[best[first]]
    # Values at one time in one series are numbered, known ones first.
    kept = kept[np.lexsort((rows.v[kept], rows.received[kept], origin[kept], rows.t[kept], rows.series[kept]))]
    series, t = rows.series[kept], rows.t[kept]
    begins = np.ones(len(kept), dtype=bool)
    begins[1:] = (series[1:] != series[:-1]) | (t[1:] != t[:-1])
    places = np.arange(len(kept))
    n = places - np.maximum.accumulate(np.where(begins, places, 0))
    new = origin[kept] == 1
    return Points(rows.take(kept[new]), n[new].astype(np.int64))


def merged(parts: Sequence[Rows], tolerance: float) -> Rows:
    """Rows of one series out of several places, each once, in order of (time, receive time, value)."""
    rows = together(parts)
    order = np.lexsort((rows.v, rows.t))
    kept = order[~same_as_before(rows.series[order], rows.t[order], rows.v[order], tolerance)]
    return rows.take(kept[np.lexsort((rows.v[kept], rows.received[kept], rows.t[kept]))])
