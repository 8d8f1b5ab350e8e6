"""The usual pack, taken by column: readings of series that are known, from a clock that is right. There is no object a reading.

Whatever is not usual is left to ``Intake``, which says what is wrong with it.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from kampung_contract.errors import InvalidPack
from kampung_contract.pack import EARLIEST, FLAGS, GOOD, Column, Pack, decode
from kampung_contract.topics import Topic
from numpy.typing import NDArray

from kampung_cloud.alarm import Reading
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.work import Work
from kampung_cloud.telemetry.store import Batch, Ints, PackId, Runs, SeriesKey, TelemetryStore, running_times

AHEAD_MS = 24 * 3_600_000
KEPT_TOPICS = 10_000
KEPT_SHAPES = 64
"""Of a node."""
AT_ONCE = 8_192
"""Numbers that are kept as objects before they go into an array: so few that they stay in the processor's cache."""
FARTHEST_MS = 2**45
"""Steps beyond a thousand years: 2,000 of them are still far from overflowing."""


class Known(NamedTuple):
    """A series whose name and unit were checked when it came first; somebody looks at its readings when it is ``watched``."""

    key: SeriesKey
    watched: bool


class _Shape:
    """Columns that a node sends together, time and again. ``places`` are their series' in the batch of ``round``."""

    __slots__ = ("known", "places", "round", "units", "watched")

    def __init__(self, known: list[Known]) -> None:
        self.known = known
        self.units = [k.key.unit for k in known]
        self.watched = [index for index, k in enumerate(known) if k.watched]
        self.places: list[int] = []
        self.round = 0


class _Node:
    """What is known of a node: its series by the columns' name, and its packs' shapes by the names in order."""

    __slots__ = ("series", "shapes")

    def __init__(self) -> None:
        self.series: dict[str, Known] = {}
        self.shapes: dict[tuple[str, ...], _Shape] = {}

    def shape(self, names: tuple[str, ...]) -> _Shape | None:
        """None when a column is not known."""
        known = [self.series.get(name) for name in names]
        if None in known:
            return None
        if len(self.shapes) >= KEPT_SHAPES:
            self.shapes.clear()
        shape = self.shapes[names] = _Shape([k for k in known if k is not None])
        return shape


class _Place(NamedTuple):
    """Of a topic; ``name`` is its node's."""

    base: str
    topic: Topic
    name: str
    node: _Node


_Taken = tuple[Message, _Place, str, int, int, int]
"""A pack: with its epoch and seq, and how many columns and readings it has."""


class Plain:
    """``learn`` says which topics and series may be taken here."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._places: dict[str, _Place] = {}
        self._nodes: dict[str, _Node] = {}
        self._round = 0

    def learn(self, text: str, topic: Topic, name: str, key: SeriesKey, watched: bool) -> None:
        """A column ``name`` of the node was good in all that concerns its series, and ``text`` is a topic that the node may use."""
        if len(self._places) >= KEPT_TOPICS:
            self._places.clear()
        node = self._nodes.setdefault(topic.node, _Node())
        node.series.setdefault(name, Known(key, watched))
        self._places[text] = _Place(text.rsplit("/", 2)[0], topic, topic.node, node)

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
        except struct.error:  # a time of more than 64 bits
            work.taken -= {(place.name, epoch, seq) for _, place, epoch, seq, _, _ in taken}
            return list(messages)
        if not taken:
            return rest
        runs, wrong, readings = columns.runs(taken)
        if len(runs.v):
            work.batch.extend(runs)
        for index in sorted(wrong):
            message, place, epoch, seq, _, _ = taken[index]
            rest.append(message)
            work.taken.discard((place.name, epoch, seq))
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
        identity = (place.name, pack.epoch, pack.seq)
        if identity in work.taken:
            work.twice = True
            return None
        if self._store.knows(*identity):
            return None
        readings = columns.add(pack, place.node)
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

    def add(self, pack: Pack, node: _Node) -> int | None:
        """How many readings were taken in; None for a pack that is not usual, of which none were."""
        series = pack.series
        names = tuple([c.n for c in series])
        shape = node.shapes.get(names) or node.shape(names)
        if shape is None or [c.u for c in series] != shape.units:
            return None
        values, steps, counts, flags = self._values, self._steps, [], []
        begun, mark = len(values), len(steps)
        for column in series:
            v, dt = column.v, column.dt
            counts.append(len(v))
            values += v
            steps.append(column.t)
            steps += dt
            good = len(dt) == len(v) - 1
            if column.q is not None:
                flags.append((self._flushed + len(values) - len(v), column.q))
                good = good and len(column.q) == len(v) and FLAGS.issuperset(column.q)
            if not good:
                del values[begun:], steps[mark:]
                return None
        if shape.round != self._round:
            shape.round, shape.places = self._round, [self._batch.place(k.key) for k in shape.known]
        self._flags += flags
        self._watched += [(self._packs, shape.known[index], series[index]) for index in shape.watched]
        self._which += shape.places
        self._counts += counts
        self._packs += 1
        count = len(values) - begun
        if len(values) >= AT_ONCE:
            self.flush()
        return count

    def flush(self) -> None:
        """From objects to arrays. Raises ``struct.error``."""
        # struct takes a list to bytes in less than half the time that NumPy takes.
        size = len(self._values)
        steps, values = struct.pack(f"{size}q", *self._steps), struct.pack(f"{size}d", *self._values)
        self._arrays.append((np.frombuffer(steps, np.int64), np.frombuffer(values, np.float64)))
        self._steps, self._values, self._flushed = [], [], self._flushed + size

    def runs(self, taken: Sequence[_Taken]) -> tuple[Runs, set[int], list[tuple[int, Known, Column]]]:
        """The readings that are right, which of ``taken`` are wrong after all, and watched columns with their pack's index."""
        counts = np.frombuffer(struct.pack(f"{len(self._counts)}q", *self._counts), np.int64)
        which = np.frombuffer(struct.pack(f"{len(self._which)}i", *self._which), np.int32)
        steps, values = (np.concatenate(some) for some in zip(*self._arrays, strict=True))
        values += 0.0  # -0.0 and 0.0 are one value
        q = np.full(len(values), GOOD, dtype=np.uint8) if self._flags else None
        for at, flags in self._flags:
            assert q is not None
            q[at : at + len(flags)] = flags
        columns = [t[4] for t in taken]
        received = np.repeat(np.asarray([t[0].received for t in taken], dtype=np.int64), columns)
        runs = Runs(which, counts, received, steps, values, q)
        wrong = _wrong(runs)
        if not wrong.any():
            return runs, set(), self._watched
        packs = np.repeat(np.arange(len(taken)), columns)
        indexes = np.unique(packs[wrong])
        return runs.take(~np.isin(packs, indexes)), set(indexes.tolist()), self._watched


def _wrong(runs: Runs) -> NDArray[np.bool_]:
    """By column, whether a time is not to be believed."""
    if not len(runs.counts):
        return np.zeros(0, dtype=np.bool_)
    starts, latest = runs.starts, runs.received + AHEAD_MS
    first = runs.steps[starts]
    if int(runs.steps.min()) >= 0 and int(runs.steps.max()) <= FARTHEST_MS:
        # As a rule: then the first time of a column is its earliest, the last its latest.
        return np.asarray((first < EARLIEST) | (runs.ends() > latest), dtype=np.bool_)
    gaps = runs.steps.copy()
    gaps[starts] = 0
    times = running_times(runs.steps, starts, runs.counts)
    far = np.maximum.reduceat((gaps > FARTHEST_MS) | (gaps < -FARTHEST_MS), starts)
    early, late = np.minimum.reduceat(times, starts) < EARLIEST, np.maximum.reduceat(times, starts) > latest
    return np.asarray(far | early | late, dtype=np.bool_)


def _note(taken: Sequence[_Taken], work: Work) -> None:
    packs, receipts, lasts = work.batch.packs, work.receipts, {}
    for message, place, epoch, seq, _, readings in taken:
        packs.append(PackId(place.name, epoch, seq, readings))
        numbers = receipts.get((place.base, epoch))
        if numbers is None:
            numbers = receipts[place.base, epoch] = []
        numbers.append(seq)
        if not message.retained:
            lasts[place.name] = (place.topic, message)
    for lane, count in Counter([place.topic.name for _, place, *_ in taken]).items():
        work.lanes[lane] = work.lanes.get(lane, 0) + count
    for topic, message in lasts.values():
        work.saw(topic.node, topic.village, message.received, True)
