"""A commit as the DuckDB engine keeps it first: one value, in the transaction that makes it durable. Nothing in the database looks into it.

A column of a table would be compressed, looked through and written again within the minute; a journal only has to be read once more.
DuckDB holds it in memory until its readings are in files, so a large one is compressed, which costs no more than writing more bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import GOOD
from numpy.typing import NDArray

from kampung_cloud.telemetry.held import AS_IS, WIDTHS, Held, valued, width, with_odd
from kampung_cloud.telemetry.store import Floats, Ints, PackId, Runs

FORM = 2
FORMS = (1, 2)
"""The first had every value in ``v``, and nothing compressed."""
WORTH_BYTES = 4_096
"""From so many on it is compressed."""
CODEC = pa.Codec("zstd", compression_level=1)
NOTHING = memoryview(b"")


class _Record(msgspec.Struct, array_like=True):
    """A ``Held``; ``widths`` are places in WIDTHS of counts, steps and whole numbers; ``q`` is empty where all flags are good.

    Or one that has ``size`` bytes and lies compressed ``inside``.
    """

    form: int
    widths: tuple[int, ...] = (0, 0)
    series: memoryview = NOTHING
    counts: memoryview = NOTHING
    received: memoryview = NOTHING
    first: memoryview = NOTHING
    steps: memoryview = NOTHING
    v: memoryview = NOTHING
    q: memoryview = NOTHING
    packs: list[PackId] = msgspec.field(default_factory=list)
    scale: int = AS_IS
    whole: memoryview = NOTHING
    odd: memoryview = NOTHING
    size: int = 0
    inside: memoryview = NOTHING

    @property
    def kind(self) -> tuple[int, int, bool]:
        """Values of records that follow one another are read together if they are of one kind."""
        return self.scale, self.widths[-1], len(self.odd) > 0


_decoder = msgspec.msgpack.Decoder(_Record)


def encode(held: Held, packs: Sequence[PackId]) -> bytes:
    """Readings by series number, and the packs that held them."""
    widths = (width(held.counts), width(held.steps), width(held.whole))
    record = _Record(
        FORM,
        widths,
        _written(held.series, "<i4"),
        _written(held.counts, WIDTHS[widths[0]][0]),
        _written(held.received, "<i8"),
        _written(held.first, "<i8"),
        _written(held.steps, WIDTHS[widths[1]][0]),
        _written(held.v, "<f8"),
        NOTHING if held.q is None else _written(held.q, "u1"),
        list(packs),
        held.scale,
        _written(held.whole, WIDTHS[widths[2]][0]),
        _written(held.odd, "<i4"),
    )
    body = msgspec.msgpack.encode(record)
    if len(body) < WORTH_BYTES:
        return body
    return msgspec.msgpack.encode(_Record(FORM, size=len(body), inside=memoryview(CODEC.compress(body))))


def decode(bodies: Sequence[bytes]) -> tuple[Runs, list[PackId]]:
    """What ``encode`` was given, of several one behind another. Raises ``ConfigurationError`` for a record of another version."""
    found = [_read(body) for body in bodies]
    counts = _whole([(f.counts, f.widths[0]) for f in found])
    steps = _whole([(f.steps, f.widths[1]) for f in found])
    steps[np.cumsum(counts) - counts] = np.frombuffer(b"".join([f.first for f in found]), "<i8")
    series = np.frombuffer(b"".join([f.series for f in found]), "<i4").astype(np.int32)
    received = np.frombuffer(b"".join([f.received for f in found]), "<i8").astype(np.int64)
    q = None
    if any(len(f.q) for f in found):
        lengths = [len(f.steps) // np.dtype(WIDTHS[f.widths[1]][0]).itemsize for f in found]
        parts = [np.frombuffer(f.q, np.uint8) if len(f.q) else np.full(n, GOOD, np.uint8) for f, n in zip(found, lengths, strict=True)]
        q = np.concatenate(parts)
    return Runs(series, counts, received, steps, _values(found), q), [pack for f in found for pack in f.packs]


def _read(body: bytes) -> _Record:
    try:
        found = _decoder.decode(body)
        if found.size > 0:
            found = _decoder.decode(CODEC.decompress(found.inside, found.size))
    except (msgspec.DecodeError, OSError, MemoryError, OverflowError) as error:  # the last three where bytes are not what they were
        raise ConfigurationError(f"telemetry.url: a journal entry cannot be read ({error}); restore a backup") from None
    if found.form not in FORMS:
        raise ConfigurationError(f"telemetry.url: a journal entry has form {found.form}; this version reads {FORM}: start the newer one")
    return found


def _whole(columns: Sequence[tuple[memoryview, int]]) -> Ints:
    """Whole numbers one behind another; each with its width. Mostly all have the same, and there may be a hundred thousand."""
    widths = {place for _, place in columns}
    if len(widths) == 1:
        return np.frombuffer(b"".join([data for data, _ in columns]), WIDTHS[widths.pop()][0]).astype(np.int64)
    parts = [np.frombuffer(data, WIDTHS[place][0]).astype(np.int64) for data, place in columns]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _values(found: Sequence[_Record]) -> Floats:
    parts = [np.zeros(0)]
    for (scale, place, odd), group in groupby(found, key=lambda f: f.kind):
        some = list(group)
        if scale == AS_IS:
            parts.append(np.frombuffer(b"".join([f.v for f in some]), "<f8"))
            continue
        v = valued(np.frombuffer(b"".join([f.whole for f in some]), WIDTHS[place][0]), scale)
        if odd:
            at, before = list[Ints](), 0
            counts = [_whole([(f.counts, f.widths[0])]) for f in some]
            for record, pieces in zip(some, counts, strict=True):
                at.append(np.frombuffer(record.odd, "<i4").astype(np.int64) + before)
                before += len(pieces)
            with_odd(v, np.concatenate(counts), np.concatenate(at), np.frombuffer(b"".join([f.v for f in some]), "<f8"))
        parts.append(v)
    return np.concatenate(parts)


def _written(numbers: NDArray[Any], kind: str) -> memoryview:
    return np.ascontiguousarray(numbers, kind).data.cast("B") if len(numbers) else NOTHING
