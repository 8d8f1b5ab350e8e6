"""How the embedded engine grows: the same 2,000 series, more and more readings. ``KAMPUNG_BENCH_GROWTH`` is how many, in millions."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.store import Batch, PackId, Rows

from benchmarks.place import EPOCH
from benchmarks.result import Result
from benchmarks.windows import HOUR_MS, KEYS, SERIES, START, p95

MILLIONS = [int(x) for x in os.environ.get("KAMPUNG_BENCH_GROWTH", "10").split(",")]
STEP_MS = 60_000
AT_ONCE = 100
MONTH_MS = 30 * 24 * HOUR_MS
ASKED = 40


def run() -> Iterator[Result]:
    """Rates with the files of days written meanwhile; then a month (or what there is) of one series by hour, asked of the engine itself."""
    for millions in MILLIONS:
        ticks = millions * 1_000_000 // SERIES
        total = ticks * SERIES
        dice = np.random.default_rng(3)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "telemetry.duckdb"
            store = DuckDBStore(file)
            last, seconds = 20 + 10 * dice.random(SERIES), 0.0
            for at in range(0, ticks, AT_ONCE):
                times = START + np.arange(at, min(at + AT_ONCE, ticks), dtype=np.int64) * STEP_MS
                walk = np.round(last + np.cumsum(dice.normal(0, 0.15, (len(times), SERIES)), axis=0), 1)
                last = walk[-1]
                begun = time.perf_counter()
                batch = Batch()
                places = np.asarray([batch.place(k) for k in KEYS], dtype=np.int32)
                t = np.tile(times, SERIES)
                batch.extend(Rows(np.repeat(places, len(times)), t, t + 700, walk.T.reshape(walk.size), np.ones(walk.size, dtype=np.uint8)))
                batch.packs.append(PackId("kios-0", EPOCH, at // AT_ONCE + 1, walk.size))
                store.commit(batch)
                seconds += time.perf_counter() - begun
            begun = time.perf_counter()
            store.settle()
            seconds += time.perf_counter() - begun
            stop = START + ticks * STEP_MS
            took = []
            for number in dice.choice(SERIES, ASKED, replace=False).tolist():
                begun = time.perf_counter()
                store.window(KEYS[number].id, max(START, stop - MONTH_MS), stop, HOUR_MS)
                took.append(time.perf_counter() - begun)
            held = sum(x.readings for x in store.latest())
            store.close()
            if held != total:
                raise AssertionError(f"{total} readings were committed, the store holds {held}")
            size = sum(p.stat().st_size for p in [file, *file.with_suffix(".days").rglob("*.parquet")])
        name = f"growth_{millions}_million"
        yield Result(f"{name}_ingest", total / seconds, "readings/s", None, None, total)
        yield Result(f"{name}_window_p95", p95(took), "ms", None, None, ASKED)
        yield Result(f"{name}_bytes", size / total, "bytes/reading", None, None, total)
        yield Result(f"{name}_memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, "MB", None, None, total)
