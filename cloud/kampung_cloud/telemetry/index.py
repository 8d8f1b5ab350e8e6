"""What every engine keeps in memory: series, their newest reading and count, and the identities of packs."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kampung_cloud.telemetry.order import Newest
from kampung_cloud.telemetry.ranges import Ranges
from kampung_cloud.telemetry.store import (
    EVERYTHING,
    Batch,
    Correction,
    EpochPacks,
    Ints,
    Latest,
    PackId,
    Rows,
    Selector,
    SeriesKey,
    absent,
)

NEVER = -(2**62)


class Index:
    """Numbers series from 0; written by the committing thread, read by any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._keys: list[SeriesKey] = []
        self._latest: list[Latest | None] = []
        self._watermark = np.zeros(0, dtype=np.int64)
        self._packs: dict[tuple[str, str], tuple[Ranges, int]] = {}
        self.corrections: dict[tuple[str, str], Correction] = {}
        self.estimated_packs: set[tuple[str, str, int]] = set()
        """Packs that have estimated rows."""

    def number(self, series_id: str) -> int | None:
        """The series' number."""
        return self._numbers.get(series_id)

    def known(self, series_id: str) -> int:
        """The number of a series that is here. Raises ``NotFound``."""
        number = self._numbers.get(series_id)
        if number is None:
            raise absent(series_id)
        return number

    def key(self, number: int) -> SeriesKey:
        """The series with a number."""
        return self._keys[number]

    def by_node(self, counts: Iterable[tuple[int, int]]) -> dict[str, int]:
        """Counts by series number, summed by node."""
        out: dict[str, int] = {}
        for number, count in counts:
            if number >= len(self._keys):  # of a series that is being committed for the first time
                continue
            node = self._keys[number].node
            out[node] = out.get(node, 0) + count
        return out

    def unknown(self, batch: Batch) -> list[tuple[int, SeriesKey]]:
        """Series of ``batch`` that have no number yet, with the number each would get."""
        fresh: dict[str, SeriesKey] = {}
        for key in batch.series:
            if key.id not in self._numbers:
                fresh.setdefault(key.id, key)
        return list(enumerate(fresh.values(), len(self._keys)))

    def learn(self, series: Iterable[tuple[int, SeriesKey]]) -> None:
        """Take in new series."""
        with self._lock:
            for number, key in series:
                self._numbers[key.id] = number
                self._keys.append(key)
                self._latest.append(None)
            self._watermark = np.append(self._watermark, np.full(len(self._keys) - len(self._watermark), NEVER, dtype=np.int64))

    def load_latest(self, number: int, row: tuple[int, int, float, int, int]) -> None:
        """Set a series' newest reading (t, received, v, q) and count when a store is opened."""
        self._latest[number] = Latest(self._keys[number], *row)
        self._watermark[number] = row[0]

    def load_all(self, found: dict[int, tuple[int, int, float, int, int]]) -> None:
        """Newest readings and counts anew; the marks below which a reading may be a duplicate stay."""
        with self._lock:
            for number, old in enumerate(self._latest):
                row = found.get(number)
                estimates = old.estimates if old else 0
                if row is not None:
                    self._latest[number] = Latest(self._keys[number], *row, estimates)
                elif old is not None and old.readings:
                    self._latest[number] = None  # all of it was older than it is kept

    def load_packs(self, node: str, epoch: str, ranges: Iterable[tuple[int, int]], readings: int) -> None:
        """Set an epoch's packs when a store is opened."""
        self._packs[node, epoch] = (Ranges(ranges), readings)

    def watermarks(self, unknown: int) -> Ints:
        """Greatest stored time by series number, with room for ``unknown`` more."""
        return np.append(self._watermark, np.full(unknown, NEVER, dtype=np.int64))

    def knows(self, node: str, epoch: str, seq: int) -> bool:
        """Whether a pack is here; one with estimated rows may still come with others."""
        known = self._packs.get((node, epoch))
        return known is not None and seq in known[0] and (node, epoch, seq) not in self.estimated_packs

    def new_packs(self, packs: Iterable[PackId]) -> list[PackId]:
        """Packs that are not here, each once."""
        out: list[PackId] = []
        for place, some in by_epoch(packs).items():
            known = self._packs.get(place)
            fresh = {pack.seq: pack for pack in reversed(some)}  # of one number the first stands
            if known is not None and min(fresh) <= known[0].last:
                fresh = {seq: pack for seq, pack in fresh.items() if seq not in known[0]}
            out += reversed(fresh.values())
        return out

    def committed(self, newest: Newest, packs: Iterable[PackId]) -> tuple[Latest, ...]:
        """Take in what was stored; ``newest.series`` are numbers. Returns the newest readings that changed."""
        changed: list[Latest] = []
        with self._lock:
            for number, count, t, received, v, flag in zip(*(f.tolist() for f in newest), strict=True):
                old = self._latest[number]
                readings = count + (old.readings if old else 0)
                if old is None or old.estimated or (t, received, v) > (old.t, old.received, old.v):
                    new = Latest(self._keys[number], t, received, v, flag, readings, old.estimates if old else 0)
                    changed.append(new)
                    self._watermark[number] = t
                else:
                    new = replace(old, readings=readings)
                self._latest[number] = new
            for (node, epoch), some in by_epoch(packs).items():
                ranges, readings = self._packs.get((node, epoch)) or (Ranges(), 0)
                ranges.extend([p.seq for p in some])
                self._packs[node, epoch] = (ranges, readings + sum([p.readings for p in some]))
        return tuple(changed)

    def fresh_corrections(self, batch: Batch) -> dict[tuple[str, str], Correction]:
        """Corrections of ``batch`` for boots that have none, the first for each."""
        out: dict[tuple[str, str], Correction] = {}
        for correction in batch.corrections:
            if correction[:2] not in self.corrections:
                out.setdefault((correction.node, correction.boot), correction)
        return out

    def replaced(self, batch: Batch) -> list[tuple[str, str, int]]:
        """Packs of ``batch`` that have estimated rows and come now with a clock that was right."""
        if not self.estimated_packs:
            return []
        again = {(batch.series[e.series].node, e.epoch, e.seq) for e in batch.estimates}
        return [p[:3] for p in batch.packs if p[:3] in self.estimated_packs and p[:3] not in again]

    def set_estimates(
        self, estimates: Iterable[tuple[int, int, tuple[int, int, float, int]]], packs: Iterable[tuple[str, str, int]]
    ) -> None:
        """All estimated rows there are: (series number, how many, the newest as t, received, v, q), and their packs."""
        now = {number: (count, row) for number, count, row in estimates}
        with self._lock:
            self.estimated_packs = set(packs)
            for number, old in enumerate(self._latest):
                count, row = now.get(number, (0, None))
                if old is not None and old.readings:
                    if old.estimates != count:
                        self._latest[number] = replace(old, estimates=count)
                else:
                    self._latest[number] = Latest(self._keys[number], *row, 0, count) if row else None

    def has_estimates(self, series_id: str) -> bool:
        """Whether a series has estimated rows."""
        found = self.find(series_id)
        return found is not None and found.estimates > 0

    def spans(self, moved: Iterable[Rows]) -> tuple[tuple[SeriesKey, int, int], ...]:
        """Series of ``moved`` with their first and last time."""
        out: dict[int, tuple[int, int]] = {}
        for rows in moved:
            for number in np.unique(rows.series).tolist():
                times = rows.t[rows.series == number]
                low, high = out.get(number, (int(times[0]), int(times[0])))
                out[number] = (min(low, int(times.min())), max(high, int(times.max())))
        return tuple((self._keys[number], *span) for number, span in out.items())

    def find(self, series_id: str) -> Latest | None:
        """The newest reading of one series."""
        number = self._numbers.get(series_id)
        return None if number is None else self._latest[number]

    def latest(self, selector: Selector = EVERYTHING) -> list[Latest]:
        """The newest readings of the selected series, in order of id."""
        with self._lock:
            return sorted((x for x in self._latest if x and selector.matches(x.key)), key=lambda x: x.key.id)

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        """Selected series in order of id."""
        with self._lock:
            return sorted((k for k in self._keys if selector.matches(k)), key=lambda k: k.id)

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        """What is here of every epoch, in the order in which epochs appeared."""
        with self._lock:
            return [EpochPacks(n, e, tuple(r), count) for (n, e), (r, count) in self._packs.items() if node in (None, n)]


def by_epoch(packs: Iterable[PackId]) -> dict[tuple[str, str], list[PackId]]:
    """Packs by (node, epoch)."""
    out: defaultdict[tuple[str, str], list[PackId]] = defaultdict(list)
    for pack in packs:
        out[pack[:2]].append(pack)
    return out
