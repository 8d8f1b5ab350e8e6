"""The usual pack, taken by column: readings of series that are known, from a clock that is right. There is no object a reading.

Whatever is not usual is left to ``Intake``, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from kampung_contract.errors import InvalidPack
from kampung_contract.pack import EARLIEST, FLAGS, GOOD, Column, Pack, decode
from kampung_contract.rules import Rule
from kampung_contract.topics import Topic
from numpy.typing import NDArray

from kampung_cloud.alarm import Reading
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.work import Work
from kampung_cloud.telemetry.store import Batch, Ints, PackId, Rows, SeriesKey, TelemetryStore, running_times

AHEAD_MS = 24 * 3_600_000
KEPT_TOPICS = 10_000
AT_ONCE = 8_192
"""Numbers that are kept as objects before they go into an array: so few that they stay in the processor's cache."""
FARTHEST_MS = 2**45
"""Steps beyond a thousand years: 2,000 of them are still far from overflowing."""


class Known:
    """A series whose name and unit were checked when it came first. ``place`` is its index in the batch of ``round``."""

    __slots__ = ("key", "place", "round", "rules", "unit")

    def __init__(self, key: SeriesKey, rules: tuple[Rule, ...]) -> None:
        self.key = key
        self.unit = key.unit
        self.rules = rules
        self.place = self.round = 0


class _Place(NamedTuple):
    """Of a topic."""

    base: str
    topic: Topic
    series: dict[str, Known]


_Taken = tuple[Message, _Place, str, int, int, int]
"""A pack: with its epoch and seq, and how many columns and readings it has."""


class Plain:
    """``learn`` says which topics and series may be taken here."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._places: dict[str, _Place] = {}
        self._series: dict[str, dict[str, Known]] = {}
        self._round = 0

    def learn(self, text: str, topic: Topic, name: str, key: SeriesKey, rules: tuple[Rule, ...]) -> None:
        """A column ``name`` of the node was good in all that concerns its series, and ``text`` is a topic that the node may use."""
        if len(self._places) >= KEPT_TOPICS:
            self._places.clear()
        series = self._series.setdefault(topic.node, {})
        series.setdefault(name, Known(key, rules))
        self._places[text] = _Place(text.rsplit("/", 2)[0], topic, series)

    def take(self, messages: Sequence[Message], work: Work) -> list[Message]:
        """Put into ``work`` what is usual; gives the other messages."""
        self._round += 1
        columns, taken, rest = _Columns(work.batch, self._round), [], []
        try:
            for message in messages:
                place = self._places.get(message.topic)
                pack = None if place is None else self._usual(message, place, columns, work)
                if place is None or pack is None:
                    rest.append(message)
                else:
                    taken.append(pack)
            columns.flush()
        except OverflowError:  # a time of more than 64 bits
            work.taken.clear()
            return list(messages)
        if not taken:
            return rest
        rows, wrong, readings = columns.rows(taken)
        if len(rows.t):
            work.batch.extend(rows)
        for index in sorted(wrong):
            message, place, epoch, seq, _, _ = taken[index]
            rest.append(message)
            work.taken.discard((place.topic.node, epoch, seq))
        _note([t for i, t in enumerate(taken) if i not in wrong] if wrong else taken, work)
        for index, known, column in readings:
            if index not in wrong:
                flags = column.q if column.q is not None else [GOOD] * len(column.v)
                received = taken[index][0].received
                work.watched.setdefault(known.key, []).extend(
                    [Reading(t, v, q, received) for t, v, q in zip(column.times(), column.v, flags, strict=True)]
                )
        return rest

    def _usual(self, message: Message, place: _Place, columns: _Columns, work: Work) -> _Taken | None:
        try:
            pack = decode(message.payload)
        except InvalidPack:
            return None
        if pack.events or not pack.clock.synchronised:
            return None
        identity = (place.topic.node, pack.epoch, pack.seq)
        if identity in work.taken:
            work.twice = True
            return None
        if self._store.knows(*identity):
            return None
        readings = columns.add(pack, place.series)
        if readings is None:
            return None
        work.taken.add(identity)
        return message, place, pack.epoch, pack.seq, len(pack.series), readings


class _Columns:
    """Columns of ``batch``, gathered one behind another."""

    def __init__(self, batch: Batch, number: int) -> None:
        self._batch = batch
        self._round = number
        self._which: list[int] = []
        self._counts: list[int] = []
        self._steps: list[int] = []
        self._values: list[float] = []
        self._flags: list[tuple[int, list[int]]] = []
        self._watched: list[tuple[int, Known, Column]] = []
        self._arrays: list[tuple[Ints, NDArray[np.float64]]] = []
        self._flushed = 0
        self._packs = 0

    def add(self, pack: Pack, series: dict[str, Known]) -> int | None:
        """How many readings were taken in; None for a pack that is not usual, of which none were."""
        which, counts, steps, values = self._which, self._counts, self._steps, self._values
        lists: tuple[list[Any], ...] = (which, counts, steps, values, self._flags, self._watched)
        marks = [len(x) for x in lists]
        begun = len(values)
        for column in pack.series:
            known, size = series.get(column.n), len(column.v)
            good = known is not None and known.unit == column.u and size and len(column.dt) == size - 1
            if not good or known is None or (column.q is not None and (len(column.q) != size or not FLAGS.issuperset(column.q))):
                for x, mark in zip(lists, marks, strict=True):
                    del x[mark:]
                return None
            if column.q is not None:
                self._flags.append((self._flushed + len(values), column.q))
            if known.rules:
                self._watched.append((self._packs, known, column))
            if known.round != self._round:
                known.round, known.place = self._round, self._batch.place(known.key)
            which.append(known.place)
            counts.append(size)
            steps.append(column.t)
            if size > 1:
                steps += column.dt
            values += column.v
        self._packs += 1
        count = len(values) - begun
        if len(values) >= AT_ONCE:
            self.flush()
        return count

    def flush(self) -> None:
        """From objects to arrays. Raises ``OverflowError``."""
        size = len(self._values)
        self._arrays.append((np.fromiter(self._steps, np.int64, size), np.fromiter(self._values, np.float64, size)))
        self._steps, self._values, self._flushed = [], [], self._flushed + size

    def rows(self, taken: Sequence[_Taken]) -> tuple[Rows, set[int], list[tuple[int, Known, Column]]]:
        """The rows that are right, which of ``taken`` are wrong after all, and the columns that rules watch, with their pack's index."""
        counts = np.asarray(self._counts, dtype=np.int64)
        steps = np.concatenate([a for a, _ in self._arrays])
        values = np.concatenate([a for _, a in self._arrays]) + 0.0  # -0.0 and 0.0 are one value
        q = np.full(len(values), GOOD, dtype=np.uint8)
        for at, flags in self._flags:
            q[at : at + len(flags)] = flags
        columns = [t[4] for t in taken]
        received = np.repeat(np.asarray([t[0].received for t in taken], dtype=np.int64), columns)
        starts = np.cumsum(counts) - counts
        times = running_times(steps, starts, counts)
        rows = Rows(np.repeat(np.asarray(self._which, dtype=np.int32), counts), times, np.repeat(received, counts), values, q)
        wrong = self._wrong(times, steps, starts, received)
        if not wrong.any():
            return rows, set(), self._watched
        packs = np.repeat(np.arange(len(taken)), columns)
        indexes = np.unique(packs[wrong])
        return rows.take(~np.isin(np.repeat(packs, counts), indexes)), set(indexes.tolist()), self._watched

    @staticmethod
    def _wrong(times: Ints, steps: Ints, starts: Ints, received: Ints) -> NDArray[np.bool_]:
        """By column, whether a time is not to be believed."""
        if not len(starts):
            return np.zeros(0, dtype=np.bool_)
        steps[starts] = 0
        far = np.maximum.reduceat((steps > FARTHEST_MS) | (steps < -FARTHEST_MS), starts)
        early, late = np.minimum.reduceat(times, starts) < EARLIEST, np.maximum.reduceat(times, starts) > received + AHEAD_MS
        return np.asarray(far | early | late, dtype=np.bool_)


def _note(taken: Sequence[_Taken], work: Work) -> None:
    packs, receipts, lasts = work.batch.packs, work.receipts, {}
    for message, place, epoch, seq, _, readings in taken:
        base, topic, _ = place
        packs.append(PackId(topic.node, epoch, seq, readings))
        numbers = receipts.get((base, epoch))
        if numbers is None:
            numbers = receipts[base, epoch] = []
        numbers.append(seq)
        work.lanes[topic.name] = work.lanes.get(topic.name, 0) + 1
        if not message.retained:
            lasts[topic.node] = (topic, message)
    for topic, message in lasts.values():
        work.saw(topic.node, topic.village, message.received, True)
