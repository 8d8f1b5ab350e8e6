"""The compiled code (``usual.c``) and the memory that it works in."""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from kampung_contract.pack import MAX_JSON_BYTES, MAX_READINGS, dictionary
from numpy.typing import NDArray

from kampung_cloud.ingest.usual.build import LIBRARY, mark
from kampung_cloud.telemetry.store import Flags, Floats, Ints

MOST_PACKS = 1_024
"""Packs that are taken at once."""
ROOM = 16 * MAX_READINGS
"""Readings that they hold at most."""
EPOCH = 32
"""Letters of an epoch at most."""
ZLIB = {"linux": "libz.so.1", "darwin": "libz.1.dylib"}
"""Where zlib is a library of the machine, and not only inside Python."""


class Found(NamedTuple):
    """By pack that was looked at: seq, epoch, how many columns and readings, none when it is not usual.

    By column: which of the known ones, and how many readings. By reading: steps and values as in ``Runs``; flags, None when all are good.
    """

    seqs: list[int]
    epochs: list[bytes]
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


class _Stream(ctypes.Structure):
    """zlib's ``z_stream``."""

    _fields_ = (
        ("next_in", ctypes.c_void_p),
        ("avail_in", ctypes.c_uint),
        ("total_in", ctypes.c_ulong),
        ("next_out", ctypes.c_void_p),
        ("avail_out", ctypes.c_uint),
        ("total_out", ctypes.c_ulong),
        *((name, ctypes.c_void_p) for name in ("message", "state", "allocate", "release", "opaque")),
        ("data_type", ctypes.c_int),
        ("adler", ctypes.c_ulong),
        ("reserved", ctypes.c_ulong),
    )


class _Inflater(ctypes.Structure):
    _fields_ = (
        ("z", _Stream),
        *((name, ctypes.c_void_p) for name in ("inflate", "reset", "dictionary")),
        ("words", ctypes.c_char_p),
        ("words_size", ctypes.c_int64),
        ("room", ctypes.c_void_p),
        ("most", ctypes.c_int64),
    )


class Library:
    """Serves one thread at a time. ``known`` says which columns there are, ``inflates`` whether zlib was found."""

    def __init__(self, path: Path = LIBRARY) -> None:
        """Raises ``OSError`` when it is not there, not for this machine, or compiled from another ``usual.c``."""
        if mark() not in path.read_bytes():
            raise OSError(f"{path.name} was compiled from another usual.c")
        code = ctypes.CDLL(str(path))
        self._take, self._index = code.usual_take, code.usual_index
        self._index.restype = None
        self._take.restype = ctypes.c_int64
        places = [ctypes.c_void_p]
        self._take.argtypes = [*places * 2, ctypes.c_int64, *places * 3, ctypes.c_int64, *places * 5]
        self._index.argtypes = [ctypes.c_void_p, ctypes.c_int64]
        self._payloads = (ctypes.c_char_p * MOST_PACKS)()
        self._sizes, self._nodes = np.zeros(MOST_PACKS, np.int64), np.zeros(MOST_PACKS, np.int32)
        self._packs, self._epochs = np.zeros((3, MOST_PACKS), np.int64), np.zeros(MOST_PACKS, f"S{EPOCH}")
        self._which, self._counts = np.empty(ROOM, np.int32), np.empty(ROOM, np.int64)
        self._steps, self._v, self._q = np.empty(ROOM, np.int64), np.empty(ROOM, np.float64), np.empty(ROOM, np.uint8)
        buffers = (self._which, self._counts, self._steps, self._v, self._q)
        self._columns = _Columns(*(array.ctypes.data for array in buffers), 0, 0, ROOM, 0)
        self._places = [ctypes.addressof(self._payloads), self._sizes.ctypes.data, self._nodes.ctypes.data]
        seqs, columns, readings = (row.ctypes.data for row in self._packs)
        self._results = [ctypes.addressof(self._columns), seqs, self._epochs.ctypes.data, columns, readings]
        self._words, self._text = dictionary(), np.empty(MAX_JSON_BYTES + 1, np.uint8)
        self._inflater = _Inflater()
        self.inflates = self._with_zlib()
        self._held: tuple[Any, ...] = ()
        self.know([], [])

    def _with_zlib(self) -> bool:
        try:
            zlib = ctypes.CDLL(ZLIB.get(sys.platform, "zlib1.dll"))
            begin, version = zlib.inflateInit_, zlib.zlibVersion
            found = [ctypes.cast(f, ctypes.c_void_p).value for f in (zlib.inflate, zlib.inflateReset, zlib.inflateSetDictionary)]
        except (OSError, AttributeError):
            return False
        version.restype = ctypes.c_char_p
        begin.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        inflater = self._inflater
        if begin(ctypes.addressof(inflater), version(), ctypes.sizeof(_Stream)):  # another form of z_stream, or no memory
            return False
        weakref.finalize(self, zlib.inflateEnd, ctypes.byref(inflater))
        inflater.inflate, inflater.reset, inflater.dictionary = found
        inflater.words, inflater.words_size = self._words, len(self._words)
        inflater.room, inflater.most = self._text.ctypes.data, MAX_JSON_BYTES
        return True

    def know(self, names: Sequence[bytes], nodes: Sequence[int]) -> None:
        """Columns by the text that names them in a pack, with the number of the node whose they are."""
        ends = np.fromiter(accumulate(map(len, names), initial=0), np.int64, len(names) + 1)
        of, text = np.asarray(nodes, np.int32), b"".join(names)
        table = np.full(2 << len(names).bit_length(), -1, np.int32)  # at most half full
        self._known = _Known(text, ends.ctypes.data, of.ctypes.data, table.ctypes.data, len(table) - 1)
        self._held = (text, ends, of, table)  # they stay where they are while the code knows of them
        self._index(ctypes.addressof(self._known), len(names))

    def take(self, payloads: Sequence[bytes], nodes: Sequence[int]) -> Found:
        """The first of the packs, as they came or inflated, by the number of their node: as many as there is room for, one at least.

        What is deflated is at most MAX_BYTES long.
        """
        columns, payloads, nodes = self._columns, payloads[:MOST_PACKS], nodes[:MOST_PACKS]
        size = len(payloads)
        self._payloads[:size] = [*payloads]
        self._sizes[:size], self._nodes[:size] = [*map(len, payloads)], nodes
        columns.columns = columns.readings = columns.flagged = 0
        known, inflater = ctypes.addressof(self._known), ctypes.addressof(self._inflater)
        done = self._take(known, inflater, size, *self._places, MAX_READINGS, *self._results)
        many, readings = columns.columns, columns.readings
        seqs, column_counts, reading_counts = self._packs[:, :done].tolist()
        return Found(
            seqs,
            self._epochs[:done].tolist(),
            column_counts,
            reading_counts,
            self._which[:many].copy(),
            self._counts[:many].copy(),
            self._steps[:readings].copy(),
            self._v[:readings].copy(),
            self._q[:readings].copy() if columns.flagged else None,
        )
