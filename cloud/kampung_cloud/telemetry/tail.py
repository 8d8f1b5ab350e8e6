"""Readings that are in the journal and in no file yet, in memory as they arrived: by piece of one series, not by row.

The journal is one table of the database after another; the newest one is written to, the others wait to become files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.held import Held
from kampung_cloud.telemetry.order import Newest
from kampung_cloud.telemetry.store import Ints, Rows, Runs, no_rows, runs_together, together

NONE = no_rows()
BLOCK_ROWS = 65_536
"""Rows beyond which blocks are not joined any more."""


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that rise in time, to ``last``; ``low`` and ``high`` are the least and greatest time."""

    held: Held
    last: Ints
    low: int
    high: int

    @staticmethod
    def of(runs: Runs) -> Block:
        """Takes what ``order.judged`` calls fresh, or ``runs_of`` gives."""
        held = Held.of(runs)
        if not len(runs.v):
            return Block(held, held.first, 2**62, -(2**62))
        last = runs.ends()
        return Block(held, last, int(held.first.min()), int(last.max()))

    def __len__(self) -> int:
        return len(self.held)

    @property
    def series(self) -> NDArray[np.int32]:
        """Of each piece."""
        return self.held.series

    @property
    def first(self) -> Ints:
        """Each piece's first time."""
        return self.held.first

    def newest(self) -> Newest:
        """Of each series."""
        return self.held.newest(self.last)

    def find(self, start: int, stop: int, series: NDArray[Any] | None = None) -> Rows:
        """Rows with ``start`` <= t < ``stop``, of some series or of all."""
        if self.low >= stop or self.high < start:
            return NONE
        inside = (self.first < stop) & (self.last >= start)
        if series is not None:
            inside &= self.series == series[0] if len(series) == 1 else np.isin(self.series, series)
        return self._rows(inside, start, stop)

    def between(self, start: int, stop: int, first: int, last: int) -> Rows:
        """Rows with ``start`` <= t < ``stop``, of series with numbers from ``first`` to ``last``."""
        if self.low >= stop or self.high < start:
            return NONE
        return self._rows((self.first < stop) & (self.last >= start) & (self.series >= first) & (self.series <= last), start, stop)

    def _rows(self, inside: NDArray[np.bool_], start: int, stop: int) -> Rows:
        pieces = np.flatnonzero(inside)
        if not len(pieces):
            return no_rows()
        rows = (self.held.runs() if len(pieces) == len(inside) else self.held.take(pieces)).rows()
        if start <= int(self.first[pieces].min()) and int(self.last[pieces].max()) < stop:
            return rows
        return rows.take((rows.t >= start) & (rows.t < stop))


@dataclass(frozen=True, slots=True)
class Part:
    """What one table of the journal holds, in order of arrival."""

    table: str
    blocks: tuple[Block, ...] = ()

    def __len__(self) -> int:
        return sum([len(block) for block in self.blocks])

    @property
    def oldest(self) -> int:
        """The least time, a very great one where there is none."""
        return min([block.low for block in self.blocks], default=2**62)


def find(parts: Sequence[Part], start: int, stop: int, series: NDArray[Any] | None = None) -> Rows:
    """Rows of ``parts`` with ``start`` <= t < ``stop``, of some series or of all."""
    found = [block.find(start, stop, series) for part in parts for block in part.blocks]
    return together([rows for rows in found if len(rows.t)] or [NONE])


def between(part: Part, start: int, stop: int, first: int, last: int) -> Rows:
    """Rows of ``part`` with ``start`` <= t < ``stop``, of series with numbers from ``first`` to ``last``; as they came."""
    return together([block.between(start, stop, first, last) for block in part.blocks] or [no_rows()])


class Tail:
    """Written by one thread at a time, read by any: ``parts`` is replaced, never changed. The last part is the one that is written to."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)

    @property
    def closed(self) -> tuple[Part, ...]:
        """Parts that wait to become files, oldest first."""
        return self.parts[:-1]

    @property
    def open(self) -> Part:
        """The part that is written to."""
        return self.parts[-1]

    def append(self, block: Block) -> None:
        """After the commit."""
        self.parts = (*self.parts[:-1], replace(self.open, blocks=(*self.open.blocks, block)))

    def join(self) -> None:
        """Small blocks into greater ones, so that there are few: each reading is copied a few times, whatever size commits have."""
        blocks = list(self.open.blocks)
        while len(blocks) > 1 and len(blocks[-2]) <= len(blocks[-1]) and len(blocks[-2]) + len(blocks[-1]) <= BLOCK_ROWS:
            later, earlier = blocks.pop(), blocks.pop()
            blocks.append(Block.of(runs_together([earlier.held.runs(), later.held.runs()])))
        if len(blocks) < len(self.open.blocks):
            self.parts = (*self.parts[:-1], replace(self.open, blocks=tuple(blocks)))

    def turn(self, table: str) -> None:
        """After the commit that began ``table``."""
        self.parts = (*self.parts, Part(table))

    def drop(self, table: str) -> None:
        """After the commit that makes its files count."""
        self.parts = tuple(p for p in self.parts if p.table != table)
