"""Between which times a series may have readings, so that a backlog beside live readings need not be compared with what is stored.

A few spans a series, which may hold more than there is and never less: outside of them a reading cannot be a duplicate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kampung_cloud.telemetry.store import Ints

SPANS = 4
"""Of each series. When there are more, the nearest ones become one: a kiosk has what it told before it was cut off, what it tells
since, and a backlog between that grows from one end."""
NEAR_MS = 3_600_000
"""A silence that does not end a span."""
NEVER = 2**62


class Covered:
    """Changed by the committing thread alone. Numbers are of series; times in ms UTC, both ends are meant."""

    def __init__(self) -> None:
        self._low = np.full((0, SPANS), NEVER)
        self._high = np.full((0, SPANS), -NEVER)

    def free(self, series: NDArray[Any], first: Ints, last: Ints) -> NDArray[np.bool_]:
        """By piece, whether nothing that is stored can lie in it, nor in another piece that is given with it."""
        self._grow(series)
        stored: NDArray[np.bool_] = ((self._low[series] <= last[:, None]) & (self._high[series] >= first[:, None])).any(axis=1)
        order = np.lexsort((first, series))
        number, begin, end = series[order], first[order], last[order]
        same = number[1:] == number[:-1]
        meets = np.zeros(len(order), np.bool_)
        meets[:-1] |= same & (end[:-1] >= begin[1:])
        meets[1:] |= same & (_so_far(number, end)[:-1] >= begin[1:])
        out = np.empty(len(order), np.bool_)
        out[order] = ~meets
        out &= ~stored
        return out

    def add(self, series: NDArray[Any], first: Ints, last: Ints) -> None:
        """These pieces are stored."""
        if not len(series):
            return
        self._grow(series)
        order = np.lexsort((first, series))
        number, begin, end = series[order], first[order], _so_far(series[order], last[order])
        new = np.insert((number[1:] != number[:-1]) | (begin[1:] - end[:-1] > NEAR_MS), 0, True)
        starts = np.flatnonzero(new)
        number, begin, end = number[starts], begin[starts], end[np.append(starts[1:], len(end)) - 1]
        # One span of each series at a time, since the next one goes beside it.
        begins = np.flatnonzero(np.insert(number[1:] != number[:-1], 0, True))
        rank = np.arange(len(number)) - np.repeat(begins, np.diff(begins, append=len(number)))
        for n in range(int(rank.max()) + 1):
            at = rank == n
            self._put(number[at], begin[at], end[at])

    def _put(self, series: NDArray[Any], first: Ints, last: Ints) -> None:
        """A span each of several series, none of which is there twice."""
        low, high = (np.column_stack((held[series], new)) for held, new in ((self._low, first), (self._high, last)))
        by = np.argsort(low, axis=1, kind="stable")
        low, high = np.take_along_axis(low, by, axis=1), np.take_along_axis(high, by, axis=1)
        for n in range(SPANS):
            near = (low[:, n + 1] < NEVER) & (low[:, n + 1] - high[:, n] <= NEAR_MS)
            self._join(low, high, near, n)
        full = np.flatnonzero((low < NEVER).all(axis=1))
        if len(full):
            closest = np.argmin(low[full, 1:] - high[full, :-1], axis=1)
            for n in range(SPANS):
                some = np.zeros(len(low), np.bool_)
                some[full[closest == n]] = True
                self._join(low, high, some, n)
        free = np.argmax(low == NEVER, axis=1)  # the place that is left out
        keep = np.arange(SPANS + 1) != free[:, None]
        self._low[series], self._high[series] = low[keep].reshape(-1, SPANS), high[keep].reshape(-1, SPANS)

    @staticmethod
    def _join(low: Ints, high: Ints, where: NDArray[np.bool_], n: int) -> None:
        """Span ``n`` into the next one."""
        low[where, n + 1], high[where, n + 1] = low[where, n], np.maximum(high[where, n], high[where, n + 1])
        low[where, n], high[where, n] = NEVER, -NEVER

    def _grow(self, series: NDArray[Any]) -> None:
        more = (int(series.max()) + 1 if len(series) else 0) - len(self._low)
        if more > 0:
            more += len(self._low) // 4
            self._low = np.concatenate((self._low, np.full((more, SPANS), NEVER)))
            self._high = np.concatenate((self._high, np.full((more, SPANS), -NEVER)))


def _so_far(series: NDArray[Any], last: Ints) -> Ints:
    """The greatest of ``last`` up to each place, within its series; ``series`` rise."""
    if not (len(last) and (np.diff(last) < 0)[series[1:] == series[:-1]].any()):
        return last
    out, begins = last.copy(), np.flatnonzero(np.insert(series[1:] != series[:-1], 0, True))
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(last)], strict=True):
        np.maximum.accumulate(last[begin:end], out=out[begin:end])
    return out
