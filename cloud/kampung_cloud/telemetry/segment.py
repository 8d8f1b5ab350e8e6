"""One Parquet file of readings: how it is written, and how its rows are asked for.

Values of nearly all sensors are decimals of a few digits. A file holds series of one such number of digits (``scale``), its values as
DECIMAL(18, scale) in steps from one to the next: half of what DOUBLE in a dictionary takes. What is no such decimal is DOUBLE, in a file
of its own (``scale`` is ``AS_IS``). Both are plain Parquet for other tools.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kampung_cloud.telemetry.rollups import Rollups

AS_IS = -1
MOST_DIGITS = 4
"""Beyond, the steps between values are as large as the values (those that a calibration made have nine digits)."""
GREATEST = 10**9
"""Greater values are as they are; with four digits more they are whole numbers that DOUBLE holds, and a group's sum 64 bits."""
GROUP_ROWS = 122_880
"""Rows that are compressed, and skipped, together."""
STEPS = "DELTA_BINARY_PACKED"
NAMES = "SELECT node || '.' || device || '.' || quantity AS id FROM series ORDER BY number"
SORTED = """
WITH c AS ({query}), s AS (SELECT series, CASE {cases} ELSE {as_is} END AS scale FROM c GROUP BY series)
SELECT scale::INTEGER AS scale, series::INTEGER AS series, t, lag, v, q
FROM c JOIN s USING (series) ORDER BY scale, series, t, lag, v
"""
CASES = " ".join(
    f"WHEN bool_and(round(v * 1e{scale}) / 1e{scale} = v AND abs(v) < {GREATEST}) THEN {scale}" for scale in range(MOST_DIGITS + 1)
)


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


@dataclass(slots=True)
class Written:
    """A file that was written; times in ms UTC, ``high`` the last one."""

    path: Path
    scale: int
    rows: int = 0
    low: int = 2**62
    high: int = -(2**62)
    rollups: Rollups = field(default_factory=Rollups)

    def add(self, writer: pq.ParquetWriter, rows: dict[str, NDArray[Any]], names: NDArray[Any]) -> None:
        """Rows that come after those before."""
        t, whole = rows["t"], None if self.scale == AS_IS else np.rint(rows["v"] * 10.0**self.scale).astype(np.int64)
        writer.write_batch(_batch(rows, whole, self.scale, names))
        self.rollups.add(rows, whole, self.scale)
        self.rows, self.low, self.high = self.rows + len(t), min(self.low, int(t.min())), max(self.high, int(t.max()))


def write(connection: Any, query: str, fresh: Callable[[], Path]) -> list[Written]:
    """The rows of ``query`` (series, t, lag, v, q) in files that ``fresh`` names, one for each scale, sorted by series and time.

    Raises what DuckDB raises, and ``OSError``; then no file is left.
    """
    (names,) = connection.execute(NAMES).fetchnumpy().values()
    files: list[Written] = []
    writer: pq.ParquetWriter | None = None
    try:
        asked = connection.sql(SORTED.format(query=query, cases=CASES, as_is=AS_IS))
        for batch in asked.to_arrow_reader(GROUP_ROWS):
            columns = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}
            scales, begins = np.unique(columns.pop("scale"), return_index=True)
            for scale, begin, end in zip(scales.tolist(), begins, [*begins[1:], batch.num_rows], strict=True):
                if writer is None or files[-1].scale != scale:
                    if writer is not None:
                        writer.close()
                    files.append(Written(fresh(), scale))
                    writer = _writer(files[-1])
                files[-1].add(writer, {name: values[begin:end] for name, values in columns.items()}, names)
        if writer is not None:
            writer.close()
    except BaseException as error:
        if writer is not None:
            with contextlib.suppress(Exception):  # it writes the end of a file that goes anyway
                writer.close()
        for file in files:
            file.path.unlink(missing_ok=True)
        if isinstance(error, pa.ArrowException):  # what DuckDB says while rows are taken from it
            raise OSError(str(error)) from error
        raise
    return files


def _type(scale: int) -> pa.DataType:
    return pa.float64() if scale == AS_IS else pa.decimal128(18, scale)


def _schema(scale: int) -> pa.Schema:
    kinds = {"id": pa.dictionary(pa.int32(), pa.string()), "series": pa.int32(), "t": pa.int64(), "lag": pa.int64()}
    return pa.schema({**kinds, "v": _type(scale), "q": pa.uint8()})


def _writer(file: Written) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        file.path,
        _schema(file.scale),
        compression="zstd",
        compression_level=3,
        store_schema=False,
        store_decimal_as_integer=True,
        use_dictionary=["id", "q", "v"] if file.scale == AS_IS else ["id", "q"],
        column_encoding=dict.fromkeys(("series", "t", "lag", *(() if file.scale == AS_IS else ("v",))), STEPS),
    )


def _batch(rows: dict[str, NDArray[Any]], whole: NDArray[np.int64] | None, scale: int, names: NDArray[Any]) -> pa.RecordBatch:
    series = rows["series"]
    changes = np.insert(np.diff(series) != 0, 0, True)
    ids = pa.DictionaryArray.from_arrays((np.cumsum(changes) - 1).astype(np.int32), pa.array(names[series[changes]], pa.string()))
    values = pa.array(rows["v"]) if whole is None else _decimals(whole, scale)
    arrays = [ids, pa.array(series), pa.array(rows["t"]), pa.array(rows["lag"]), values, pa.array(rows["q"])]
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
