"""Rollups by hour and by series of rows on their way into a file, so that nobody need read them again.

They are parts: of one hour there may be several rows, which add up. All are of readings whose flag is neither 4 nor 9, but ``rows`` and the
newest row of a series in a file, which are of any.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kampung_cloud.telemetry.arrow import arrow_table, numbers
from kampung_cloud.telemetry.hours import HOUR_MS
from kampung_cloud.telemetry.order import WIB_OFFSET

Columns = dict[str, NDArray[Any]]


class Rollups:
    """What has been taken in so far."""

    def __init__(self) -> None:
        self._hours: list[Columns] = []
        self._series: list[Columns] = []

    def add(self, rows: Columns, whole: NDArray[np.int64] | None, scale: int) -> None:
        """Rows (series, t, lag, v, q) sorted by series and time; ``whole`` are their values times 10**scale, if they have a scale."""
        series, t = rows["series"], rows["t"]
        begins = _begins(series)
        ends = np.append(begins[1:], len(series)) - 1
        newest = {"last_any_t": t[ends], "received": (t + rows["lag"])[ends], "v": rows["v"][ends], "q": rows["q"][ends]}
        found = {"series": series[begins], "rows": ends - begins + 1, **newest}
        good = (rows["q"] != 4) & (rows["q"] != 9)
        if not good.all():
            series, t, whole = series[good], t[good], whole[good] if whole is not None else None
        v = rows["v"][good]
        by_series = _aggregates(_begins(series), t, v, whole, scale)
        at = np.searchsorted(found["series"], series[_begins(series)])
        for name, values in by_series.items():
            found[name] = np.zeros(len(begins), values.dtype)
            found[name][at] = values
        self._series.append(found)
        hour = (t + WIB_OFFSET) // HOUR_MS * HOUR_MS - WIB_OFFSET
        starts = _begins(series, hour)
        self._hours.append({"series": series[starts], "hour": hour[starts], **_aggregates(starts, t, v, whole, scale)})

    @property
    def series(self) -> NDArray[np.int32]:
        """Numbers of the series that have rows."""
        return np.concatenate([part["series"] for part in self._series])

    def hourly(self) -> Any:
        """Columns as table ``hourly`` has them from ``series`` on."""
        parts = {name: np.concatenate([p[name] for p in self._hours]) for name in self._hours[0]}
        return arrow_table({name: parts[name] for name in ("series", "hour", "n", "total", "low_v", "high_v", "last_t", "last_v")})

    def by_series(self) -> Any:
        """Columns as table ``daily`` has them from ``series`` on."""
        parts = {name: np.concatenate([p[name] for p in self._series]) for name in self._series[0]}
        none = parts["n"] == 0
        fields = {"t": parts["last_any_t"], "received": parts["received"], "v": parts["v"], "q": parts["q"]}
        last = pa.StructArray.from_arrays([numbers(values) for values in fields.values()], names=list(fields))
        known = {name: numbers(parts[name], none) for name in ("low_v", "high_v", "last_t", "last_v")}
        plain = {name: parts[name] for name in ("n", "total")}
        return arrow_table({"series": parts["series"], "rows": parts["rows"], "last": last, **plain, **known})


def _begins(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Where one of ``keys`` changes, and the first place."""
    changes = np.zeros(max(0, len(keys[0]) - 1), dtype=np.bool_)
    for key in keys:
        changes |= key[1:] != key[:-1]
    return np.flatnonzero(np.insert(changes, 0, True)) if len(keys[0]) else np.zeros(0, np.int64)


def _aggregates(begins: NDArray[np.int64], t: NDArray[np.int64], v: NDArray[np.float64], whole: Any, scale: int) -> Columns:
    """Of pieces that begin at ``begins``. The newest value of several at one time is the greatest."""
    if not len(begins):
        kinds = {"n": "i8", "total": "f8", "low_v": "f8", "high_v": "f8", "last_t": "i8", "last_v": "f8"}
        return {name: np.zeros(0, kind) for name, kind in kinds.items()}
    counts = np.diff(begins, append=len(t))
    last_t = t[begins + counts - 1]
    if whole is not None:  # no error at all until the division
        total = np.add.reduceat(whole, begins) / 10.0**scale
    else:
        with np.errstate(over="ignore"):  # a sum beyond a double is infinite, as in every engine
            total = np.add.reduceat(v.astype(np.longdouble), begins).astype(np.float64)
    last_v = np.maximum.reduceat(np.where(t == np.repeat(last_t, counts), v, -np.inf), begins)
    low, high = np.minimum.reduceat(v, begins), np.maximum.reduceat(v, begins)
    return {"n": counts, "total": total, "low_v": low, "high_v": high, "last_t": last_t, "last_v": last_v}
