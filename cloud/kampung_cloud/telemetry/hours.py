"""Hourly rollups by series: those of a local month in a table of their own, one row a series, once many have come day by day.

One series' month is then one short text of bytes instead of a thousandth of a million rows. New rollups are in ``hourly`` (``days``);
both together are the truth, and each row names its segment: with it, it ceases to count. A table counts from the transaction on that
takes its rows out of ``hourly``; one that a kill left behind is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kampung_cloud.telemetry.arrow import arrow_table, blobs
from kampung_cloud.telemetry.order import WIB_OFFSET

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MOST_ROWS = 250_000
"""Rows that may stay in ``hourly``: what a question looks through in a millisecond."""
LATE_PART = 20
"""A past month is written anew when more than a twentieth of it has come late: two days that were mended, not one."""
AT_ONCE = 500
"""Series that are in memory together while a month is written."""
PREFIX = "hours_"
NAME = re.compile(PREFIX + r"\d+_\d\d_\d+")

SCHEMA = """
CREATE TABLE IF NOT EXISTS hourly
    (segment BIGINT, series INTEGER, hour BIGINT, n BIGINT, total DOUBLE, low_v DOUBLE, high_v DOUBLE, last_t BIGINT, last_v DOUBLE);
CREATE TABLE IF NOT EXISTS months (month INTEGER, name VARCHAR);
"""
"""``hourly.hour`` is in ms UTC; in a month's bytes ``hour`` counts hours since 1970, and ``after`` is ms from there to the last reading."""
DAYS = "SELECT (hour + {offset}) // {day} AS day, count(*) FROM hourly GROUP BY day"
FRESH = """
SELECT series, segment::INTEGER AS segment, (hour // {unit})::INTEGER AS hour, n::INTEGER AS n, (last_t - hour)::INTEGER AS after,
    total, low_v, high_v, last_v
FROM hourly WHERE hour >= {low} AND hour < {high} AND series >= {first} AND series < {last}
"""
RECENT = """
SELECT hour AS t, n, total, low_v, high_v, last_v, last_t, 0 AS e FROM hourly
WHERE series = {series} AND hour >= {start} AND hour < {stop}
"""
COLUMNS = {"segment": "<i4", "hour": "<i4", "n": "<i4", "after": "<i4", "total": "<f8", "low_v": "<f8", "high_v": "<f8", "last_v": "<f8"}
ROW_BYTES = sum(np.dtype(kind).itemsize for kind in COLUMNS.values())
Columns = dict[str, NDArray[Any]]
Packed = tuple[int, bytes]
"""How many rollups, and their bytes."""
HELD_BYTES = 32 * 1024**2
"""Of the newest months, in memory: a regency of 2,000 series fills it with two months and a half."""


@dataclass(frozen=True, slots=True)
class Month:
    """``number`` counts months; rows have ``low`` <= hour < ``high`` (ms UTC).

    ``held`` is what is in the table, by series, where that is kept in memory: it never changes.
    """

    number: int
    name: str
    low: int
    high: int
    held: Mapping[int, Packed] | None = field(default=None, compare=False, repr=False)


class Hours:
    """The tables there are. Written by one thread at a time, read by any: ``months`` and ``recent`` are replaced, never changed."""

    def __init__(self) -> None:
        self.months: tuple[Month, ...] = ()
        self.recent: frozenset[int] = frozenset()
        """Local days of which there may be rows in ``hourly``."""
        self._next = 1

    def open(self, connection: Any) -> None:
        """Read what counts and drop what does not."""
        connection.execute(SCHEMA)
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() if NAME.fullmatch(name)]
        found = connection.execute("SELECT month, name FROM months ORDER BY month").fetchall()
        self.months = tuple(_month(number, name) for number, name in found if name in names)
        self.recent = frozenset(day for day, _ in self._days(connection))
        self._hold(connection)
        self._next = max((int(name.rpartition("_")[2]) for name in names), default=0) + 1
        for name in set(names) - {m.name for m in self.months}:
            connection.execute(f"DROP TABLE {name}")

    def scattered(self, connection: Any, today: int) -> int | None:
        """A month to be written anew: one that is over and has many rows in ``hourly``, or, of too many, that with most."""
        found: dict[int, int] = {}
        for day, count in self._days(connection):
            found[_number(day)] = found.get(_number(day), 0) + count
        if sum(found.values()) > MOST_ROWS:
            return max(found, key=lambda m: found[m])
        for number in sorted(m for m in found if m < _number(today)):
            name = next((m.name for m in self.months if m.number == number), None)
            (rows,) = connection.execute(f"SELECT sum(count) FROM {name}").fetchone() if name else (0,)  # noqa: S608
            if found[number] * LATE_PART > (rows or 0):
                return number
        return None

    def collect(self, cursor: Any, number: int, segments: Iterable[int]) -> Month:
        """Write a month anew, what is of ``segments``; it does not count before ``count_in``."""
        month = _month(number, f"{PREFIX}{number // 12}_{number % 12 + 1:02}_{self._next}")
        self._next += 1
        old = [m.name for m in self.months if m.number == number]
        valid = np.fromiter(segments, np.int32)
        held: dict[int, Packed] = {}
        cursor.begin()
        cursor.execute(f"CREATE TABLE {month.name} (series INTEGER, count INTEGER, rows BLOB)")
        (most,) = cursor.execute("SELECT count(*) FROM series").fetchone()
        for first in range(0, most, AT_ONCE):
            span = {"first": first, "last": first + AT_ONCE}
            parts = [cursor.execute(FRESH.format(unit=HOUR_MS, low=month.low, high=month.high, **span)).fetchnumpy()]
            for name in old:
                query = f"SELECT series, count, rows FROM {name} WHERE series >= {first} AND series < {first + AT_ONCE}"  # noqa: S608
                for series, count, rows in cursor.execute(query).fetchall():
                    parts.append({"series": np.full(count, series, np.int32), **_opened(count, rows, COLUMNS)})
            table = _packed({c: np.concatenate([p[c] for p in parts]) for c in ("series", *COLUMNS)}, valid)
            if len(table):
                counts, texts = table["count"].to_pylist(), table["rows"].to_pylist()
                held.update(zip(table["series"].to_pylist(), zip(counts, texts, strict=True), strict=True))
                cursor.register("packed", table)
                cursor.execute(f"INSERT INTO {month.name} SELECT * FROM packed")  # noqa: S608
                cursor.unregister("packed")
        cursor.commit()
        return replace(month, held=held)

    def count_in(self, connection: Any, month: Month) -> None:
        """Rows of the running transaction: from its commit on this table has the month."""
        connection.execute(f"DELETE FROM hourly WHERE hour >= {month.low} AND hour < {month.high}")  # noqa: S608
        self.count_out(connection, [m for m in self.months if m.number == month.number])
        connection.execute("INSERT INTO months VALUES (?, ?)", [month.number, month.name])

    def empty(self, days: Iterable[int]) -> list[Month]:
        """Months of which no day has readings any more; ``days`` have."""
        held = {_number(day) for day in days}
        return [m for m in self.months if m.number not in held]

    def count_out(self, connection: Any, months: Iterable[Month]) -> None:
        """In the running transaction: these count no longer."""
        for month in months:
            connection.execute("DELETE FROM months WHERE month = ?", [month.number])
            connection.execute(f"DROP TABLE {month.name}")

    def forget(self, months: Iterable[Month]) -> None:
        """After the commit."""
        gone = set(months)
        self.months = tuple(m for m in self.months if m not in gone)

    def replace(self, month: Month) -> None:
        """After the commit."""
        months, size = [], 0
        for m in sorted([*(m for m in self.months if m.number != month.number), month], key=lambda m: -m.number):
            size += sum([len(text) for _, text in (m.held or {}).values()])
            months.append(m if size <= HELD_BYTES else replace(m, held=None))
        self.months = tuple(reversed(months))
        self.recent = frozenset(day for day in self.recent if _number(day) != month.number)

    def expect(self, day: int) -> None:
        """Rows of a day come into ``hourly``."""
        self.recent |= {day}

    def _hold(self, connection: Any) -> None:
        months, left = list(self.months), HELD_BYTES
        for at in reversed(range(len(months))):
            (size,) = connection.execute(f"SELECT coalesce(sum(octet_length(rows)), 0) FROM {months[at].name}").fetchone()  # noqa: S608
            left -= size
            if left < 0:
                break
            found = connection.execute(f"SELECT series, count, rows FROM {months[at].name}").fetchall()  # noqa: S608
            months[at] = replace(months[at], held={series: (count, text) for series, count, text in found})
        self.months = tuple(months)

    @staticmethod
    def _days(connection: Any) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = connection.execute(DAYS.format(offset=WIB_OFFSET, day=DAY_MS)).fetchall()
        return found


def kept(months: Iterable[Month], series: int, start: int, stop: int) -> tuple[str, list[Packed]]:
    """The bytes of a series in the months that have a part in a time: how to ask for them (empty: no need to), and those in memory."""
    some = [m for m in months if m.low < stop and m.high > start]
    query = " UNION ALL ".join(f"SELECT count, rows FROM {m.name} WHERE series = {series}" for m in some if m.held is None)  # noqa: S608
    return query, [m.held[series] for m in some if m.held is not None and series in m.held]


def opened(found: Iterable[Packed], start: int, stop: int, counting: NDArray[np.bool_], names: Iterable[str]) -> Columns:
    """Columns ``names`` of rollups (``sources.NEEDS``), with ``t`` and ``e``, out of what ``kept`` found, of segments that count
    (``Days.counting``), from the hour that begins at ``start`` to before the one at ``stop``."""
    names = tuple(names)
    stored = tuple(dict.fromkeys(("segment", "hour", *("after" if name == "last_t" else name for name in names))))
    months = [_opened(count, rows, stored) for count, rows in found] or [{name: np.zeros(0, COLUMNS[name]) for name in stored}]
    rows = months[0] if len(months) == 1 else {name: np.concatenate([m[name] for m in months]) for name in stored}
    t = rows["hour"].astype(np.int64) * HOUR_MS
    good = counting[np.minimum(rows["segment"], len(counting) - 1)]
    if len(months) > 1 or (len(t) and not start <= t[0] <= t[-1] < stop):  # those of one month are in order
        good &= (t >= start) & (t < stop)
    columns = {name: t + rows["after"] if name == "last_t" else rows[name] for name in names} | {"t": t}
    if not good.all():
        columns = {name: values[good] for name, values in columns.items()}
    return {**columns, "e": np.zeros(len(columns["t"]), np.int32)}


def _packed(rows: Columns, valid: NDArray[np.int32]) -> Any:
    """A table of ``series``, ``count`` and ``rows``."""
    good = np.flatnonzero(np.isin(rows["segment"], valid))
    order = good[np.lexsort((rows["segment"][good], rows["hour"][good], rows["series"][good]))]
    series = rows["series"][order]
    begins = np.flatnonzero(np.insert(np.diff(series) != 0, 0, True)) if len(series) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(series))
    columns = {name: rows[name][order].astype(kind) for name, kind in COLUMNS.items()}
    texts = [_closed({name: values[a:b] for name, values in columns.items()}) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    return arrow_table({"series": series[begins], "count": (ends - begins).astype(np.int32), "rows": blobs(texts)})


def _closed(columns: Columns) -> bytes:
    """Whole numbers as steps; then of every number the first bytes, the second ones and so on: alike stands beside alike for zstd."""
    plain = [np.diff(a, prepend=a.dtype.type(0)) if a.dtype.kind == "i" else a for a in columns.values()]
    text = b"".join(np.ascontiguousarray(a).view(np.uint8).reshape(len(a), a.itemsize).T.tobytes() for a in plain)
    return bytes(pa.compress(text, "zstd", asbytes=True))


def _opened(count: int, text: bytes, names: Collection[str]) -> Columns:
    plain, at, out = np.frombuffer(pa.decompress(text, count * ROW_BYTES, "zstd"), np.uint8), 0, {}
    for name, kind in COLUMNS.items():
        size = np.dtype(kind).itemsize
        if name in names:
            values = np.ascontiguousarray(plain[at : at + count * size].reshape(size, count).T).view(kind).reshape(count)
            out[name] = np.cumsum(values, dtype=kind) if kind == "<i4" else values
        at += count * size
    return out


def _number(day: int) -> int:
    """The month of a local day."""
    moment = datetime.fromtimestamp(day * 86_400, UTC)
    return moment.year * 12 + moment.month - 1


def _month(number: int, name: str) -> Month:
    low, high = ((date(n // 12, n % 12 + 1, 1) - date(1970, 1, 1)).days * DAY_MS - WIB_OFFSET for n in (number, number + 1))
    return Month(number, name, low, high)
