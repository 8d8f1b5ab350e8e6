"""A commit as the DuckDB engine keeps it first: one value, in the transaction that makes it durable. Nothing in the database looks into it.

A column of a table would be compressed, looked through and written again within the minute; a journal only has to be read once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import GOOD
from numpy.typing import NDArray

from kampung_cloud.telemetry.store import Ints, PackId, Runs

FORM = 1
WIDTHS = (("<u2", 0, 2**16 - 1), ("<i4", -(2**31), 2**31 - 1), ("<i8", -(2**63), 2**63 - 1))
"""How whole numbers may be written, the narrowest first."""


class _Record(msgspec.Struct, array_like=True):
    """``widths`` are places in WIDTHS of counts and steps; ``q`` is empty where all flags are good."""

    form: int
    widths: tuple[int, int]
    series: memoryview
    counts: memoryview
    received: memoryview
    first: memoryview
    steps: memoryview
    v: memoryview
    q: memoryview
    packs: list[PackId]


_decoder = msgspec.msgpack.Decoder(_Record)


def encode(runs: Runs, packs: Sequence[PackId]) -> bytes:
    """Readings by series number, and the packs that held them."""
    starts, steps = runs.starts, runs.steps.copy()
    steps[starts] = 0
    widths = (_width(runs.counts), _width(steps))
    record = _Record(
        FORM,
        widths,
        _written(runs.series, "<i4"),
        _written(runs.counts, WIDTHS[widths[0]][0]),
        _written(runs.received, "<i8"),
        _written(runs.steps[starts], "<i8"),
        _written(steps, WIDTHS[widths[1]][0]),
        _written(runs.v, "<f8"),
        memoryview(b"") if runs.q is None else _written(runs.q, "u1"),
        list(packs),
    )
    return msgspec.msgpack.encode(record)


def decode(bodies: Sequence[bytes]) -> tuple[Runs, list[PackId]]:
    """What ``encode`` was given, of several one behind another. Raises ``ConfigurationError`` for a record of another version."""
    found = [_read(body) for body in bodies]
    counts = _whole([(f.counts, f.widths[0]) for f in found])
    steps = _whole([(f.steps, f.widths[1]) for f in found])
    steps[np.cumsum(counts) - counts] = np.frombuffer(b"".join([f.first for f in found]), "<i8")
    series = np.frombuffer(b"".join([f.series for f in found]), "<i4").astype(np.int32)
    received = np.frombuffer(b"".join([f.received for f in found]), "<i8").astype(np.int64)
    v = np.frombuffer(b"".join([f.v for f in found]), "<f8").astype(np.float64)
    q = None
    if any(len(f.q) for f in found):
        q = np.concatenate([np.frombuffer(f.q, np.uint8) if len(f.q) else np.full(len(f.v) // 8, GOOD, np.uint8) for f in found])
    return Runs(series, counts, received, steps, v, q), [pack for f in found for pack in f.packs]


def _read(body: bytes) -> _Record:
    try:
        found = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"telemetry.url: a journal entry cannot be read ({error}); restore a backup") from None
    if found.form != FORM:
        raise ConfigurationError(f"telemetry.url: a journal entry has form {found.form}; this version reads {FORM}: start the newer one")
    return found


def _whole(columns: Sequence[tuple[memoryview, int]]) -> Ints:
    """Whole numbers one behind another; each with its width. Mostly all have the same, and there may be a hundred thousand."""
    widths = {width for _, width in columns}
    if len(widths) == 1:
        return np.frombuffer(b"".join([data for data, _ in columns]), WIDTHS[widths.pop()][0]).astype(np.int64)
    parts = [np.frombuffer(data, WIDTHS[width][0]).astype(np.int64) for data, width in columns]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _width(numbers: Ints) -> int:
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    return next(place for place, (_, least, most) in enumerate(WIDTHS) if least <= low and high <= most)


def _written(numbers: NDArray[Any], kind: str) -> memoryview:
    return np.ascontiguousarray(numbers, kind).data.cast("B") if len(numbers) else memoryview(b"")
