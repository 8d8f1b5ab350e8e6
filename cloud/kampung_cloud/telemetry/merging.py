"""Files of one day into one order, without a database: each is read from its beginning to its end, a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.arrow import values_of
from kampung_cloud.telemetry.held import AS_IS
from kampung_cloud.telemetry.segment import Segment, reader
from kampung_cloud.telemetry.sorting import KINDS, Columns, Piece, in_order, spans
from kampung_cloud.telemetry.store import Ints

READ_ROWS = 4_096
AT_ONCE = 8
"""Files that are read beside one another: a megabyte is open of each. More than the scales there are, so that some become fewer."""


class _Stream:
    """Rows of a file in order, each once."""

    def __init__(self, path: Path, scale: int) -> None:
        self._scale = scale
        self._file = reader(path, scale)
        self._batches = self._file.iter_batches(READ_ROWS, columns=[*KINDS], use_threads=False)
        self._held: Columns | None = None

    def upto(self, last: int) -> Iterator[Columns]:
        """What is left of series up to the one with number ``last``."""
        while (rows := self._held or self._next()) is not None:
            end = int(np.searchsorted(rows["series"], last, side="right"))
            if end:
                yield {name: values[:end] for name, values in rows.items()}
            if end < len(rows["series"]):
                self._held = {name: values[end:] for name, values in rows.items()}
                return
            self._held = None

    def _next(self) -> Columns | None:
        batch = next(self._batches, None)
        if batch is None:
            return None
        rows = {name: values_of(batch.column(name)) for name in KINDS if name != "v"}
        return {**rows, "v": self._values(batch.column("v"))}

    def _values(self, column: object) -> NDArray[np.float64]:
        if self._scale == AS_IS:
            return values_of(column)
        halves = np.frombuffer(column.buffers()[1], np.int64)[2 * column.offset :][: 2 * len(column)]  # type: ignore[attr-defined, arg-type]
        return halves[::2] / 10.0**self._scale

    def close(self) -> None:
        """Give up the file."""
        self._file.close()


def merged(folder: Path, segments: Sequence[Segment], rows: dict[int, int], without: Collection[int] = ()) -> Iterator[Piece]:
    """Rows of ``segments`` but those of some series; ``rows`` says how many there are of each.

    Raises ``OSError`` and ``pyarrow.ArrowException`` for a file that cannot be read.
    """
    numbers = np.asarray(sorted(rows.keys() - set(without)), np.int64)
    scales = scales_of(segments)
    counts = np.asarray([rows[n] for n in numbers.tolist()], np.int64)
    gone, left = np.asarray([*without], np.int64), int(counts.sum())
    with ExitStack() as stack:
        streams = [stack.enter_context(closing(_Stream(folder / s.file, s.scale))) for s in segments]
        for _, last in spans(numbers, counts):
            parts = [part for stream in streams for part in stream.upto(last)]
            if len(gone):
                parts = [{name: v[keep] for name, v in part.items()} for part in parts if (keep := ~np.isin(part["series"], gone)).any()]
            if parts:
                found = in_order(parts)
                left -= len(found["t"])
                yield found, scales[found["series"]]
    if left:
        names = ", ".join(s.file for s in segments)
        raise OSError(f"{names}: {abs(left):,} readings {'fewer' if left > 0 else 'more'} than the database knows of; restore a backup")


def scales_of(segments: Sequence[Segment]) -> Ints:
    """By series, the least scale that holds all its values: each file has the least for those in it."""
    out = np.full(max(len(s.present) for s in segments), -(2**31))
    for segment in segments:
        here = np.flatnonzero(segment.present)
        out[here] = np.maximum(out[here], 2**31 if segment.scale == AS_IS else segment.scale)
    return np.where(out == 2**31, AS_IS, out)
