"""Sensors of several kiosks that must agree. A reading is judged by the others' nearest in time, whatever order they came in.

What is judged is a function of the stored readings: late ones bring judgements and take them back.
"""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kampung_contract.neighbours import Neighbours
from kampung_contract.pack import FAIL, GOOD, MISSING, NOT_EVALUATED, SUSPECT

from kampung_cloud.judging import book
from kampung_cloud.judging.book import Judgement
from kampung_cloud.records import Records
from kampung_cloud.telemetry.store import SeriesKey, TelemetryStore

TEST = "neighbours"
BACK_MS = 48 * 3_600_000
"""After a start so much is judged again, as alarms count it again: a killed process may have stored readings it had not judged."""
CHUNK_MS = 6 * 3_600_000
REST_S = 2.0
"""A group is judged anew at most so often, in the same rhythm as alarms count what is late."""
SLICE_S = 0.2
LISTEN_MS = 60_000
"""How often a group is judged whose other sensors are taken in by another process, which tells nobody."""


class Changed(NamedTuple):
    """Flags of a series changed between two times (ms UTC, both included)."""

    key: SeriesKey
    first: int
    last: int


class _Line(NamedTuple):
    """Readings of one of a group, in order: times, values and the flags they came with."""

    t: list[int]
    v: list[float]
    q: list[int]

    def nearest(self, t: int, within: int) -> float | None:
        """Its reading nearest to ``t``, of two the earlier; None beyond ``within`` ms."""
        place = bisect.bisect_left(self.t, t)
        near = [i for i in (place - 1, place) if 0 <= i < len(self.t) and abs(self.t[i] - t) <= within]
        return self.v[min(near, key=lambda i: (abs(self.t[i] - t), i))] if near else None


class Looking:
    """Used by the ingest thread. ``mine`` says which villages' series are judged here."""

    def __init__(
        self, groups: Sequence[Neighbours], store: TelemetryStore, records: Records, mine: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._groups, self._store, self._records, self._mine = tuple(groups), store, records, mine
        self._of: dict[str, list[int]] = {}
        for place, group in enumerate(self._groups):
            for name in group.series:
                self._of.setdefault(name, []).append(place)
        self._dirty: dict[int, tuple[int, int]] = {}
        self._rested: dict[int, float] = {}
        self._next_listen = 0

    def concerns(self, series: str) -> bool:
        """Whether it is one of a group."""
        return series in self._of

    def start(self, now: int) -> None:
        """Judge the last two days again."""
        self._dirty = dict.fromkeys(range(len(self._groups)), (now - BACK_MS, now))

    def heard(self, series: str, first: int, last: int) -> None:
        """Readings between these times (ms UTC) are stored by now."""
        for place in self._of.get(series, ()):
            within = round(1000 * self._groups[place].within)
            start, stop = self._dirty.get(place, (first - within, last + within))
            self._dirty[place] = (min(start, first - within), max(stop, last + within))

    def tick(self, now: int) -> None:
        """Now and then: look after groups with sensors of other processes."""
        if now < self._next_listen:
            return
        self._next_listen = now + LISTEN_MS
        for place, group in enumerate(self._groups):
            if not all(self._own(name) for name in group.series):
                span = round(2000 * group.within) + 2 * LISTEN_MS
                start, stop = self._dirty.get(place, (now - span, now))
                self._dirty[place] = (min(start, now - span), max(stop, now))

    def step(self) -> list[Changed]:
        """Judge what waits, for a fifth of a second. Raises ``StorageUnavailable``; the same is judged again."""
        out: list[Changed] = []
        began = time.monotonic()
        for place in list(self._dirty):
            if self._rested.get(place, 0.0) > began:
                continue
            while place in self._dirty and time.monotonic() - began < SLICE_S:
                start, stop = self._dirty[place]
                begin = max(start, stop - CHUNK_MS)
                out += self.judge(self._groups[place], begin, stop)
                if begin == start:
                    del self._dirty[place]
                    self._rested[place] = time.monotonic() + REST_S
                else:
                    self._dirty[place] = (start, begin - 1)
        return out

    def judge(self, group: Neighbours, start: int, stop: int) -> list[Changed]:
        """Judge the readings of a group from ``start`` to ``stop`` (ms UTC, both included), and write down what changed."""
        within = round(1000 * group.within)
        lines = {name: line for name in group.series if (line := self._line(name, start - within, stop + within + 1)) is not None}
        out: list[Changed] = []
        gone: list[Judgement] = []
        new: list[Judgement] = []
        at = time.time_ns() // 1_000_000
        for name, line in lines.items():
            if not self._own(name):
                continue
            others = [(other, _good(lines[other])) for other in lines if other != name]
            wanted = set()
            for t, v, q in zip(*line, strict=True):
                if start <= t <= stop and q not in (FAIL, MISSING):
                    near = [(other, found) for other, good in others if (found := good.nearest(t, within)) is not None]
                    if group.doubted(group.level(name, v), [group.level(other, found) for other, found in near]):
                        wanted.add((t, v))
            known = {(j.t, j.v): j for j in book.within(self._records, name, start, stop + 1) if j.test == TEST}
            gone += [j for row, j in known.items() if row not in wanted]
            new += [Judgement(name, t, v, SUSPECT, TEST, "regency", at) for t, v in sorted(wanted - known.keys())]
            if (changed := [t for t, _ in wanted ^ known.keys()]) and (found_key := self._store.find(name)) is not None:
                out.append(Changed(found_key.key, min(changed), max(changed)))
        if gone or new:
            with self._records.session() as session:
                book.withdraw(session, gone)
                book.keep(session, new)
        return out

    def _own(self, name: str) -> bool:
        found = self._store.find(name)
        return found is not None and self._mine(found.key.village)

    def _line(self, name: str, start: int, stop: int) -> _Line | None:
        latest = self._store.find(name)
        if latest is None or latest.estimated:
            return None
        found = self._store.window(name, max(start, 0), min(stop, latest.t + 1))
        doubtful = found.estimated or [0] * len(found.t)
        rows = sorted((t, v, q) for t, v, q, estimated in zip(found.t, found.v, found.q, doubtful, strict=True) if not estimated)
        return _Line(*(list(column) for column in zip(*rows, strict=True))) if rows else _Line([], [], [])


def _good(line: _Line) -> _Line:
    """What others are judged by."""
    kept = [row for row in zip(*line, strict=True) if row[2] in (GOOD, NOT_EVALUATED)]
    return _Line(*(list(column) for column in zip(*kept, strict=True))) if kept else _Line([], [], [])
