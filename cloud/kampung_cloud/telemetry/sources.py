"""Where the rows of a question lie: the database's own tables, Parquet segments, rollups. Builds the SQL; asks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kampung_cloud.telemetry.days import DAY_MS, HOUR_MS, Days, Segment, quoted
from kampung_cloud.telemetry.order import WIB_OFFSET, bucket_start

HOT = "readings"
ROW = "series, t, received, v, q"
PART = "SELECT t, 1 AS n, v AS total, v AS low_v, v AS high_v, v AS last_v, t AS last_t, e FROM ({}) WHERE q NOT IN (4, 9)"
BUCKETS = """
SELECT (t + {offset}) // {every} * {every} - {offset} AS bucket, sum(total) / sum(n) AS mean, min(low_v) AS min, max(high_v) AS max,
    sum(n)::BIGINT AS count, arg_max(last_v, last_t) AS last, max(e) AS e
FROM ({parts}) GROUP BY bucket ORDER BY bucket LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """``tables`` of the database that hold rows beside ``segments``; ``estimated`` whether rows with doubtful times count too."""

    days: Days
    tables: tuple[str, ...]
    segments: tuple[Segment, ...]
    estimated: bool = False

    def rows(self, start: int, stop: int, series: int | None = None, *, only: Iterable[Segment] | None = None, more: str = "") -> str:
        """Rows with ``start`` <= t < ``stop``, with ``e`` 1 and ``boot`` where the time is doubtful. ``more`` narrows further."""
        where = f"WHERE t >= {start} AND t < {stop}" + (f" AND series = {series}" if series is not None else "") + more
        parts = [f"SELECT {ROW}, 0 AS e, NULL::VARCHAR AS boot FROM {table} {where}" for table in self.tables]  # noqa: S608 - names and numbers of our own
        if self.estimated:
            parts.append(f"SELECT {ROW}, 1 AS e, boot FROM estimated {where}")  # noqa: S608
        parts += self.files(self.within(start, stop, series) if only is None else only, where)
        return " UNION ALL ".join(parts)

    def files(self, segments: Iterable[Segment], where: str) -> list[str]:
        """The rows of segments, none when there is none."""
        paths = ", ".join(quoted(self.days.path(s)) for s in segments)
        columns = "series, t, t + lag AS received, v, q, 0 AS e, NULL::VARCHAR AS boot"
        return [f"SELECT {columns} FROM read_parquet([{paths}]) {where}"] if paths else []  # noqa: S608

    def within(self, start: int, stop: int, series: int | None) -> list[Segment]:
        """Segments that may hold such rows."""
        return [s for s in self.segments if s.low < stop and s.high >= start and (series is None or s.holds(series))]

    def raw(self, series: int, start: int, stop: int, limit: int) -> str:
        """Readings in order."""
        return f"SELECT t, v, q, received, e, boot FROM ({self.rows(start, stop, series)}) ORDER BY t, received, v LIMIT {limit}"  # noqa: S608

    def buckets(self, series: int, start: int, stop: int, every: int, limit: int) -> str:
        """Aggregates by bucket; what the rollups know comes from them, what they cut from the rows."""
        level = DAY_MS if every % DAY_MS == 0 else HOUR_MS if every % HOUR_MS == 0 else 0
        first = bucket_start(start + level - 1, level) if level else stop
        last = bucket_start(stop, level) if level else stop
        if first >= last:
            return self._buckets([PART.format(self.rows(start, stop, series))], every, limit)
        parts = [PART.format(self.rows(start, stop, series, only=()))]
        for a, b in ((start, first), (last, stop)):
            where = f"WHERE t >= {a} AND t < {b} AND series = {series}"
            parts += [PART.format(part) for part in self.files(self.within(a, b, series), where) if a < b]
        table, at = ("daily", f"day::BIGINT * {DAY_MS} - {WIB_OFFSET}") if level == DAY_MS else ("hourly", "hour")
        when = f"day >= {(first + WIB_OFFSET) // DAY_MS} AND day < {(last + WIB_OFFSET) // DAY_MS}" if table == "daily" else ""
        when = when or f"hour >= {first} AND hour < {last}"
        parts.append(
            f"SELECT {at} AS t, n, total, low_v, high_v, last_v, last_t, 0 AS e FROM {table} "  # noqa: S608
            f"WHERE series = {series} AND n > 0 AND {when}"
        )
        return self._buckets(parts, every, limit)

    @staticmethod
    def _buckets(parts: list[str], every: int, limit: int) -> str:
        return BUCKETS.format(offset=WIB_OFFSET, every=every, parts=" UNION ALL ".join(parts), limit=limit)

    def counts(self, start: int, stop: int, series: int | None = None) -> str:
        """``series`` and ``n``, how many rows."""
        found = self.within(start, stop, series)
        inside = [s for s in found if s.low >= start and s.high < stop]
        cut = [s for s in found if s not in inside]
        parts = [f"SELECT series, count(*) AS n FROM ({self.rows(start, stop, series, only=cut)}) GROUP BY series"]  # noqa: S608
        if inside:
            numbers = ", ".join(str(s.id) for s in inside)
            only = f" AND series = {series}" if series is not None else ""
            parts.append(f"SELECT series, rows AS n FROM daily WHERE segment IN ({numbers}){only}")  # noqa: S608
        return f"SELECT series, sum(n)::BIGINT AS n FROM ({' UNION ALL '.join(parts)}) GROUP BY series"  # noqa: S608
