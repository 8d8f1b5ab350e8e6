"""Readings on their way into files: by series and time, a few series at once, so that the number of a day's rows is not felt in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.held import AS_IS, MOST_DIGITS
from kampung_cloud.telemetry.hours import DAY_MS
from kampung_cloud.telemetry.order import WIB_OFFSET
from kampung_cloud.telemetry.store import Ints
from kampung_cloud.telemetry.tail import Part, between

GREATEST = 10**9
"""Greater values are as they are; with four digits more they are whole numbers that DOUBLE holds, and a group's sum 64 bits."""
AT_ONCE = 32_768
"""Rows that are in memory beside where they come from, unless one series has more."""
Columns = dict[str, NDArray[Any]]
Piece = tuple[Columns, Ints]
"""Rows (series, t, lag, v, q) by series and time, and the scale of each: all that there is of a series has one."""

KINDS = {"series": np.int32, "t": np.int64, "lag": np.int64, "v": np.float64, "q": np.uint8}
ASKED = "SELECT series::INTEGER AS series, t, lag, v, q FROM ({query}) WHERE series BETWEEN {first} AND {last} ORDER BY series, t, lag, v"
COUNTS = "SELECT series::INTEGER AS series, count(*) AS rows FROM ({query}) GROUP BY series ORDER BY series"


def days_of(part: Part) -> list[int]:
    """Local days (since 1970-01-01) of which the part holds readings."""
    found = [np.zeros(0, np.int64)]
    for block in part.blocks:
        first, last = ((t + WIB_OFFSET) // DAY_MS for t in (block.first, block.last))
        found += [np.unique(first), np.unique(last)]
        if len(over := np.flatnonzero(last - first > 1)):  # whether a day between has readings, only they say
            found.append((block.held.take(over).rows().t + WIB_OFFSET) // DAY_MS)
    return [int(day) for day in np.unique(np.concatenate(found))]


def of_part(part: Part, start: int, stop: int) -> Iterator[Piece]:
    """Readings of a part of the journal with ``start`` <= t < ``stop`` (ms UTC)."""
    series = np.concatenate([np.zeros(0, np.int32), *(block.series for block in part.blocks)])
    counts = np.concatenate([np.zeros(0, np.int64), *(block.held.counts for block in part.blocks)])
    rows = np.bincount(series, counts) if len(series) else np.zeros(0)
    numbers = np.flatnonzero(rows)
    for first, last in spans(numbers, rows[numbers]):
        found = between(part, start, stop, first, last)
        if len(found.t):
            columns: Columns = {"series": found.series, "t": found.t, "lag": found.received - found.t, "v": found.v, "q": found.q}
            yield _with_scales(in_order([columns]))


def of_question(connection: Any, query: str) -> Iterator[Piece]:
    """Rows that DuckDB finds (series, t, lag, v, q)."""
    found = connection.execute(COUNTS.format(query=query)).fetchnumpy()
    for first, last in spans(found["series"], found["rows"]):
        yield _with_scales(dict(connection.execute(ASKED.format(query=query, first=first, last=last)).fetchnumpy()))


def spans(series: NDArray[Any], rows: NDArray[Any]) -> list[tuple[int, int]]:
    """First and last number of series that have about AT_ONCE rows together; ``series`` rise, each has ``rows``."""
    if not len(series):
        return []
    piece = (np.cumsum(rows) - rows) // AT_ONCE
    begins = np.flatnonzero(np.insert(np.diff(piece) != 0, 0, True))
    ends = np.append(begins[1:], len(series)) - 1
    return list(zip(series[begins].tolist(), series[ends].tolist(), strict=True))


def in_order(parts: list[Columns]) -> Columns:
    """All rows of ``parts``, which are mostly in order already: then it is a merging."""
    rows = parts[0] if len(parts) == 1 else {name: np.concatenate([part[name] for part in parts]) for name in KINDS}
    series, t = rows["series"], rows["t"]
    low, first = int(t.min()), int(series.min())
    span = int(t.max()) - low + 1
    if span * (int(series.max()) - first + 1) >= 2**62:
        return _take(rows, np.lexsort((rows["v"], rows["lag"], t, series)))
    key = (series.astype(np.int64) - first) * span + (t - low)
    if (np.diff(key) > 0).all():
        return rows
    order = np.argsort(key, kind="stable")
    if not np.diff(key[order]).all():
        order = np.lexsort((rows["v"], rows["lag"], key))
    return _take(rows, order)


def _take(rows: Columns, order: Ints) -> Columns:
    return {name: values[order] for name, values in rows.items()}


def _with_scales(rows: Columns) -> Piece:
    """``rows`` are all that there is of their series."""
    begins = np.flatnonzero(np.insert(np.diff(rows["series"]) != 0, 0, True))
    v = rows["v"]
    small = np.abs(v) < GREATEST
    plain = np.where(small, v, 0.0)  # so that nothing overflows
    left, scales = np.ones(len(begins), np.bool_), np.full(len(begins), AS_IS)
    for scale in range(MOST_DIGITS + 1):
        power = 10.0**scale
        fits = left & np.logical_and.reduceat(small & (np.rint(plain * power) / power == v), begins)
        scales[fits] = scale
        left &= ~fits
        if not left.any():
            break
    return rows, np.repeat(scales, np.diff(begins, append=len(v)))
