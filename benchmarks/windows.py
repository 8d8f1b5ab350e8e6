"""A month of one series by hour out of 2,000 series, asked of the regency's API, of VictoriaMetrics and of InfluxDB over the same readings.

``KAMPUNG_BENCH_STEP`` is the seconds between the readings of a series: 60 makes 86 million, the default a tenth of that.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.store import Batch, PackId, Rows, SeriesKey, runs_of
from kampung_contract.times import text

from benchmarks.engines import Engine, Line, influxdb, victoria_metrics
from benchmarks.place import EPOCH, QUANTITIES, VILLAGE, place
from benchmarks.result import Result

NODES, DEVICES = 100, 20
SERIES = NODES * DEVICES
STEP_MS = int(os.environ.get("KAMPUNG_BENCH_STEP", "600")) * 1000
DAYS = 30
HOUR_MS = 3_600_000
START = 1_759_251_600_000
"""2025-10-01 at local midnight."""
STOP = START + DAYS * 24 * HOUR_MS
TICKS = DAYS * 24 * HOUR_MS // STEP_MS
TOTAL = TICKS * SERIES
AT_ONCE = max(1, 200_000 // SERIES)
"""Moments in one commit or request."""
ASKED = 300
WARM = 5
"""Questions to each that are not counted: the peers have been running since they were filled, ours has only just started."""


def key(number: int) -> SeriesKey:
    """The series with a number."""
    quantity, unit = QUANTITIES[number % len(QUANTITIES)]
    return SeriesKey(VILLAGE, f"kios-{number // DEVICES}", f"alat-{number % DEVICES}", quantity, unit)


KEYS = [key(number) for number in range(SERIES)]


def slices() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Times (ms UTC), and values by (time, series), as they would arrive: all series of one moment, then of the next."""
    dice = np.random.default_rng(11)
    last = 20 + 10 * dice.random(SERIES)
    for at in range(0, TICKS, AT_ONCE):
        times = START + np.arange(at, min(at + AT_ONCE, TICKS), dtype=np.int64) * STEP_MS
        walk = np.round(last + np.cumsum(dice.normal(0, 0.15, (len(times), SERIES)), axis=0), 1)
        last = walk[-1]
        yield times, walk


def fill_ours(file: Path) -> tuple[float, int]:
    """Through the engine's own commits. Seconds, and bytes of the database and its files of days once they are all written."""
    store = DuckDBStore(file)
    begun = time.perf_counter()
    for number, (times, values) in enumerate(slices(), 1):
        batch = Batch()
        places = np.asarray([batch.place(k) for k in KEYS], dtype=np.int32)
        size = values.size
        t = np.tile(times, SERIES)
        rows = Rows(np.repeat(places, len(times)), t, t + 700, values.T.reshape(size), np.ones(size, dtype=np.uint8))
        batch.extend(runs_of(rows))
        batch.packs.append(PackId("kios-0", EPOCH, number, size))
        store.commit(batch)
    seconds = time.perf_counter() - begun
    now = STOP + 2 * 24 * HOUR_MS
    store.maintain(now)
    store.settle()
    store.maintain(now)
    store.settle()
    held = sum(x.readings for x in store.latest())
    store.close()
    if held != TOTAL:
        raise AssertionError(f"{TOTAL} readings were committed, the store holds {held}")
    DuckDBStore(file).close()  # gives back the room of the backlog, as the cloud's start would
    files = [file, *file.with_suffix(".days").rglob("*.parquet")]
    return seconds, sum(p.stat().st_size for p in files)


def bodies() -> Iterator[bytes]:
    """As lines, with the fewest tags that tell the series apart."""
    heads = [f"{k.quantity},node={k.node},device={k.device} value=" for k in KEYS]
    for times, values in slices():
        rows = [
            f"{head}{v} {t}" for t, row in zip(times.tolist(), values.tolist(), strict=True) for head, v in zip(heads, row, strict=True)
        ]
        for at in range(0, len(rows), 20_000):
            yield "\n".join(rows[at : at + 20_000]).encode()


def fill(engine: Engine, path: str) -> float:
    """Seconds that the requests took, without what it took to make them."""
    seconds, group = 0.0, []
    for body in bodies():
        group.append(body)
        if len(group) == 20:
            seconds += _send(engine, path, group)
            group = []
    return seconds + (_send(engine, path, group) if group else 0.0)


def _send(engine: Engine, path: str, group: list[bytes]) -> float:
    begun = time.perf_counter()
    engine.post(path, group)
    return time.perf_counter() - begun


def ask_ours(line: Line, number: int) -> list[float]:
    """Means by hour."""
    path = f"/api/v1/series/{KEYS[number].id}/window"
    found = line.ask(path, every="1h", start=text(START), stop=text(STOP), aggregates="mean")
    return [float(v) for v in found["mean"]]


def ask_victoria(line: Line, number: int) -> list[float]:
    """Means by hour; its window ends at the moment it is named by, and takes that moment in."""
    k = KEYS[number]
    query = f'avg_over_time({k.quantity}_value{{node="{k.node}",device="{k.device}"}}[1h])'
    first, last = (START + HOUR_MS) / 1000 - 0.001, STOP / 1000 - 0.001
    found = line.ask("/api/v1/query_range", query=query, start=f"{first:.3f}", end=f"{last:.3f}", step="1h", nocache="1")
    return [float(v) for _, v in found["data"]["result"][0]["values"]]


def ask_influx(line: Line, number: int) -> list[float]:
    """Means by hour."""
    k = KEYS[number]
    where = f"node = '{k.node}' AND device = '{k.device}' AND time >= {START}ms AND time < {STOP}ms"
    query = f'SELECT mean(value) FROM "{k.quantity}" WHERE {where} GROUP BY time(1h)'
    found = line.ask("/query", db="bench", epoch="ms", q=query)
    return [float(v) for _, v in found["results"][0]["series"][0]["values"]]


def p95(times: list[float]) -> float:
    """In milliseconds."""
    return sorted(times)[int(len(times) * 0.95)] * 1000


def run() -> Iterator[Result]:
    """Asked in turns, in any order; the answers are compared. Bytes are of whole folders, after each has been told to flush."""
    dice = np.random.default_rng(5)
    with place() as here, victoria_metrics() as victoria, influxdb() as influx:
        data = here.folder / "cloud"
        data.mkdir()
        ours_s, ours_bytes = fill_ours(data / "telemetry.duckdb")
        victoria_s = fill(victoria, "/write?precision=ms")
        influx_s = fill(influx, "/write?db=bench&precision=ms")
        victoria.ask("/internal/force_flush")
        victoria.ask("/internal/force_merge")
        here.start_cloud()
        time.sleep(10)
        lines = [Line(here.api_port), Line(victoria.port), Line(influx.port)]
        asks: dict[str, Callable[[int], list[float]]] = {
            "ours": lambda n: ask_ours(lines[0], n),
            "victoria": lambda n: ask_victoria(lines[1], n),
            "influx": lambda n: ask_influx(lines[2], n),
        }
        took: dict[str, list[float]] = {name: [] for name in asks}
        gc.collect()
        gc.disable()  # 80 ms of this program, which the clock would put down to whoever is being asked
        for at, number in enumerate(dice.choice(SERIES, WARM + ASKED, replace=False).tolist()):
            answers = {}
            for name in dice.permutation(list(asks)).tolist():  # nobody always comes after one that is busy still
                begun = time.perf_counter()
                answers[name] = asks[name](number)
                if at >= WARM:
                    took[name].append(time.perf_counter() - begun)
            for name, found in answers.items():
                if len(found) != DAYS * 24 or not np.allclose(found, answers["ours"], atol=1e-6):
                    raise AssertionError(f"{name} answers otherwise for {KEYS[number].id}: {len(found)} hours, {found[:3]}")
        latest = []
        for _ in range(20):
            begun = time.perf_counter()
            count = len(lines[0].ask("/api/v1/series"))
            latest.append(time.perf_counter() - begun)
            if count != SERIES:
                raise AssertionError(f"{count} of {SERIES} series have a latest value")
        gc.enable()
        sizes = {"victoria": victoria.size(), "influx": influx.size()}
    mine = p95(took["ours"])
    for name, said in (("victoria", "VictoriaMetrics"), ("influx", "InfluxDB 1.6")):
        row = "window_vs_victoriametrics" if name == "victoria" else "window_vs_influxdb"
        peer = p95(took[name])
        yield Result(row, mine, "ms p95", mine / peer, f"{said}, {peer:,.1f} ms p95; {TOTAL:,} readings", ASKED)
    yield Result("latest_of_every_series_p95", p95(latest), "ms", None, None, SERIES)
    for name, said in (("victoria", "VictoriaMetrics"), ("influx", "InfluxDB 1.6")):
        row = "bytes_vs_victoriametrics" if name == "victoria" else "bytes_vs_influxdb"
        peer = sizes[name] / TOTAL
        yield Result(row, ours_bytes / TOTAL, "bytes/reading", ours_bytes / TOTAL / peer, f"{said}, {peer:,.2f} bytes/reading", TOTAL)
    rate = TOTAL / ours_s
    said = f"InfluxDB 1.6 {TOTAL / influx_s:,.0f}, VictoriaMetrics {TOTAL / victoria_s:,.0f} readings/s"
    yield Result("fill_a_month_vs_victoriametrics", rate, "readings/s", victoria_s / ours_s, said, TOTAL)
