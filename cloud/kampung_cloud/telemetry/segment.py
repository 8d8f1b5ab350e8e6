"""One Parquet file of readings: how it is written, and how its rows are asked for.

Values of nearly all sensors are decimals of a few digits. A file holds series of one such number of digits (``scale``), its values as
DECIMAL(18, scale) in steps from one to the next: half of what DOUBLE in a dictionary takes. What is no such decimal is DOUBLE, in a file
of its own (``scale`` is ``AS_IS``). Both are plain Parquet for other tools.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kampung_cloud.telemetry.arrow import numbers, strings
from kampung_cloud.telemetry.freeing import release
from kampung_cloud.telemetry.held import AS_IS
from kampung_cloud.telemetry.rollups import Rollups
from kampung_cloud.telemetry.sorting import Columns, Piece

GROUP_ROWS = 61_440
"""Rows that are compressed, and skipped, together."""
STEPS = "DELTA_BINARY_PACKED"
NAMES = "SELECT node || '.' || device || '.' || quantity AS id FROM series ORDER BY number"


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
        release()

    def close(self) -> None:
        """It is whole."""
        self._flush()
        self._writer.close()

    def drop(self) -> None:
        """It is not wanted."""
        with contextlib.suppress(Exception):  # whatever ended it may happen again
            self._writer.close()
        self.path.unlink(missing_ok=True)


def write(connection: Any, pieces: Iterable[Piece], fresh: Callable[[], Path]) -> list[Written]:
    """Rows in files that ``fresh`` names, one for each scale; ``pieces`` are in order of series and time, and may raise.

    Raises ``OSError`` and what DuckDB raises; then no file is left.
    """
    files: dict[int, Written] = {}
    try:
        (names,) = connection.execute(NAMES).fetchnumpy().values()
        for rows, scale in pieces:
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
        if isinstance(error, pa.ArrowException):  # what is said of a file that is merged
            raise OSError(str(error)) from error
        raise
    return list(files.values())


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
        write_page_checksum=True,  # a changed bit is found by whoever merges it, and does not become a reading
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


def reader(path: Path, scale: int) -> pq.ParquetFile:
    """To read the file from its beginning to its end. Raises ``OSError`` and ``pyarrow.ArrowException`` for what is none of ours."""
    file = pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True)
    if file.schema_arrow.names != _schema(scale).names:
        file.close()
        raise OSError(f"{path.name}: its columns are {', '.join(map(repr, file.schema_arrow.names))[:200]}")
    return file


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
