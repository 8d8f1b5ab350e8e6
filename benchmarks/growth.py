"""How the embedded engine grows: one store, filled with a year of 2,000 series and more, looked at on the way.

``KAMPUNG_BENCH_GROWTH`` are the marks in millions (10,100,1000). At each the store is settled, counted, asked, closed and opened anew by
another process, and what was found is written down, so that a run may be stopped. With ``KAMPUNG_BENCH_FOLDER`` the store stays in that
folder, and a run goes on with what is there. ``python -m benchmarks.growth_drawn`` draws ``docs/growth.svg``.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.store import Batch, PackId, Rows, runs_of

from benchmarks.place import EPOCH
from benchmarks.proc import status_mb
from benchmarks.result import FOLDER, Result, known, save
from benchmarks.windows import DEVICES, HOUR_MS, KEYS, NODES, SERIES, START, p95

MARKS = [int(x) for x in os.environ.get("KAMPUNG_BENCH_GROWTH", "10,100,1000").split(",")]
STEP_MS = 60_000
AT_ONCE = 100
"""Moments in one commit: 200,000 readings, in a pack of 2,000 from each node."""
POINT = 10_000_000
"""Readings from one point of the curve to the next."""
MONTH_MS = 30 * 24 * HOUR_MS
ASKED = 60
CURVE = FOLDER / "growth_curve.json"
OPEN = """
import sys, time
from kampung_cloud.telemetry.duckdb import DuckDBStore
from pathlib import Path
begun = time.perf_counter()
store = DuckDBStore(Path(sys.argv[1]))
print(time.perf_counter() - begun, sum(x.readings for x in store.latest()))
store.close()
"""


@dataclass(frozen=True)
class Point:
    """``readings`` are stored; wall and processor seconds are of the stretch since the point before, memory in MB, ``bytes`` on disk."""

    readings: int
    stretch: int
    wall_s: float
    cpu_s: float
    memory: float
    bytes: int
    tables: int
    """Tables that wait to be written to files."""


class Filling:
    """A store that fills. What it takes to make readings is not counted."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.store = DuckDBStore(file)
        self.ticks = 0
        self.points: list[Point] = []
        self.sums = np.zeros(SERIES)
        self._dice = np.random.default_rng(3)
        self._last = 20 + 10 * self._dice.random(SERIES)
        self._wall = self._cpu = 0.0
        held = sum(x.readings for x in self.store.latest())
        while self.readings < held:  # of a run that was stopped
            self._moments(AT_ONCE)
        self._counted = held
        if self.readings != held:
            raise AssertionError(f"{file} holds {held} readings, which no run leaves")

    def _moments(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The next ones: times, and values by time and series."""
        times = self.now + np.arange(count, dtype=np.int64) * STEP_MS
        walk = np.round(self._last + np.cumsum(self._dice.normal(0, 0.15, (count, SERIES)), axis=0), 1)
        self._last = walk[-1]
        self.sums += walk.sum(axis=0)
        self.ticks += count
        return times, walk

    @property
    def readings(self) -> int:
        """How many were committed."""
        return self.ticks * SERIES

    @property
    def now(self) -> int:
        """The time of the next reading, ms UTC."""
        return START + self.ticks * STEP_MS

    def commit(self, until: int) -> None:
        """The next moments up to ``until``, and the housekeeping that the service does once a minute."""
        number = self.ticks // AT_ONCE + 1
        times, walk = self._moments(min(AT_ONCE, until - self.ticks))
        t, v = np.tile(times, SERIES), walk.T.reshape(walk.size)
        wall, cpu = time.perf_counter(), time.process_time()
        batch = Batch()
        places = np.asarray([batch.place(k) for k in KEYS], dtype=np.int32)
        batch.extend(runs_of(Rows(np.repeat(places, len(times)), t, t + 700, v, np.ones(v.size, dtype=np.uint8))))
        batch.packs.extend([PackId(f"kios-{n}", EPOCH, number, len(times) * DEVICES) for n in range(NODES)])
        self.store.commit(batch)
        self.store.maintain(self.now)
        self._count(wall, cpu)

    def settle(self) -> None:
        """Everything that is turned over into its files."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.store.settle()
        self._count(wall, cpu)

    def _count(self, wall: float, cpu: float) -> None:
        self._wall += time.perf_counter() - wall
        self._cpu += time.process_time() - cpu

    def point(self) -> Point:
        """Where it stands."""
        point = Point(
            self.readings,
            self.readings - self._counted,
            self._wall,
            self._cpu,
            status_mb(os.getpid(), "VmRSS"),
            size(self.file),
            len(self.store.tail.closed),
        )
        self._wall, self._cpu, self._counted = 0.0, 0.0, self.readings
        self.points.append(point)
        return point


def drawn() -> list[Point]:
    """The curve as it is written down."""
    return [Point(**p) for p in json.loads(CURVE.read_text(encoding="utf-8"))] if CURVE.exists() else []


def size(file: Path) -> int:
    """Bytes of the database, its log and the files that count or wait to be removed."""
    return sum(p.stat().st_size for p in [file, Path(f"{file}.wal"), *file.with_suffix(".days").rglob("*.parquet")] if p.exists())


def check(filling: Filling, chosen: list[int]) -> None:
    """Every reading is there, once: by series in memory, by series in what is on disk; and the values of some, by day."""
    total, store = filling.readings, filling.store
    by_series = {x.key.id: x.readings for x in store.latest()}
    on_disk = sum(store.counts(0, 2**61).values())
    if set(by_series.values()) != {filling.ticks} or len(by_series) != SERIES or on_disk != total:
        raise AssertionError(f"{total} readings were committed, the store says {sum(by_series.values())} and holds {on_disk}")
    for number in chosen:
        days = store.window(KEYS[number].id, 0, 2**61, 24 * HOUR_MS).aggregates
        found = float(np.dot(days["mean"], days["count"]))
        if sum(days["count"]) != filling.ticks or not np.isclose(found, filling.sums[number], rtol=1e-9):
            raise AssertionError(f"{KEYS[number].id}: sum {found}, written {filling.sums[number]}")


def look(filling: Filling, million: int) -> Iterator[Result]:
    """All that is measured at a mark, over what is there."""
    total, store = filling.readings, filling.store
    chosen = np.random.default_rng(million).choice(SERIES, ASKED, replace=False).tolist()
    stop = filling.now
    windows, newest = [], []
    used = time.process_time()
    for number in chosen:
        begun = time.perf_counter()
        store.window(KEYS[number].id, max(START, stop - MONTH_MS), stop, HOUR_MS)
        windows.append(time.perf_counter() - begun)
    used = time.process_time() - used
    for _ in range(ASKED):
        begun = time.perf_counter()
        store.latest()
        newest.append(time.perf_counter() - begun)
    check(filling, chosen[:20])
    memory = status_mb(os.getpid(), "VmRSS")
    store.close()
    told = subprocess.run([sys.executable, "-c", OPEN, str(filling.file)], check=True, capture_output=True, text=True).stdout.split()[-2:]
    if int(told[1]) != total:
        raise AssertionError(f"{total} readings were committed, {told[1]} are there after a restart")
    held = size(filling.file)
    filling.store = DuckDBStore(filling.file)
    name = f"growth_{million}_million"
    past = [p for p in filling.points if p.readings > total - max(POINT, total // 10)]
    stretch, wall, cpu = sum(p.stretch for p in past), sum(p.wall_s for p in past), sum(p.cpu_s for p in past)
    if stretch:  # a run that goes on at a mark has filled nothing
        yield Result(f"{name}_ingest", stretch / wall, "readings/s", None, None, stretch)
        yield Result(f"{name}_ingest_cpu", stretch / cpu, "readings/CPU s", None, None, stretch)
    yield Result(f"{name}_window_p95", p95(windows), "ms", None, None, ASKED)
    yield Result(f"{name}_window_cpu", used / ASKED * 1000, "CPU ms", None, None, ASKED)
    yield Result(f"{name}_latest_p95", p95(newest), "ms", None, None, ASKED)
    yield Result(f"{name}_bytes", held / total, "bytes/reading", None, None, total)
    yield Result(f"{name}_memory", memory, "MB", None, None, total)
    yield Result(f"{name}_open", float(told[0]), "s", None, None, total)


def run() -> Iterator[Result]:
    """Over all marks; ingest rates are of the last tenth before a mark, files of days included. Rows of other marks stay."""
    with contextlib.ExitStack() as ends:
        folder = os.environ.get("KAMPUNG_BENCH_FOLDER") or ends.enter_context(tempfile.TemporaryDirectory())
        filling = Filling(Path(folder) / "telemetry.duckdb")
        found = {r.name: r for r in known("growth")}
        curve = [p for p in drawn() if p.readings <= filling.readings]
        for million in MARKS:
            ticks = million * 1_000_000 // SERIES
            while filling.ticks < ticks:
                filling.commit(ticks)
                if filling.readings % POINT == 0:
                    if filling.ticks == ticks:
                        filling.settle()
                    curve.append(filling.point())
                    CURVE.write_text(json.dumps([asdict(p) for p in curve], indent=1) + "\n", encoding="utf-8")
                    print(f"{filling.readings:,} {curve[-1].stretch / curve[-1].wall_s:,.0f}/s {curve[-1]}", flush=True)
            found |= {r.name: r for r in look(filling, million)}
            save("growth", found.values())
        filling.store.close()
    yield from found.values()
