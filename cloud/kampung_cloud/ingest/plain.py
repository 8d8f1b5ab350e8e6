"""The usual pack, taken by column: readings of series that are known, from a clock that is right. There is no object a reading.

Whatever is not usual is left to ``Intake``, which says what is wrong with it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from kampung_contract.errors import InvalidPack
from kampung_contract.pack import FLAGS, GOOD, Column, Pack, decode
from kampung_contract.topics import Topic
from numpy.typing import NDArray

from kampung_cloud.alarm import Reading
from kampung_cloud.ingest.believed import wrong
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.places import Known, Node, Place, Taken, note
from kampung_cloud.ingest.usual.taking import Usual
from kampung_cloud.ingest.work import Work
from kampung_cloud.telemetry.store import Batch, Ints, Runs, SeriesKey, TelemetryStore

KEPT_TOPICS = 10_000
FEW = 4
"""Packs for which calling the compiled code is not worth it."""
AT_ONCE = 8_192
"""Numbers that are kept as objects before they go into an array: so few that they stay in the processor's cache."""


class Plain:
    """``learn`` says which topics and series may be taken here."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._places: dict[str, Place] = {}
        self._nodes: dict[str, Node] = {}
        self._round = 0
        self._compiled = Usual.here(store)

    def learn(self, text: str, topic: Topic, name: str, key: SeriesKey, watched: bool) -> None:
        """A column ``name`` of the node was good in all that concerns its series, and ``text`` is a topic that the node may use."""
        if len(self._places) >= KEPT_TOPICS:
            self._places.clear()
        node = self._nodes.get(topic.node)
        if node is None:
            node = self._nodes[topic.node] = Node(len(self._nodes))
        if name not in node.series:
            known = node.series[name] = Known(key, watched)
            if self._compiled is not None:
                self._compiled.learn(node.number, name, known)
        self._places[text] = Place(text.rsplit("/", 2)[0], topic, topic.node, node)

    def take(self, messages: Sequence[Message], work: Work) -> list[Message]:
        """Put into ``work`` what is usual; gives the other messages."""
        if self._compiled is not None and len(messages) >= FEW:
            messages = self._compiled.take(messages, self._places, work)
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
        runs, bad, readings = columns.runs(taken)
        if len(runs.v):
            work.batch.extend(runs)
        for index in sorted(bad):
            message, place, epoch, seq, _, _ = taken[index]
            rest.append(message)
            work.taken.discard((place.name, epoch, seq))
        note([t for i, t in enumerate(taken) if i not in bad] if bad else taken, work)
        for index, known, column in readings:
            if index not in bad:
                flags = column.q if column.q is not None else [GOOD] * len(column.v)
                received = taken[index][0].received
                work.watched.setdefault(known.key, []).extend(
                    [Reading(t, v, q, received) for t, v, q in zip(column.times(), column.v, flags, strict=True)]
                )
        return rest

    def _usual(self, message: Message, place: Place, columns: _Columns, work: Work) -> Taken | None:
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

    def add(self, pack: Pack, node: Node) -> int | None:
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

    def runs(self, taken: Sequence[Taken]) -> tuple[Runs, set[int], list[tuple[int, Known, Column]]]:
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
        bad = wrong(runs)
        if not bad.any():
            return runs, set(), self._watched
        packs = np.repeat(np.arange(len(taken)), columns)
        indexes = np.unique(packs[bad])
        return runs.take(~np.isin(packs, indexes)), set(indexes.tolist()), self._watched
