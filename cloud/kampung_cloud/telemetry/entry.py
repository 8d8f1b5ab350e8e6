"""One commit to an engine outside this process, as it waits in the records until the engine has it on disk."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.store import PackId, Rows, SeriesKey, no_rows

_COLUMNS = (("series", "<i4"), ("t", "<i8"), ("received", "<i8"), ("v", "<f8"), ("q", "u1"), ("n", "<i8"))
_SIZE = 8


class _Body(msgspec.Struct):
    keys: list[SeriesKey]
    packs: list[tuple[str, str, int, int]]
    columns: list[bytes]


@dataclass(slots=True)
class Entry:
    """``points.rows.series`` are places in ``keys``, in order of series and time.

    ``written``, on the monotonic clock, is when the engine took it, None while it has not; ``process`` is the engine's run that did, where
    known; ``seen`` counts how often it was read back.
    """

    id: int
    keys: list[SeriesKey]
    points: Points
    packs: list[PackId]
    written: float | None = None
    process: str | None = None
    seen: int = 0
    numbers: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    """Series numbers of ``keys`` in this process."""
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._places = {key.id: place for place, key in enumerate(self.keys)}

    def rows(self, series_id: str, start: int, stop: int) -> Rows:
        """Rows of one series, numbered 0, with ``start`` <= t < ``stop``."""
        place = self._places.get(series_id)
        if place is None:
            return no_rows()
        rows = self.points.rows
        low, high = np.searchsorted(rows.series, [place, place + 1]).tolist()
        first, last = (np.searchsorted(rows.t[low:high], [start, stop]) + low).tolist()
        found = rows.take(np.arange(first, last))
        return Rows(np.zeros(last - first, np.int32), found.t, found.received, found.v, found.q)


def encode(keys: list[SeriesKey], points: Points, packs: list[PackId]) -> bytes:
    """Eight bytes of length, then LZ4."""
    columns = [np.asarray(points.n if name == "n" else getattr(points.rows, name)).astype(kind).tobytes() for name, kind in _COLUMNS]
    plain = msgspec.msgpack.encode(_Body(keys, [tuple(p) for p in packs], columns))  # type: ignore[misc]
    return len(plain).to_bytes(_SIZE, "little") + bytes(pa.compress(plain, "lz4", asbytes=True))


def decode(id: int, body: bytes) -> Entry:  # noqa: A002 - the column's name
    """An entry out of what ``encode`` gave."""
    size = int.from_bytes(body[:_SIZE], "little")
    plain = pa.decompress(body[_SIZE:], size, "lz4", asbytes=True)
    found = msgspec.msgpack.decode(plain, type=_Body)
    arrays = [np.frombuffer(data, kind).astype(kind[-2:]) for data, (_, kind) in zip(found.columns, _COLUMNS, strict=True)]
    return Entry(id, found.keys, Points(Rows(*arrays[:5]), arrays[5]), [PackId(*p) for p in found.packs])
