"""Aggregates by bucket: out of rows, and put together from parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from kampung_contract.pack import FAIL, MISSING

from kampung_cloud.telemetry.engine import Buckets
from kampung_cloud.telemetry.order import WIB_OFFSET
from kampung_cloud.telemetry.store import AGGREGATES, Ints, Rows

PARTS = ("sum", "min", "max", "count")
"""What a part of a bucket has to tell for the whole to be known."""
_HOW = {"sum": np.add, "min": np.minimum, "max": np.maximum, "count": np.add}


def starts(t: Ints, every: int) -> Ints:
    """Start of the bucket that holds each time."""
    return (t + WIB_OFFSET) // every * every - WIB_OFFSET


def bucketed(rows: Rows, every: int) -> Buckets:
    """Buckets of rows of one series; flags 4 and 9 are left out."""
    good = (rows.q != FAIL) & (rows.q != MISSING)
    v = rows.v[good]
    return combined([Buckets(starts(rows.t[good], every), {"sum": v, "min": v, "max": v, "count": np.ones(len(v))})])


def combined(parts: Sequence[Buckets]) -> Buckets:
    """One bucket for each start out of parts that hold ``PARTS``, in order."""
    t = np.concatenate([np.zeros(0, np.int64), *(p.t for p in parts)])
    order = np.argsort(t, kind="stable")
    t = t[order]
    begins = np.flatnonzero(np.concatenate([[True], t[1:] != t[:-1]])) if len(t) else np.zeros(0, np.int64)
    made = {}
    for name in PARTS:
        values = np.concatenate([np.zeros(0), *(p.aggregates[name] for p in parts)])[order]
        made[name] = _HOW[name].reduceat(values, begins) if len(t) else values
    count = made["count"].astype(np.int64)
    return Buckets(t[begins], {"mean": made["sum"] / np.maximum(count, 1), "min": made["min"], "max": made["max"], "count": count})


def appended(parts: Sequence[Buckets]) -> Buckets:
    """Buckets of parts that share none, in order."""
    t = np.concatenate([np.zeros(0, np.int64), *(p.t for p in parts)])
    order = np.argsort(t)
    values = {name: np.concatenate([np.zeros(0, np.int64), *(p.aggregates[name] for p in parts)])[order] for name in AGGREGATES}
    return Buckets(t[order], values)
