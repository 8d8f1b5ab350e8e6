"""One Parquet file of readings: how it is written, and how its rows are asked for.

Values of nearly all sensors are decimals of a few digits. A file holds series of one such number of digits (``scale``), its values as
DECIMAL(18, scale) in steps from one to the next: half of what DOUBLE in a dictionary takes. What is no such decimal is DOUBLE, in a file
of its own (``scale`` is ``AS_IS``). Both are plain Parquet for other tools.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kampung_cloud.telemetry.arrow import numbers, strings, values_of
from kampung_cloud.telemetry.rollups import Rollups
from kampung_cloud.telemetry.store import Rows

AS_IS = -1
MOST_DIGITS = 4
"""Beyond, the steps between values are as large as the values (those that a calibration made have nine digits)."""
GREATEST = 10**9
"""Greater values are as they are; with four digits more they are whole numbers that DOUBLE holds, and a group's sum 64 bits."""
GROUP_ROWS = 122_880
"""Rows that are compressed, and skipped, together."""
SLICE_ROWS = 200_000
"""Rows that are sorted at once, of some series: a day of a regency has millions, and their number must not be felt in memory."""
STEPS = "DELTA_BINARY_PACKED"
NAMES = "SELECT node || '.' || device || '.' || quantity AS id FROM series ORDER BY number"
SERIES = "SELECT series, count(*) AS rows, (CASE {cases} ELSE {as_is} END)::INTEGER AS scale FROM ({query}) GROUP BY series ORDER BY series"
CASES = " ".join(
    f"WHEN bool_and(round(v * 1e{scale}) / 1e{scale} = v AND abs(v) < {GREATEST}) THEN {scale}" for scale in range(MOST_DIGITS + 1)
)
SLICE = """
SELECT series::INTEGER AS series, t, lag, v, q FROM ({query}) WHERE series >= {first} AND series <= {last} ORDER BY series, t, lag, v
"""
Columns = dict[str, NDArray[Any]]
Scales = NDArray[np.int64]


@dataclass(slots=True)
class Segment:
    """One file. ``present`` is by series number whether it holds rows of that series; ``rollups`` are there until it counts."""

    id: int
    day: int
    file: str
    rows: int
    low: int
    high: int
    bytes: int
    scale: int = AS_IS
    present: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    rollups: Rollups | None = field(default=None, compare=False, repr=False)

    def holds(self, series: int) -> bool:
        """Whether there are rows of the series."""
        return series < len(self.present) and bool(self.present[series])


class Written:
    """A file that is being written; times in ms UTC, ``high`` the last one. Rows come by series and time."""

    def __init__(self, path: Path, scale: int, names: NDArray[Any]) -> None:
        self.path, self.scale = path, scale
        self.rows, self.low, self.high = 0, 2**62, -(2**62)
        self.rollups = Rollups()
        self._names = names
        self._writer = _writer(path, scale)
        self._waiting: list[Columns] = []

    def add(self, rows: Columns) -> None:
        """Rows that come after those before; they are written when there are enough."""
        self._waiting.append(rows)
        if sum([len(w["t"]) for w in self._waiting]) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        rows = {name: np.concatenate([w[name] for w in self._waiting]) for name in self._waiting[0]}
        self._waiting = []
        t, whole = rows["t"], None if self.scale == AS_IS else np.rint(rows["v"] * 10.0**self.scale).astype(np.int64)
        self._writer.write_batch(_batch(rows, whole, self.scale, self._names))
        self.rollups.add(rows, whole, self.scale)
        self.rows, self.low, self.high = self.rows + len(t), min(self.low, int(t.min())), max(self.high, int(t.max()))

    def close(self) -> None:
        """It is whole."""
        self._flush()
        self._writer.close()

    def drop(self) -> None:
        """It is not wanted."""
        with contextlib.suppress(Exception):  # whatever ended it may happen again
            self._writer.close()
        self.path.unlink(missing_ok=True)


def write(connection: Any, source: str | Rows, fresh: Callable[[], Path]) -> list[Written]:
    """Rows in files that ``fresh`` names, one for each scale, sorted by series and time; ``source`` may be a question for them
    (series, t, lag, v, q).

    Raises what DuckDB raises, and ``OSError``; then no file is left.
    """
    files: dict[int, Written] = {}
    try:
        (names,) = connection.execute(NAMES).fetchnumpy().values()
        scales, pieces = _asked(connection, source, len(names)) if isinstance(source, str) else _sorted(source, len(names))
        for rows in pieces:
            scale = scales[rows["series"]]
            for each in np.unique(scale).tolist():
                if each not in files:
                    files[each] = Written(fresh(), each, names)
                chosen = scale == each
                files[each].add(rows if chosen.all() else {name: values[chosen] for name, values in rows.items()})
        for file in files.values():
            file.close()
    except BaseException as error:
        for file in files.values():
            file.drop()
        if isinstance(error, pa.ArrowException):  # what DuckDB says while rows are taken from it
            raise OSError(str(error)) from error
        raise
    return list(files.values())


def _asked(connection: Any, query: str, series: int) -> tuple[Scales, Iterator[Columns]]:
    """By series, of how many there are, the scale of its values; and the rows of ``query`` in order."""
    found = connection.execute(SERIES.format(query=query, cases=CASES, as_is=AS_IS)).fetchnumpy()
    scales = np.full(series, AS_IS)
    scales[found["series"]] = found["scale"]

    def pieces() -> Iterator[Columns]:
        for first, last in _slices(found["series"], found["rows"]):
            asked = connection.sql(SLICE.format(query=query, first=first, last=last))
            for batch in asked.to_arrow_reader(GROUP_ROWS):
                yield {name: values_of(batch.column(name)) for name in batch.schema.names}

    return scales, pieces()


def _sorted(rows: Rows, series: int) -> tuple[Scales, Iterator[Columns]]:
    """The same of rows in memory."""
    order = np.lexsort((rows.t, rows.series))
    number, t = rows.series[order], rows.t[order]
    if ((number[1:] == number[:-1]) & (t[1:] == t[:-1])).any():
        order = np.lexsort((rows.v, rows.received - rows.t, rows.t, rows.series))
    begins = np.flatnonzero(np.insert(np.diff(number) != 0, 0, True)) if len(number) else np.zeros(0, np.int64)
    scales, v = np.full(series, AS_IS), rows.v[order]
    left = np.ones(len(begins), np.bool_)
    small = np.abs(v) < GREATEST
    plain = np.where(small, v, 0.0)  # so that nothing overflows
    for scale in range(MOST_DIGITS + 1) if len(begins) else ():
        power = 10.0**scale
        fits = left & np.logical_and.reduceat(small & (np.rint(plain * power) / power == v), begins)
        scales[number[begins[fits]]] = scale
        left &= ~fits
        if not left.any():
            break

    def pieces() -> Iterator[Columns]:
        for at in range(0, len(order), GROUP_ROWS):
            some = rows.take(order[at : at + GROUP_ROWS])
            yield {"series": some.series, "t": some.t, "lag": some.received - some.t, "v": some.v, "q": some.q}

    return scales, pieces()


def _slices(series: NDArray[np.int32], rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last series of pieces of about SLICE_ROWS."""
    piece = (np.cumsum(rows) - rows) // SLICE_ROWS
    begins = np.flatnonzero(np.insert(np.diff(piece) != 0, 0, True)) if len(series) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(series)) - 1
    return list(zip(series[begins].tolist(), series[ends].tolist(), strict=True)) if len(series) else []


def _type(scale: int) -> pa.DataType:
    return pa.float64() if scale == AS_IS else pa.decimal128(18, scale)


def _schema(scale: int) -> pa.Schema:
    kinds = {"id": pa.dictionary(pa.int32(), pa.string()), "series": pa.int32(), "t": pa.int64(), "lag": pa.int64()}
    return pa.schema({**kinds, "v": _type(scale), "q": pa.uint8()})


def _writer(path: Path, scale: int) -> pq.ParquetWriter:
    decimal = scale != AS_IS
    return pq.ParquetWriter(
        path,
        _schema(scale),
        compression="zstd",
        compression_level=3,
        store_schema=False,
        store_decimal_as_integer=True,
        use_dictionary=["id", "q"] if decimal else ["id", "q", "v"],
        column_encoding=dict.fromkeys(("series", "t", "lag", *(["v"] if decimal else [])), STEPS),
    )


def _batch(rows: Columns, whole: NDArray[np.int64] | None, scale: int, names: NDArray[Any]) -> pa.RecordBatch:
    series = rows["series"]
    changes = np.insert(np.diff(series) != 0, 0, True)
    ids = pa.DictionaryArray.from_arrays(numbers((np.cumsum(changes) - 1).astype(np.int32)), strings(names[series[changes]].tolist()))
    values = numbers(rows["v"]) if whole is None else _decimals(whole, scale)
    arrays = [ids, numbers(series), numbers(rows["t"]), numbers(rows["lag"]), values, numbers(rows["q"])]
    return pa.RecordBatch.from_arrays(arrays, schema=_schema(scale))


def _decimals(whole: NDArray[np.int64], scale: int) -> pa.Array:
    """As Arrow has them: 128 bits, the lower half first."""
    both = np.stack((whole, whole >> 63), axis=1)
    return pa.Array.from_buffers(_type(scale), len(whole), [None, pa.py_buffer(both)])


def rows_in(segments: Iterable[tuple[str, int]], columns: str, where: str = "") -> list[str]:
    """Questions for ``columns`` of files (path and scale), one for each scale: DuckDB reads all files of a list as it reads the first."""
    paths: dict[int, list[str]] = {}
    for path, scale in segments:
        paths.setdefault(scale, []).append(quoted(path))
    value = {scale: "v" if scale == AS_IS else "v::DOUBLE AS v" for scale in paths}
    return [
        f"SELECT {columns} FROM (SELECT series, t, lag, {value[scale]}, q FROM read_parquet([{', '.join(some)}])) {where}"  # noqa: S608
        for scale, some in paths.items()
    ]


def quoted(path: Path | str) -> str:
    """As a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def sync(path: Path) -> None:
    """A file or folder onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
