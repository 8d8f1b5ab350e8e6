"""Commits that an engine outside this process may still lose: sent, sent again after it was down, and let go once they are on its disk.

An entry is in the records before the engine gets it, so a receipt is true whatever happens to the engine; written twice, it is there once.
It is let go when the same run of the engine has had it for ``settle_s``, or, where runs cannot be told apart, when it was read back twice
with ``settle_s`` between: what a crash took in the meantime would be missing the second time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import structlog
from kampung_contract.errors import StorageUnavailable

from kampung_cloud.telemetry.engine import Engine, Points
from kampung_cloud.telemetry.entry import Entry
from kampung_cloud.telemetry.sift import merged, sift
from kampung_cloud.telemetry.store import Ints, Rows, no_rows, together

log = structlog.get_logger()

ROOM = 4_000_000
"""Rows that may wait: about 140 MB. A commit waits for room."""
LOOK_S = 1.0
STRETCH_S = 10.0
"""Seconds that entries are sent, or read back, at a stretch. Then whoever waits is told, and ingest is seen to live (``watchdog.py``)."""


class Behind(StorageUnavailable):
    """The engine works, but not as fast as readings come."""


class Journal:
    """Changed by the committing thread; ``rows`` and ``waiting`` may be asked by any."""

    def __init__(self, engine: Engine, entries: list[Entry], now: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._now = now
        self._entries = tuple(entries)
        self._process: str | None = None
        self._looked = -LOOK_S

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that is not let go, oldest first."""
        return self._entries

    @property
    def size(self) -> int:
        """Rows that are not let go."""
        return sum(len(e.points) for e in self._entries)

    @property
    def full(self) -> bool:
        """Whether nothing more may be taken for now."""
        return self.size > ROOM

    def waiting(self) -> tuple[Entry, ...]:
        """Entries that an answer of the engine may lack."""
        return self._entries if self._engine.settle_s else tuple(e for e in self._entries if e.written is None)

    def rows(self, series_id: str, start: int, stop: int) -> Rows:
        """Rows of one series in waiting entries, numbered 0, each once."""
        parts = [rows for e in self.waiting() if len((rows := e.rows(series_id, start, stop)).t)]
        return merged(parts, self._engine.tolerance) if parts else no_rows()

    def add(self, entry: Entry) -> None:
        """Take in what the log holds now."""
        self._entries = (*self._entries, entry)

    def doubt(self) -> None:
        """The engine was down, or may have been: all of it may be gone."""
        for entry in self._entries:
            entry.written, entry.seen = None, 0

    def send(self) -> None:
        """Give the engine what it has not had. Raises ``StorageUnavailable``; what was sent until then counts.

        Raises ``Behind`` when that takes long, after at least one entry.
        """
        sent, end = False, self._now() + STRETCH_S
        if any(e.written is None for e in self._entries):
            self._look()
        for entry in self._entries:
            if entry.written is None:
                if sent and self._now() > end:
                    left = sum(len(e.points) for e in self._entries if e.written is None)
                    raise Behind(f"{self._engine.name} is behind: it takes in what it may have lost, and {left:,} readings are still to go")
                if len(entry.points):
                    self._engine.write(entry.keys, entry.points)
                entry.written, entry.process = self._now(), self._process
                sent = True

    def settled(self) -> list[Entry]:
        """Entries that are on the engine's disk now. Asks the engine at most once a second."""
        if not self._entries or not self._look():
            return []
        self.send()
        out: list[Entry] = []
        end = self._now() + STRETCH_S
        for entry in self._entries:
            if self._now() > end or entry.written is None or self._now() - entry.written < self._engine.settle_s:
                break  # later ones are younger
            if self._engine.settle_s and not self._is_safe(entry):
                break
            out.append(entry)
        return out

    def _look(self) -> bool:
        """Find out which run of the engine this is, once a second; whether that was now."""
        if self._now() - self._looked < LOOK_S:
            return False
        self._looked = self._now()
        before, self._process = self._process, self._engine.process() if self._engine.settle_s else None
        if self._process != before and any(e.written is not None for e in self._entries):
            self._engine.check()  # it may have come back with other flags
            log.warning("the engine was started anew; what it may have lost is sent again", engine=self._engine.name)
            self.doubt()
        return True

    def forget(self, entries: list[Entry]) -> None:
        """Let go of what the log no longer holds."""
        gone = {e.id for e in entries}
        self._entries = tuple(e for e in self._entries if e.id not in gone)

    def _is_safe(self, entry: Entry) -> bool:
        """Whether an entry of sufficient age is on disk."""
        if not len(entry.points) or (entry.process is not None and entry.process == self._process):
            return True
        lost = self.missing(entry)
        if len(lost):
            log.warning("the engine has lost readings; they are sent again", engine=self._engine.name, readings=len(lost))
            self._engine.write(entry.keys, lost)
            entry.seen = 0
        else:
            entry.seen += 1
        entry.written, entry.process = self._now(), self._process
        return entry.seen >= 2

    def missing(self, entry: Entry) -> Points:
        """The points of an entry that the engine's answers lack."""
        rows = entry.points.rows
        there = self._engine.read(entry.keys, int(rows.t.min()), int(rows.t.max()) + 1)
        found = sift(rows, there, self._engine.tolerance).rows
        lacking = {(int(s), int(t), float(v)) for s, t, v in zip(found.series, found.t, found.v, strict=True)}
        here = [i for i, place in enumerate(zip(rows.series.tolist(), rows.t.tolist(), rows.v.tolist(), strict=True)) if place in lacking]
        return entry.points.take(np.asarray(here, np.int64))

    def known(self, low: Ints, high: Ints) -> Rows:
        """Rows in waiting entries between ``low`` and ``high`` of their series, both by series number."""
        parts = [no_rows()]
        for entry in self.waiting():
            rows = entry.points.rows
            series = entry.numbers[rows.series] if len(rows.t) else rows.series
            inside = (rows.t >= low[series]) & (rows.t <= high[series])
            parts.append(Rows(series[inside], rows.t[inside], rows.received[inside], rows.v[inside], rows.q[inside]))
        return together(parts)
