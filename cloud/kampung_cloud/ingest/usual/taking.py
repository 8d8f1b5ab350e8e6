"""Usual packs of a batch by the compiled code; what it leaves goes the way that is written in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import structlog
from kampung_contract.errors import InvalidPack
from kampung_contract.pack import GOOD, MAX_BYTES, inflate
from numpy.typing import NDArray

from kampung_cloud.alarm import Reading
from kampung_cloud.ingest.believed import wrong
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.places import Known, Place, Taken, note
from kampung_cloud.ingest.usual.build import LIBRARY
from kampung_cloud.ingest.usual.library import Found, Library
from kampung_cloud.ingest.work import Work
from kampung_cloud.telemetry.store import Ints, Runs, TelemetryStore, running_times

log = structlog.get_logger()

KEPT_EPOCHS = 10_000


class _Slice(NamedTuple):
    """Packs that were taken together, with their messages and epochs."""

    messages: list[tuple[Message, Place]]
    epochs: list[str]
    found: Found


class Usual:
    """``learn`` says which columns may be taken here."""

    def __init__(self, store: TelemetryStore, library: Library) -> None:
        self._store = store
        self._library = library
        self._columns: list[Known] = []
        self._names: list[bytes] = []
        self._nodes: list[int] = []
        self._watched = np.zeros(0, np.bool_)
        self._epochs: dict[bytes, str] = {}

    @staticmethod
    def here(store: TelemetryStore) -> Usual | None:
        """None where the code was not compiled: everything works without it, at half the speed."""
        try:
            return Usual(store, Library())
        except OSError as error:
            log.info("packs are taken apart without compiled code", reason=str(error), remedy=f"python {LIBRARY.with_name('build.py')}")
            return None

    def learn(self, node: int, name: str, known: Known) -> None:
        """A column of the node with a number, once."""
        self._names.append(b'%s,"u":%s' % (msgspec.json.encode(name), msgspec.json.encode(known.key.unit)))
        self._nodes.append(node)
        self._columns.append(known)

    def take(self, messages: Sequence[Message], places: Mapping[str, Place], work: Work) -> list[Message]:
        """Put into ``work`` what is usual; gives the other messages."""
        if len(self._watched) < len(self._columns):
            self._library.know(self._names, self._nodes)
            self._watched = np.asarray([k.watched for k in self._columns], np.bool_)
        rest: list[Message] = []
        slices = self._slices(messages, places, rest)
        taken, unwanted = self._identified(slices, work, rest)
        if not taken:
            return rest
        runs, of = _together(slices, unwanted)
        del slices  # numbers of a whole batch
        bad = wrong(runs)
        indexes = np.unique(of[bad]).tolist() if bad.any() else []
        if indexes:
            keep = ~np.isin(of, indexes)
            runs, of = runs.take(keep), of[keep]
            for index in indexes:
                message, place, epoch, seq, _, _ = taken[index]
                rest.append(message)
                work.taken.discard((place.name, epoch, seq))
        self._watch(runs, work)
        seen = np.zeros(len(self._columns), np.bool_)
        seen[runs.series] = True
        numbers = np.flatnonzero(seen)
        spots = np.zeros(len(self._columns), np.int32)
        spots[numbers] = [work.batch.place(self._columns[number].key) for number in numbers.tolist()]
        if len(runs.v):
            work.batch.extend(Runs(spots[runs.series], runs.counts, runs.received, runs.steps, runs.v, runs.q))
        gone = set(indexes)
        note([t for i, t in enumerate(taken) if i not in gone] if gone else taken, work)
        return rest

    def _slices(self, messages: Sequence[Message], places: Mapping[str, Place], rest: list[Message]) -> list[_Slice]:
        """Into ``rest`` goes what is no pack of a known node."""
        some = [(message, place) for message in messages if (place := places.get(message.topic)) is not None]
        if len(some) < len(messages):
            rest += [message for message in messages if message.topic not in places]
        payloads = [message.payload for message, _ in some]
        if not self._library.inflates or max(map(len, payloads), default=0) > MAX_BYTES:
            some, payloads = _inflated(some, rest)
        nodes, out, at = [place.node.number for _, place in some], [], 0
        while at < len(some):
            found = self._library.take(payloads[at:], nodes[at:])
            done = len(found.seqs)
            out.append(_Slice(some[at : at + done], [self._epoch(letters) for letters in found.epochs], found))
            at += done
        return out

    def _epoch(self, letters: bytes) -> str:
        """One text an epoch, however many packs name it."""
        epoch = self._epochs.get(letters)
        if epoch is None:
            if len(self._epochs) > KEPT_EPOCHS:
                self._epochs.clear()
            epoch = self._epochs[letters] = letters.decode("ascii", "replace")  # of what is no usual pack, anything
        return epoch

    def _identified(self, slices: Sequence[_Slice], work: Work, rest: list[Message]) -> tuple[list[Taken], NDArray[np.bool_]]:
        """Packs that are new, and by pack that has columns whether it is not; what is not taken goes into ``rest``."""
        taken, unwanted, before, knows = list[Taken](), list[bool](), work.taken, self._store.knows
        for messages, epochs, found in slices:
            for (message, place), epoch, seq, columns, readings in zip(
                messages, epochs, found.seqs, found.columns, found.readings, strict=True
            ):
                if not columns:
                    rest.append(message)
                    continue
                identity = (place.name, epoch, seq)
                again = identity in before
                if again or knows(*identity):
                    work.twice |= again
                    rest.append(message)
                    unwanted.append(True)
                    continue
                before.add(identity)
                unwanted.append(False)
                taken.append((message, place, epoch, seq, columns, readings))
        return taken, np.asarray(unwanted, np.bool_)

    def _watch(self, runs: Runs, work: Work) -> None:
        """Readings that somebody looks at, as objects."""
        pieces = np.flatnonzero(self._watched[runs.series])
        if not len(pieces):
            return
        some = runs.take(pieces)
        times = running_times(some.steps, some.starts, some.counts).tolist()
        v, flags, at = some.v.tolist(), some.flags().tolist(), 0
        for number, count, received in zip(some.series.tolist(), some.counts.tolist(), some.received.tolist(), strict=True):
            rows = zip(times[at : at + count], v[at : at + count], flags[at : at + count], strict=True)
            work.watched.setdefault(self._columns[number].key, []).extend([Reading(t, v, q, received) for t, v, q in rows])
            at += count


def _inflated(some: Sequence[tuple[Message, Place]], rest: list[Message]) -> tuple[list[tuple[Message, Place]], list[bytes]]:
    """With their JSON; what cannot be inflated goes into ``rest``."""
    good, texts = [], []
    for message, place in some:
        try:
            texts.append(inflate(message.payload))
        except InvalidPack:
            rest.append(message)
        else:
            good.append((message, place))
    return good, texts


def _together(slices: Sequence[_Slice], unwanted: NDArray[np.bool_]) -> tuple[Runs, Ints]:
    """Readings of packs that are wanted, and by piece the place of its pack among these."""
    founds = [s.found for s in slices]
    columns = np.asarray([count for f in founds for count in f.columns if count], np.int64)
    at = np.asarray([message.received for s in slices for (message, _), count in zip(s.messages, s.found.columns, strict=True) if count])
    which, counts, steps, v = (np.concatenate(some) for some in zip(*((f.which, f.counts, f.steps, f.v) for f in founds), strict=True))
    q = None
    if any(f.q is not None for f in founds):
        q = np.concatenate([np.full(len(f.v), GOOD, np.uint8) if f.q is None else f.q for f in founds])
    runs = Runs(which, counts, np.repeat(at.astype(np.int64), columns), steps, v, q)
    if not unwanted.any():
        return runs, np.repeat(np.arange(len(columns)), columns)
    keep = ~np.repeat(unwanted, columns)
    return runs.take(keep), np.repeat(np.cumsum(~unwanted) - 1, columns)[keep]
