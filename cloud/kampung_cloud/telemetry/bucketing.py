"""Aggregates by bucket: out of rows, and put together from parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from kampung_contract.pack import FAIL, MISSING

from kampung_cloud.telemetry.engine import Buckets
from kampung_cloud.telemetry.order import WIB_OFFSET
from kampung_cloud.telemetry.store import AGGREGATES, Ints, Rows

PARTS = ("sum", "min", "max", "count", "last", "tlast")
"""What a part of a bucket has to tell for the whole to be known; ``tlast`` is the time of ``last``, ms UTC."""
_HOW = {"sum": np.add, "min": np.minimum, "max": np.maximum, "count": np.add}


def starts(t: Ints, every: int) -> Ints:
    """Start of the bucket that holds each time."""
    return (t + WIB_OFFSET) // every * every - WIB_OFFSET


def bucketed(rows: Rows, every: int) -> Buckets:
    """Buckets of rows of one series; flags 4 and 9 are left out."""
    good = (rows.q != FAIL) & (rows.q != MISSING)
    v, t = rows.v[good], rows.t[good]
    return combined([Buckets(starts(t, every), {"sum": v, "min": v, "max": v, "count": np.ones(len(v)), "last": v, "tlast": t})])


def combined(parts: Sequence[Buckets]) -> Buckets:
    """One bucket for each start out of parts that hold ``PARTS``, in order."""
    t = np.concatenate([np.zeros(0, np.int64), *(p.t for p in parts)])
    told = {name: np.concatenate([np.zeros(0), *(p.aggregates[name] for p in parts)]) for name in PARTS}
    order = np.lexsort((told["last"], told["tlast"], t))
    t = t[order]
    begins = np.flatnonzero(np.concatenate([[True], t[1:] != t[:-1]])) if len(t) else np.zeros(0, np.int64)
    made = {name: how.reduceat(told[name][order], begins) if len(t) else told[name] for name, how in _HOW.items()}
    count, last = made["count"].astype(np.int64), told["last"][order][np.append(begins[1:], len(t))[: len(begins)] - 1]
    mean = made["sum"] / np.maximum(count, 1)
    return Buckets(t[begins], {"mean": mean, "min": made["min"], "max": made["max"], "count": count, "last": last})


def appended(parts: Sequence[Buckets]) -> Buckets:
    """Buckets of parts that share none, in order."""
    t = np.concatenate([np.zeros(0, np.int64), *(p.t for p in parts)])
    order = np.argsort(t)
    values = {name: np.concatenate([np.zeros(0, np.int64), *(p.aggregates[name] for p in parts)])[order] for name in AGGREGATES}
    return Buckets(t[order], values)
