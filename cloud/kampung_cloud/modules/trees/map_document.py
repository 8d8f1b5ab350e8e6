"""All trees of the regency in one small document for the map: columns of numbers, sorted so that neighbours stand together.

Bytes: ``KPT1``, the header's length (32 bits, little endian), the header (JSON), then for ``n`` trees each of these columns whole: x low
bytes, x high bytes, y low, y high (differences to the tree before, 16 bits, wrapping), species, status, village (16 bits low and high
apart). A step of x and y is ``step`` degrees from ``west`` and ``south``. Codes are not in it: whoever touches a tree asks for its page by
place. The bytes stand apart like this since the high ones are nearly all 0 and deflate to nothing.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass

import numpy as np
from kampung_contract.villages import villages
from sqlalchemy import func, select

from kampung_cloud.modules.trees.judging import STATUSES
from kampung_cloud.modules.trees.species import species
from kampung_cloud.records import Records
from kampung_cloud.records.tree_models import TreeRow

MAGIC = b"KPT1"
REST = 10
"""Times as long as it took to make the document nobody has another made."""
WEST, SOUTH, STEP = 113.8, -8.95, 1 / 65_536
"""A step is 1.7 m: the map shows where a tree stands, not whose door it is at. 65,536 steps are a degree, the regency's width."""


@dataclass(frozen=True, slots=True)
class MapDocument:
    """``etag`` changes with the content."""

    data: bytes
    etag: str
    count: int


class Maps:
    """The document of now, made anew when a tree has changed, but for at most a tenth of the time: while many register at once, a large
    map is some seconds old. Methods may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[str, tuple[int, int], MapDocument] | None = None
        self._rests_until = 0.0

    def document(self, records: Records) -> MapDocument:
        """Raises ``StorageUnavailable``."""
        with self._lock:
            if self._made is not None and self._made[0] == records.name and time.monotonic() < self._rests_until:
                return self._made[2]
            with records.session() as session:
                state = tuple(session.execute(select(func.count(), func.coalesce(func.max(TreeRow.changed), 0)).select_from(TreeRow)).one())
            if self._made is None or self._made[:2] != (records.name, state):
                begun = time.monotonic()
                self._made = (records.name, (state[0], state[1]), build(records))
                self._rests_until = time.monotonic() + REST * (time.monotonic() - begun)
            return self._made[2]


def build(records: Records) -> MapDocument:
    """Of all trees whose place is known."""
    names, places = list(species()), [v.code for v in villages()]
    kinds = {name: i for i, name in enumerate(names)}
    codes = {code: i for i, code in enumerate(places)}
    columns = (TreeRow.longitude, TreeRow.latitude, TreeRow.species, TreeRow.status, TreeRow.village)
    with records.session() as session:
        rows = session.execute(select(*columns).where(TreeRow.latitude.is_not(None))).all()
        placeless = session.scalar(select(func.count()).select_from(TreeRow).where(TreeRow.latitude.is_(None))) or 0
    lon = np.array([r[0] for r in rows], dtype=np.float64)
    lat = np.array([r[1] for r in rows], dtype=np.float64)
    x = np.clip(np.round((lon - WEST) / STEP), 0, 65_535).astype(np.uint16)
    y = np.clip(np.round((lat - SOUTH) / STEP), 0, 65_535).astype(np.uint16)
    kind = np.array([kinds.get(r[2], 255) for r in rows], dtype=np.uint8)
    status = np.array([STATUSES.index(r[3]) for r in rows], dtype=np.uint8)
    village = np.array([codes[r[4]] for r in rows], dtype=np.uint16)
    order = np.lexsort((_morton(x, y), village))
    x, y, kind, status, village = x[order], y[order], kind[order], status[order], village[order]
    header = {"n": len(rows), "placeless": placeless, "west": WEST, "south": SOUTH, "step": STEP, "species": names, "statuses": STATUSES,
              "villages": places}  # fmt: skip
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    body = b"".join([*_halves(_steps(x)), *_halves(_steps(y)), kind.tobytes(), status.tobytes(), *_halves(_steps(village))])
    data = MAGIC + len(head).to_bytes(4, "little") + head + body
    return MapDocument(data, hashlib.sha256(data).hexdigest()[:16], len(rows))


def _steps(values: np.ndarray) -> np.ndarray:
    """Differences to the one before, wrapping at 16 bits."""
    return np.diff(values, prepend=np.uint16(0)).astype(np.uint16)


def _halves(values: np.ndarray) -> tuple[bytes, bytes]:
    return (values & 255).astype(np.uint8).tobytes(), (values >> 8).astype(np.uint8).tobytes()


def _morton(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The two numbers' bits in turn: near in the plane is mostly near in the line."""
    out = np.zeros(len(x), dtype=np.uint32)
    for bit in range(16):
        out |= ((x.astype(np.uint32) >> bit) & 1) << np.uint32(2 * bit)
        out |= ((y.astype(np.uint32) >> bit) & 1) << np.uint32(2 * bit + 1)
    return out
