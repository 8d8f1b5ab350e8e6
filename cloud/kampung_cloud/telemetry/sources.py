"""Where the rows of a question lie: the database's own tables, Parquet segments, rollups. Builds the SQL; asks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from kampung_contract.pack import FAIL, MISSING
from numpy.typing import NDArray

from kampung_cloud.telemetry import hours
from kampung_cloud.telemetry.days import Days
from kampung_cloud.telemetry.hours import DAY_MS, HOUR_MS, Columns
from kampung_cloud.telemetry.order import WIB_OFFSET, bucket_start
from kampung_cloud.telemetry.segment import Segment
from kampung_cloud.telemetry.store import Rows, no_rows

TAIL = "tail"
"""Rows that are in no file yet, where a question has to have them: looking into them from SQL takes a millisecond."""
ROW = "series, t, received, v, q"
NOTHING = """
SELECT 0::INTEGER AS series, 0::BIGINT AS t, 0::BIGINT AS received, 0::DOUBLE AS v, 0::UTINYINT AS q, 0 AS e, NULL::VARCHAR AS boot
WHERE false
"""
GOOD = """
SELECT t, 1 AS n, v AS total, v AS low_v, v AS high_v, v AS last_v, t AS last_t, {e} AS e FROM {place}
WHERE t >= {start} AND t < {stop} AND series = {series} AND q NOT IN (4, 9)
"""
BUCKETS = """
SELECT (t + {offset}) // {every} * {every} - {offset} AS bucket, sum(total) / sum(n) AS mean, min(low_v) AS min, max(high_v) AS max,
    sum(n)::BIGINT AS count, max(struct_pack(t := last_t, v := last_v)).v AS last, max(e) AS e
FROM ({parts}) GROUP BY bucket ORDER BY bucket LIMIT {limit}
"""
DAILY = """
SELECT day::BIGINT * {day} - {offset} AS t, n, total, low_v, high_v, last_v, last_t, 0 AS e FROM daily WHERE {where}
"""


NEEDS = {"mean": ("n", "total"), "min": ("low_v",), "max": ("high_v",), "count": ("n",), "last": ("last_v", "last_t")}
"""Columns of parts that an aggregate is made of."""
NONE = no_rows()
NOT_ONE = np.zeros(1, np.bool_)


@dataclass(frozen=True, slots=True)
class Sources:
    """``tables`` that hold rows beside ``segments``; ``estimated`` whether rows with doubtful times count too.

    ``near`` are rows in memory that have a part in the question: they come in after SQL has answered, as a rule. ``months`` and the days
    ``recent`` have hourly rollups, of which those of segments that are ``counting`` hold.
    """

    days: Days
    tables: tuple[str, ...]
    segments: tuple[Segment, ...]
    estimated: bool = False
    months: tuple[hours.Month, ...] = ()
    recent: frozenset[int] = frozenset()
    near: Rows = NONE
    counting: NDArray[np.bool_] = field(default_factory=lambda: NOT_ONE)

    def rows(self, start: int, stop: int, series: int | None = None, *, only: Iterable[Segment] | None = None, more: str = "") -> str:
        """Rows with ``start`` <= t < ``stop``, with ``e`` 1 and ``boot`` where the time is doubtful. ``more`` narrows further."""
        where = f"WHERE t >= {start} AND t < {stop}" + (f" AND series = {series}" if series is not None else "") + more
        parts = [f"SELECT {ROW}, 0 AS e, NULL::VARCHAR AS boot FROM {table} {where}" for table in self.tables]  # noqa: S608 - names and numbers of our own
        if self.estimated:
            parts.append(f"SELECT {ROW}, 1 AS e, boot FROM estimated {where}")  # noqa: S608
        parts += self.files(self.within(start, stop, series) if only is None else only, where)
        return " UNION ALL ".join(parts or [NOTHING])

    def files(self, segments: Iterable[Segment], where: str) -> list[str]:
        """The rows of segments, none when there is none."""
        return self.days.rows(segments, "series, t, t + lag AS received, v, q, 0 AS e, NULL::VARCHAR AS boot", where)

    def within(self, start: int, stop: int, series: int | None) -> list[Segment]:
        """Segments that may hold such rows."""
        return [s for s in self.segments if s.low < stop and s.high >= start and (series is None or s.holds(series))]

    def elsewhere(self, start: int, stop: int, series: int | None) -> bool:
        """Whether there may be such rows outside ``near``."""
        return bool(self.tables or self.estimated or self.within(start, stop, series))

    def raw(self, series: int, start: int, stop: int, limit: int) -> str:
        """Readings in order, for ``ordered``."""
        if not self.elsewhere(start, stop, series):
            return ""
        return f"SELECT t, v, q, received, e, boot FROM ({self.rows(start, stop, series)}) ORDER BY t, received, v LIMIT {limit}"  # noqa: S608

    def buckets(self, series: int, start: int, stop: int, every: int, limit: int) -> str:
        """Aggregates by bucket, or parts of them for ``joined``: what the rollups know comes from them, what they cut from the rows.

        Empty when there is nothing but what ``kept`` and ``near`` give. Aggregates have ``near`` in them, parts have not.
        """
        level, first, last = whole(start, stop, every)
        if not level:
            parts = self._good(series, start, stop, self.within(start, stop, series))
            if parts and len(self.near.t):
                parts.append(GOOD.format(place=TAIL, e=0, start=start, stop=stop, series=series))
            rows = " UNION ALL ".join(parts)
            return BUCKETS.format(offset=WIB_OFFSET, every=every, parts=rows, limit=limit) if rows else ""
        parts = self._good(series, start, stop)
        for a, b in ((start, first), (last, stop)):
            if a < b:
                parts += self._good(series, a, b, self.within(a, b, series), tables=())
        low, high = (first + WIB_OFFSET) // DAY_MS, (last - 1 + WIB_OFFSET) // DAY_MS
        if level == DAY_MS:
            where = f"series = {series} AND n > 0 AND day >= {low} AND day <= {high}"
            parts.append(DAILY.format(day=DAY_MS, offset=WIB_OFFSET, where=where))
        elif any(low <= day <= high for day in self.recent):
            parts.append(hours.RECENT.format(series=series, start=first, stop=last))
        return " UNION ALL ".join(parts)

    def kept(self, series: int, start: int, stop: int, every: int) -> tuple[str, list[hours.Packed]]:
        """Hourly rollups of past months for ``joined``: how to ask for those that are not in memory, and those that are."""
        level, first, last = whole(start, stop, every)
        return hours.kept(self.months, series, first, last) if level == HOUR_MS else ("", [])

    def _good(
        self, series: int, start: int, stop: int, segments: Sequence[Segment] = (), *, tables: Sequence[str] | None = None
    ) -> list[str]:
        """Each reading as a bucket, of ``tables`` (all, and what is estimated) and ``segments``. Flat: planning is what takes time."""
        places = [(table, 0) for table in (self.tables if tables is None else tables)]
        if tables is None and self.estimated:
            places.append(("estimated", 1))
        places += [(f"({rows})", 0) for rows in self.days.rows(segments, "*")]
        return [GOOD.format(place=place, e=e, start=start, stop=stop, series=series) for place, e in places]

    def counts(self, start: int, stop: int, series: int | None = None) -> str:
        """``series`` and ``n``, how many rows outside ``near``."""
        if not self.elsewhere(start, stop, series):
            return ""
        found = self.within(start, stop, series)
        inside = [s for s in found if s.low >= start and s.high < stop]
        cut = [s for s in found if s not in inside]
        parts = [f"SELECT series, count(*) AS n FROM ({self.rows(start, stop, series, only=cut)}) GROUP BY series"]  # noqa: S608
        if inside:
            numbers = ", ".join(str(s.id) for s in inside)
            only = f" AND series = {series}" if series is not None else ""
            parts.append(f"SELECT series, rows AS n FROM daily WHERE segment IN ({numbers}){only}")  # noqa: S608
        return f"SELECT series, sum(n)::BIGINT AS n FROM ({' UNION ALL '.join(parts)}) GROUP BY series"  # noqa: S608


def ordered(found: dict[str, Any], near: Rows, limit: int) -> dict[str, Any]:
    """What ``raw`` found and ``near`` in order of time."""
    if not len(near.t) and found:
        return found
    none = {"e": np.zeros(len(near.t), np.int32), "boot": np.full(len(near.t), None, object)}
    columns: dict[str, Any] = {"t": near.t, "v": near.v, "q": near.q, "received": near.received, **none}
    if found:
        columns = {name: np.concatenate([found[name], values]) for name, values in columns.items()}
    order = np.lexsort((columns["v"], columns["received"], columns["t"]))[:limit]
    return {name: values[order] for name, values in columns.items()}


def singly(near: Rows) -> Columns:
    """Each good reading of ``near`` as a part for ``joined``."""
    good = near.take((near.q != FAIL) & (near.q != MISSING))
    value = dict.fromkeys(("total", "low_v", "high_v", "last_v"), good.v)
    return {"t": good.t, "n": np.ones(len(good.t), np.int64), **value, "last_t": good.t, "e": np.zeros(len(good.t), np.int32)}


def whole(start: int, stop: int, every: int) -> tuple[int, int, int]:
    """The length of the rollups that buckets can be made of, and from where to where there are whole ones; 0 when there are none."""
    level = DAY_MS if every % DAY_MS == 0 else HOUR_MS if every % HOUR_MS == 0 else 0
    first, last = (bucket_start(start + level - 1, level), bucket_start(stop, level)) if level else (stop, stop)
    return (level, first, last) if first < last else (0, stop, stop)


def needed(aggregates: Iterable[str]) -> tuple[str, ...]:
    """Columns that parts must have for ``joined``, beside ``t`` and ``e``."""
    return tuple(dict.fromkeys([column for name in aggregates for column in NEEDS[name]]))


def joined(some: Sequence[Columns], every: int, limit: int, aggregates: Iterable[str]) -> dict[str, Any]:
    """``aggregates`` by ``bucket``, and ``e``, out of parts, which come in any order. A few thousand numbers are no work for a planner."""
    some = [s for s in some if len(s["t"])] or some[:1]
    names = ("t", *needed(aggregates), "e")
    parts = some[0] if len(some) == 1 else {name: np.concatenate([s[name] for s in some]) for name in names}
    bucket = (parts["t"] + WIB_OFFSET) // every * every - WIB_OFFSET
    if (bucket[1:] > bucket[:-1]).all():  # hours out of one month's rollups, as a rule: each bucket is one part
        made = {name: _plain(name, parts) for name in aggregates} | {"bucket": bucket, "e": parts["e"]}
    else:
        order = np.lexsort((parts["last_v"], parts["last_t"], bucket) if "last" in aggregates else (bucket,))
        bucket = bucket[order]
        begins = np.flatnonzero(np.insert(np.diff(bucket) != 0, 0, True))
        parts = {name: parts[name][order] for name in names}
        made = {name: _made(name, parts, begins) for name in aggregates}
        made |= {"bucket": bucket[begins], "e": np.maximum.reduceat(parts["e"], begins)}
    return {name: values[:limit] for name, values in made.items()}


def _plain(aggregate: str, parts: Columns) -> NDArray[Any]:
    if aggregate == "mean":
        return np.asarray(parts["total"] / parts["n"])
    return parts[{"min": "low_v", "max": "high_v", "count": "n", "last": "last_v"}[aggregate]]


def _made(aggregate: str, parts: Columns, begins: NDArray[np.int64]) -> NDArray[Any]:
    """Of parts that follow one another, those of each bucket from one of ``begins`` on."""
    if aggregate == "min":
        return np.minimum.reduceat(parts["low_v"], begins)
    if aggregate == "max":
        return np.maximum.reduceat(parts["high_v"], begins)
    if aggregate == "last":
        return np.asarray(parts["last_v"][np.append(begins[1:], len(parts["last_v"])) - 1])
    count = np.add.reduceat(parts["n"].astype(np.int64), begins)
    return np.asarray(count if aggregate == "count" else np.add.reduceat(parts["total"], begins) / count)
