"""What every engine keeps in memory: series, their newest reading and count, and the identities of packs."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np

from kampung_cloud.telemetry.ranges import Ranges
from kampung_cloud.telemetry.store import EVERYTHING, Batch, EpochPacks, Ints, Latest, PackId, Rows, Selector, SeriesKey, newest_rows

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

    def number(self, series_id: str) -> int | None:
        """The series' number."""
        return self._numbers.get(series_id)

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

    def load_packs(self, node: str, epoch: str, ranges: Iterable[tuple[int, int]], readings: int) -> None:
        """Set an epoch's packs when a store is opened."""
        self._packs[node, epoch] = (Ranges(ranges), readings)

    def watermarks(self, unknown: int) -> Ints:
        """Greatest stored time by series number, with room for ``unknown`` more."""
        return np.append(self._watermark, np.full(unknown, NEVER, dtype=np.int64))

    def new_packs(self, packs: Iterable[PackId]) -> list[PackId]:
        """Packs that are not here, each once."""
        out: dict[tuple[str, str, int], PackId] = {}
        for pack in packs:
            known = self._packs.get((pack.node, pack.epoch))
            if known is None or pack.seq not in known[0]:
                out.setdefault((pack.node, pack.epoch, pack.seq), pack)
        return list(out.values())

    def committed(self, rows: Rows, packs: Iterable[PackId]) -> tuple[Latest, ...]:
        """Take in what was stored; ``rows.series`` are numbers. Returns the newest readings that changed."""
        changed: list[Latest] = []
        numbers, counts = np.unique(rows.series, return_counts=True)
        more = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
        with self._lock:
            for at in newest_rows(rows):
                number = int(rows.series[at])
                row = (int(rows.t[at]), int(rows.received[at]), float(rows.v[at]))
                old = self._latest[number]
                readings = more[number] + (old.readings if old else 0)
                if old is None or row > (old.t, old.received, old.v):
                    new = Latest(self._keys[number], *row, int(rows.q[at]), readings)
                    changed.append(new)
                    self._watermark[number] = row[0]
                else:
                    new = Latest(old.key, old.t, old.received, old.v, old.q, readings)
                self._latest[number] = new
            for pack in packs:
                ranges, readings = self._packs.get((pack.node, pack.epoch), (Ranges(), 0))
                ranges.add(pack.seq)
                self._packs[pack.node, pack.epoch] = (ranges, readings + pack.readings)
        return tuple(changed)

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
