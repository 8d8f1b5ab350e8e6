"""Rows on their way into and out of DuckDB.

Arrays are made out of buffers: pyarrow's own way from Python's objects looks for pandas first, and where that is installed, loads it in
the middle of a commit, which takes half a second and 40 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kampung_cloud.telemetry.store import PackId, Rows, SeriesKey


def rows_of(found: dict[str, Any]) -> Rows:
    """Rows out of what DuckDB gives."""
    return Rows(found["series"], found["t"], found["received"], found["v"], found["q"])


def table_of(rows: Rows) -> Any:
    """Rows for DuckDB."""
    return arrow_table({"series": rows.series, "t": rows.t, "received": rows.received, "v": rows.v, "q": rows.q})


def series_table(series: list[tuple[int, SeriesKey]]) -> Any:
    """Series with their numbers for DuckDB."""
    names = ("village", "node", "device", "quantity", "unit")
    columns = {name: strings([getattr(key, name) for _, key in series]) for name in names}
    return arrow_table({"number": np.asarray([n for n, _ in series], dtype=np.int32), **columns})


def pack_table(packs: list[PackId], at: int) -> Any:
    """Packs for DuckDB, received ``at``."""
    return arrow_table(
        {
            "node": strings([p.node for p in packs]),
            "epoch": strings([p.epoch for p in packs]),
            "seq": np.asarray([p.seq for p in packs], dtype=np.int64),
            "readings": np.asarray([p.readings for p in packs], dtype=np.int32),
            "received": np.full(len(packs), at, dtype=np.int64),
        }
    )


def arrow_table(columns: Mapping[str, NDArray[Any] | pa.Array]) -> Any:
    """A table of numbers (NumPy, which are not copied), ``strings`` and ``blobs``."""
    arrays = [column if isinstance(column, pa.Array) else numbers(column) for column in columns.values()]
    return pa.Table.from_arrays(arrays, names=[*columns])


def numbers(column: NDArray[Any], unknown: NDArray[np.bool_] | None = None) -> Any:
    """Numbers as they lie in memory; null where they are ``unknown``."""
    column = np.ascontiguousarray(column)
    known = None if unknown is None else pa.py_buffer(np.packbits(~unknown, bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(column.dtype), len(column), [known, pa.py_buffer(column)])


def values_of(column: Any) -> NDArray[Any]:
    """Numbers out of Arrow, none of which is null: not copied, and without pandas, which ``to_numpy`` looks for too."""
    values = np.frombuffer(column.buffers()[1], np.dtype(str(column.type)))
    return values[column.offset : column.offset + len(column)]


def strings(texts: Iterable[str]) -> Any:
    """Texts for ``arrow_table``."""
    return _pieces([text.encode() for text in texts], pa.string())


def blobs(pieces: Sequence[bytes]) -> Any:
    """Bytes for ``arrow_table``."""
    return _pieces(pieces, pa.binary())


def _pieces(pieces: Sequence[bytes], kind: Any) -> Any:
    ends = np.fromiter(accumulate(map(len, pieces), initial=0), np.int32, len(pieces) + 1)
    return pa.Array.from_buffers(kind, len(pieces), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(pieces))])
