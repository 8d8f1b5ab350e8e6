"""The compiled code (``usual.c``) and the memory that it works in."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from kampung_contract.pack import MAX_READINGS
from numpy.typing import NDArray

from kampung_cloud.ingest.usual.build import LIBRARY
from kampung_cloud.telemetry.store import Flags, Floats, Ints

MOST_PACKS = 256
ENOUGH_BYTES = 192 * 1024
"""Packs that are taken at once: so few that their texts and numbers stay in the processor's cache."""
ROOM = ENOUGH_BYTES // 2 + MAX_READINGS
"""Readings that they hold at most: each takes at least two bytes, and the last pack goes beyond by no more than a pack's."""
EPOCH_AT = len('{"v":1,"epoch":"')


class Found(NamedTuple):
    """By pack: seq, length of the epoch that begins at EPOCH_AT, how many columns and readings, none when it is not usual.

    By column: which of the known ones, and how many readings. By reading: steps and values as in ``Runs``; flags, None when all are good.
    """

    seqs: list[int]
    epochs: list[int]
    columns: list[int]
    readings: list[int]
    which: NDArray[np.int32]
    counts: Ints
    steps: Ints
    v: Floats
    q: Flags | None


class _Known(ctypes.Structure):
    _fields_ = (
        ("names", ctypes.c_char_p),
        *((name, ctypes.c_void_p) for name in ("at", "node", "table")),
        ("mask", ctypes.c_int64),
    )


class _Columns(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("which", "counts", "steps", "v", "q")),
        *((name, ctypes.c_int64) for name in ("columns", "readings", "most", "flagged")),
    )


class Library:
    """Serves one thread at a time. ``known`` says which columns there are."""

    def __init__(self, path: Path = LIBRARY) -> None:
        """Raises ``OSError`` when it is not there or not for this machine."""
        code = ctypes.CDLL(str(path))
        self._take, self._index = code.usual_take, code.usual_index
        self._take.restype = self._index.restype = None
        self._take.argtypes = [ctypes.c_void_p, ctypes.c_int64, *[ctypes.c_void_p] * 3, ctypes.c_int64, *[ctypes.c_void_p] * 5]
        self._index.argtypes = [ctypes.c_void_p, ctypes.c_int64]
        self._texts = (ctypes.c_char_p * MOST_PACKS)()
        self._sizes, self._nodes = np.zeros(MOST_PACKS, np.int64), np.zeros(MOST_PACKS, np.int32)
        self._packs = np.zeros((4, MOST_PACKS), np.int64)
        self._which, self._counts = np.empty(ROOM, np.int32), np.empty(ROOM, np.int64)
        self._steps, self._v, self._q = np.empty(ROOM, np.int64), np.empty(ROOM, np.float64), np.empty(ROOM, np.uint8)
        buffers = (self._which, self._counts, self._steps, self._v, self._q)
        self._columns = _Columns(*(array.ctypes.data for array in buffers), 0, 0, ROOM, 0)
        self._places = [ctypes.addressof(self._texts), self._sizes.ctypes.data, self._nodes.ctypes.data]
        self._results = [ctypes.addressof(self._columns), *(row.ctypes.data for row in self._packs)]
        self._held: tuple[Any, ...] = ()
        self.know([], [])

    def know(self, names: Sequence[bytes], nodes: Sequence[int]) -> None:
        """Columns by the text that names them in a pack, with the number of the node whose they are."""
        ends = np.fromiter(accumulate(map(len, names), initial=0), np.int64, len(names) + 1)
        of, text = np.asarray(nodes, np.int32), b"".join(names)
        table = np.full(2 << len(names).bit_length(), -1, np.int32)  # at most half full
        self._known = _Known(text, ends.ctypes.data, of.ctypes.data, table.ctypes.data, len(table) - 1)
        self._held = (text, ends, of, table)  # they stay where they are while the code knows of them
        self._index(ctypes.addressof(self._known), len(names))

    def take(self, texts: Sequence[bytes], nodes: Sequence[int]) -> Found:
        """At most MOST_PACKS packs, by JSON and number of their node; all but the last one together shorter than ENOUGH_BYTES."""
        size, columns = len(texts), self._columns
        self._texts[:size] = [*texts]
        self._sizes[:size], self._nodes[:size] = [*map(len, texts)], nodes
        columns.columns = columns.readings = columns.flagged = 0
        self._take(ctypes.addressof(self._known), size, *self._places, MAX_READINGS, *self._results)
        many, readings = columns.columns, columns.readings
        seqs, epochs, column_counts, reading_counts = self._packs[:, :size].tolist()
        return Found(
            seqs,
            epochs,
            column_counts,
            reading_counts,
            self._which[:many].copy(),
            self._counts[:many].copy(),
            self._steps[:readings].copy(),
            self._v[:readings].copy(),
            self._q[:readings].copy() if columns.flagged else None,
        )
