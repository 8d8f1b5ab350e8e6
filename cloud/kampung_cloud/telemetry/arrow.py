"""Rows on their way into and out of DuckDB."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kampung_cloud.telemetry.store import PackId, Rows, SeriesKey


def rows_of(found: dict[str, Any]) -> Rows:
    """Rows out of what DuckDB gives."""
    return Rows(found["series"], found["t"], found["received"], found["v"], found["q"])


def together(parts: list[Rows]) -> Rows:
    """All rows, one part after another."""
    parts = [p for p in parts if len(p.t)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    return Rows(*(np.concatenate(p) for p in zip(*((r.series, r.t, r.received, r.v, r.q) for r in parts), strict=True)))


def table_of(rows: Rows) -> Any:
    """Rows for DuckDB."""
    return pa.table({"series": rows.series, "t": rows.t, "received": rows.received, "v": rows.v, "q": rows.q})


def series_table(series: list[tuple[int, SeriesKey]]) -> Any:
    """Series with their numbers for DuckDB."""
    names = ("village", "node", "device", "quantity", "unit")
    columns = {name: pa.array([getattr(key, name) for _, key in series], pa.string()) for name in names}
    return pa.table({"number": pa.array([n for n, _ in series], pa.int32()), **columns})


def pack_table(packs: list[PackId], at: int) -> Any:
    """Packs for DuckDB, received ``at``."""
    return pa.table(
        {
            "node": [p.node for p in packs],
            "epoch": [p.epoch for p in packs],
            "seq": pa.array([p.seq for p in packs], pa.int64()),
            "readings": pa.array([p.readings for p in packs], pa.int32()),
            "received": pa.array([at] * len(packs), pa.int64()),
        }
    )
