"""The DuckDB engine's files by day: the same answers wherever rows lie, nothing lost at a kill, old readings forgotten, damage told."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.telemetry import hours, merging, sorting
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.held import AS_IS
from kampung_cloud.telemetry.hours import DAY_MS
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import AGGREGATES, Batch, Committed, PackId, SeriesKey
from kampung_contract.pack import column

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
AIR = SeriesKey("35.10.24.2008", "kiosk-2", "air", "air_temperature", "Cel")
T0 = 1_795_280_400_000  # 2026-11-22T00:00:00+07:00
HOUR = 3_600_000


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hourly rollups go by series after a few already, and files are written and read a few rows at a time."""
    monkeypatch.setattr(hours, "MOST_ROWS", 8)
    monkeypatch.setattr(sorting, "AT_ONCE", 5)
    monkeypatch.setattr(merging, "READ_ROWS", 3)


def commit(store: DuckDBStore | MemoryStore, rows: list[tuple[int, float, int]], key: SeriesKey = SOIL, seq: int = 0) -> Committed:
    batch = Batch()
    batch.add(key, column("x/y", key.unit, rows), T0)
    if seq:
        batch.packs.append(PackId(key.node, "aabbccdd", seq, len(rows)))
    return store.commit(batch)


Row = st.tuples(
    st.integers(-50, 50).map(lambda n: T0 + n * HOUR + n % 7 * 1000), st.integers(0, 3).map(float), st.sampled_from([1, 1, 3, 4, 9])
)
Rising = st.lists(Row, min_size=1, max_size=6, unique_by=lambda row: row[0]).map(sorted)
"""As a column mostly is: then ``covered`` may spare the comparing."""
Step = st.one_of(
    st.tuples(st.just("commit"), st.sampled_from([SOIL, AIR]), Rising | st.lists(Row, min_size=1, max_size=6)),
    st.tuples(st.just("turn"), st.integers(0, 6), st.none()),
    st.tuples(st.just("open"), st.none(), st.none()),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(Step, max_size=12), st.integers(-60, 60), st.integers(1, 90))
def test_the_same_answers_wherever_rows_lie(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple], start: int, span: int) -> None:
    """Against the engine in memory, after any sequence of commits, turns of the table and restarts."""
    file = tmp_path_factory.mktemp("days") / "t.duckdb"
    store, truth = DuckDBStore(file), MemoryStore()
    low, high = T0 + start * HOUR + 1234, T0 + (start + span) * HOUR
    seq = 0
    for kind, first, second in steps:
        if kind == "commit":
            seq += 1
            assert commit(store, second, first, seq) == commit(truth, second, first, seq)
        elif kind == "turn":
            assert store.maintain(T0 + first * DAY_MS) == ()
            if first % 2:
                store.settle()
        else:
            store.close()
            store = DuckDBStore(file)
    store.settle()
    assert store.latest() == truth.latest()
    assert store.packs() == truth.packs()
    assert store.counts(low, high) == truth.counts(low, high)
    for key in truth.series():
        assert store.window(key.id, low, high) == truth.window(key.id, low, high)
        assert store.count(key.id, low, high) == truth.count(key.id, low, high)
        for every in (HOUR // 2, HOUR, 3 * HOUR, DAY_MS):
            found, wanted = (s.window(key.id, low, high, every, aggregates=AGGREGATES) for s in (store, truth))
            assert found.t == wanted.t
            assert found.aggregates["mean"] == pytest.approx(wanted.aggregates["mean"])
            assert all(found.aggregates[name] == wanted.aggregates[name] for name in AGGREGATES[1:])
    store.close()


def test_closed_days_are_files_that_other_tools_read(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    commit(store, [(T0 + 2000, 3.0, 1), (T0, 1.0, 1), (T0 - 1, 9.0, 3)])
    commit(store, [(T0, 25.5, 1)], AIR)
    store.maintain(T0 + 2 * DAY_MS)
    store.settle()
    files = sorted(p.relative_to(tmp_path / "t.days") for p in (tmp_path / "t.days").rglob("*.parquet"))
    assert [f.parent.name for f in files] == ["day=2026-11-21", "day=2026-11-22", "day=2026-11-22"]  # the last two by digits
    whole, tenths = (pq.read_table(tmp_path / "t.days" / f, partitioning=None).to_pydict() for f in files[1:])
    assert (whole["id"], whole["t"], whole["v"]) == ([SOIL.id, SOIL.id], [T0, T0 + 2000], [1, 3])
    assert (tenths["id"], tenths["t"], tenths["v"]) == ([AIR.id], [T0], [25.5])
    assert pq.ParquetFile(tmp_path / "t.days" / files[1]).metadata.row_group(0).column(0).compression == "ZSTD"
    store.close()


Value = st.one_of(
    st.decimals(min_value=-1000, max_value=1000, places=1).map(float),
    st.decimals(min_value=-(10**13), max_value=10**13, places=4).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 0.05, 1e9 - 0.0001, 1e9, 5e-324, 0.1 + 0.2]),
).map(lambda v: v + 0.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from([SOIL, AIR]), st.lists(Value, min_size=1, max_size=5)), max_size=4))
def test_no_value_is_changed_by_the_files(tmp_path_factory: pytest.TempPathFactory, days: list[tuple[SeriesKey, list[float]]]) -> None:
    """To the last bit, whatever its digits, after files were written and merged."""
    store, truth = DuckDBStore(tmp_path_factory.mktemp("values") / "t.duckdb"), MemoryStore()
    for n, (key, values) in enumerate(days):
        for s in (store, truth):
            commit(s, [(T0 + n * HOUR + at, v, 1) for at, v in enumerate(values)], key)
        store.maintain(T0 + 2 * DAY_MS)
        store.settle()
    for key in truth.series():
        assert store.window(key.id, 0, 2 * T0) == truth.window(key.id, 0, 2 * T0)
        assert sum(segment.holds(store._index.known(key.id)) for segment in store.days.segments) == 1  # one file, not one for each scale
    store.close()


def test_files_of_versions_that_knew_no_digits_are_read_and_merged(tmp_path: Path) -> None:
    """Their values are DOUBLE; beside DECIMAL in one list of files DuckDB would round them."""
    store = DuckDBStore(tmp_path / "t.duckdb")
    commit(store, [(T0, 0.123456789, 1), (T0 + 1000, 2.5, 1)])
    store.maintain(T0 + 2 * DAY_MS)
    store.settle()
    (segment,) = store.days.segments
    assert segment.scale == AS_IS
    store.close()
    with duckdb.connect(str(tmp_path / "t.duckdb")) as database:
        database.execute("ALTER TABLE segments DROP COLUMN scale")
    store = DuckDBStore(tmp_path / "t.duckdb")
    commit(store, [(T0 + DAY_MS, 7.5, 1)])
    store.maintain(T0 + 3 * DAY_MS)
    store.settle()
    assert [s.scale for s in store.days.segments] == [AS_IS, 1]
    assert store.window(SOIL.id, 0, 2 * T0).v == [0.123456789, 2.5, 7.5]
    assert commit(store, [(T0 + DAY_MS, 7.5, 1), (T0, 0.123456789, 1), (T0 + 500, 0.1, 1)]).new == 1
    store.maintain(T0 + 3 * DAY_MS + HOUR)
    store.settle()
    assert store.window(SOIL.id, 0, 2 * T0).v == [0.123456789, 0.1, 2.5, 7.5]
    store.close()


def test_late_readings_join_their_day_and_doubles_stay_out(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    for day in range(5):
        rows = [(T0 + day * 60_000 + n * HOUR, float(day), 1) for n in range(10)]
        assert commit(store, rows).new == 10
        assert commit(store, rows[3:5]).duplicate == 2
        store.maintain(T0 + (day + 2) * DAY_MS)
        store.settle()
        assert commit(store, rows).duplicate == 10
    assert len(store.days.segments) == 1
    assert store.count(SOIL.id, T0, T0 + DAY_MS) == 50
    store.close()
    assert DuckDBStore(tmp_path / "t.duckdb").count(SOIL.id, T0, T0 + DAY_MS) == 50


def test_readers_see_every_row_while_tables_turn_and_files_merge(tmp_path: Path) -> None:
    """Counts never go down and never miss a committed row, whatever housekeeping does meanwhile."""
    store = DuckDBStore(tmp_path / "t.duckdb", turn_rows=50)
    committed, ended, wrong = [0], threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            least = committed[0]
            count, window = store.count(SOIL.id, 0, 2 * T0), store.window(SOIL.id, 0, 2 * T0, DAY_MS)
            by_hour = store.window(SOIL.id, 0, 2 * T0, HOUR)
            if min(count, *(sum(w.aggregates["count"]) for w in (window, by_hour))) < least:
                wrong.append((least, count, window.aggregates["count"], by_hour.aggregates["count"]))

    commit(store, [(T0, 0.0, 1)])
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    dice = random.Random(7)
    for n in range(25):
        rows = [(T0 + dice.randrange(2 * 86_400) * 1000 + n, float(n), 1) for _ in range(20)]
        committed[0] += commit(store, rows).new
        if n % 10 == 9:
            store.maintain(T0 + 9 * DAY_MS)
    store.settle()
    ended.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert store.count(SOIL.id, 0, 2 * T0) == committed[0] + 1
    assert store.days.hours.months
    store.close()


KILLED = """
import sys
from pathlib import Path
from kampung_cloud.telemetry import hours
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.store import Batch, PackId, SeriesKey
from kampung_contract.pack import column
hours.MOST_ROWS = 8
store = DuckDBStore(Path(sys.argv[1]), turn_rows=200)
key, T0, n = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%"), 1_795_280_400_000, int(sys.argv[2])
while True:
    n += 1
    batch = Batch()
    batch.add(key, column("x/y", "%", [(T0 + (n * 37 + i * 11) % 260_000 * 1000, float(n), 1) for i in range(50)]), T0)
    batch.packs.append(PackId("kiosk-1", "aabbccdd", n, 50))
    store.commit(batch)
    if n % 7 == 0:
        store.maintain(T0 + 30 * 86_400_000)
    print(n, flush=True)
"""


def test_a_kill_at_any_point_of_a_rewrite_loses_and_doubles_nothing(tmp_path: Path) -> None:
    file, last, dice = tmp_path / "t.duckdb", 0, random.Random(11)
    for _ in range(4):
        program = subprocess.Popen([sys.executable, "-c", KILLED, str(file), str(last)], stdout=subprocess.PIPE, text=True)
        assert program.stdout
        program.stdout.readline()
        time.sleep(dice.uniform(0.05, 0.8))
        program.send_signal(signal.SIGKILL)
        said = program.stdout.read().split()
        last = int(said[-1]) if said else last + 1
        program.stdout.close()
        program.wait()
        store = DuckDBStore(file)
        (epoch,) = store.packs("kiosk-1")
        assert epoch.ranges in {((1, last),), ((1, last + 1),)}
        last = epoch.ranges[0][1]
        wanted = {(T0 + (n * 37 + i * 11) % 260_000 * 1000, float(n)) for n in range(1, last + 1) for i in range(50)}
        window = store.window(SOIL.id, 0, 2 * T0)
        assert len(window.t) == len(wanted)
        assert set(zip(window.t, window.v, strict=True)) == wanted
        assert sum(store.window(SOIL.id, 0, 2 * T0, HOUR).aggregates["count"]) == len(wanted)
        found = store.find(SOIL.id)
        assert found is not None and found.readings == len(wanted)
        store.close()


AT = """
import os, signal, sys
from pathlib import Path
from kampung_cloud.telemetry import merging, sorting
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.days import Days
from kampung_cloud.telemetry.keeper import Keeper
from kampung_cloud.telemetry.segment import Written
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.pack import column
merging.READ_ROWS, sorting.AT_ONCE = 3, 5
key, T0, DAY = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%"), 1_795_280_400_000, 86_400_000

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def merge(*given):
    if point == "whole": Written.close = lambda file: (close(file), kill())
    if point == "counted": Keeper._count = lambda *_, **__: kill()
    if point == "committed": Days.replace = kill
    rewrite(*given)

rewrite, close = Keeper._rewrite, Written.close
Keeper._rewrite = merge
for point in sys.argv[2:]:
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        continue
    store = DuckDBStore(Path(sys.argv[1]) / point / "t.duckdb")
    for part in (0, 1):
        batch = Batch()
        batch.add(key, column("x/y", "%", [(T0 + n * 3000 + part, n / 2, 1) for n in range(40)]), T0)
        store.commit(batch)
        store.maintain(T0 + 2 * DAY)
        store.settle()
    os._exit(0)
"""


def test_a_kill_at_each_point_of_a_merge_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """When a file is whole, before it counts, and after; what a kill left is swept at the next start."""
    points = ("whole", "counted", "committed")
    said = subprocess.run([sys.executable, "-c", AT, str(tmp_path), *points], stdout=subprocess.PIPE, check=True).stdout
    assert said.split() == [b"-9"] * len(points)
    for point in points:
        store = DuckDBStore(tmp_path / point / "t.duckdb")
        assert len(store.days.segments) == (1 if point == "committed" else 2)
        assert {str(p.relative_to(store.days.folder)) for p in store.days.folder.glob("*/*")} == {s.file for s in store.days.segments}
        wanted = sorted((T0 + n * 3000 + part, n / 2) for n in range(40) for part in (0, 1))
        assert commit(store, [(t, v, 1) for t, v in wanted]).new == 0
        store.maintain(T0 + 2 * DAY_MS)
        store.settle()
        window = store.window(SOIL.id, 0, 2 * T0)
        assert list(zip(window.t, window.v, strict=True)) == wanted
        assert len(store.days.segments) == 1
        store.close()


def test_readings_are_kept_as_long_as_their_quantity_says(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb", {"soil_moisture": 3, "*": 30})
    for day in range(10):
        commit(store, [(T0 + day * DAY_MS + n, 1.0, 1) for n in range(10)])
        commit(store, [(T0 + day * DAY_MS + n, 1.0, 1) for n in range(10)], AIR)
    now = T0 + 10 * DAY_MS + HOUR
    for _ in range(2):
        store.maintain(now)
        store.settle()
    assert (store.count(SOIL.id, 0, 2 * T0), store.count(AIR.id, 0, 2 * T0)) == (30, 100)
    for every in (HOUR, DAY_MS):
        assert store.window(SOIL.id, 0, 2 * T0, every).t == [T0 + day * DAY_MS for day in (7, 8, 9)]
    assert store.days.hours.months
    found = store.find(SOIL.id)
    assert found is not None and found.readings == 30
    store.maintain(now + 40 * DAY_MS)
    store.settle()
    assert (store.days.segments, store.days.hours.months) == ((), ())
    assert store.find(AIR.id) is None
    store.close()


@pytest.mark.parametrize("harm", ["shortened", "flipped", "gone"])
def test_a_damaged_file_is_set_aside_and_named_and_the_rest_answers(tmp_path: Path, harm: str) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    for day in range(3):
        commit(store, [(T0 + day * DAY_MS + n * 1000, float(n % 91), 1) for n in range(5000)])
    store.maintain(T0 + 9 * DAY_MS)
    store.settle()
    victim = tmp_path / "t.days" / store.days.segments[1].file
    data = bytearray(victim.read_bytes())
    if harm == "flipped":
        data[4 : len(data) - 400] = bytes(b ^ 0x5A for b in data[4 : len(data) - 400])
    victim.write_bytes(data[: len(data) // 2] if harm == "shortened" else data)
    if harm == "gone":
        victim.unlink()
    assert store.count(SOIL.id, T0, T0 + 3 * DAY_MS) in {15_000, 10_000}
    window = store.window(SOIL.id, T0, T0 + 3 * DAY_MS)
    assert len(window.t) == 10_000
    assert sum(store.window(SOIL.id, T0, T0 + 3 * DAY_MS, HOUR).aggregates["count"]) == 10_000
    (told,) = store.maintain(T0 + 9 * DAY_MS)
    assert told.startswith("day=2026-11-23/readings-") and "damaged" in told
    assert victim.with_suffix(".damaged").exists() == (harm != "gone")
    assert commit(store, [(T0 + DAY_MS, 0.0, 1)]).new == 1
    store.close()
    again = DuckDBStore(tmp_path / "t.duckdb")
    assert again.maintain(T0 + 9 * DAY_MS) == (told,)
    assert again.count(SOIL.id, T0, T0 + 3 * DAY_MS) == 10_001
    again.close()


@pytest.mark.parametrize("held", [0, 2_000, 10**6])
def test_a_month_of_hours_lies_by_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    """Over the end of a month, with late readings for what is in order already, and what a kill left behind; in memory or not."""
    monkeypatch.setattr(hours, "HELD_BYTES", held)
    store, truth = DuckDBStore(tmp_path / "t.duckdb"), MemoryStore()
    for day in (*range(12), 3, 9):
        for key in (SOIL, AIR):
            rows = [(T0 + day * DAY_MS + n * HOUR + day * 1000, float(n + day), 1) for n in range(1, 24, 2)]
            assert commit(store, rows, key).new == commit(truth, rows, key).new
        store.maintain(T0 + 20 * DAY_MS)
        store.settle()
    months = store.days.hours.months
    assert [m.name.rpartition("_")[0] for m in sorted(months, key=lambda m: m.number)] == ["hours_2026_11", "hours_2026_12"]
    with store.cursor() as cursor:
        for month in months:
            assert cursor.execute(f"SELECT series FROM {month.name}").fetchall() == [(0,), (1,)]
        cursor.execute("CREATE TABLE hours_2026_12_99 AS SELECT * FROM hourly")
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert set(store.days.hours.months) == set(months)
    assert [m.held is not None for m in store.days.hours.months] == [m.held is not None for m in months]
    assert any(m.held for m in months) == (held > 0)
    with store.cursor() as cursor:
        names = {name for (name,) in cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {name for name in names if name.startswith("hours_")} == {m.name for m in months}
    for key in (SOIL, AIR):
        for start, span in ((0, 20), (3, 1), (8, 3)):
            low, high = T0 + start * DAY_MS, T0 + (start + span) * DAY_MS
            assert store.window(key.id, low, high, HOUR) == truth.window(key.id, low, high, HOUR)
    store.close()


def test_a_file_for_which_there_is_no_room_is_never_taken_for_whole(tmp_path: Path) -> None:
    """The readings stay in the journal, nothing is left of the file, and it is written when there is room."""
    store, dice = DuckDBStore(tmp_path / "t.duckdb"), random.Random(3)
    wanted = [dice.random() for _ in range(20_000)]
    commit(store, [(T0 + n * 1000, v, 1) for n, v in enumerate(wanted)])
    store._turn(T0 + 2 * DAY_MS)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        store._keeper.kick(T0 + 2 * DAY_MS)
        store.settle()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    left = list((tmp_path / "t.days").glob("*/*"))
    assert not left and not store.days.segments and store._keeper.trouble
    assert store.window(SOIL.id, 0, 2 * T0).v == wanted
    store.maintain(T0 + 2 * DAY_MS)
    store.settle()
    assert store.maintain(T0 + 2 * DAY_MS) == ()
    assert sum(s.rows for s in store.days.segments) == len(wanted)
    assert store.window(SOIL.id, 0, 2 * T0).v == wanted
    store.close()


@pytest.mark.parametrize("harm", ["bit", "name"])
def test_what_is_damaged_without_a_trace_is_not_merged_into_what_is_whole(tmp_path: Path, harm: str) -> None:
    """A bit of a value, or the name of a column: the file is set aside, and the day's other file and housekeeping go on."""
    store = DuckDBStore(tmp_path / "t.duckdb")
    for late in (0, 1):
        commit(store, [(T0 + late + n * 1000, float(n % 91) / 2, 1) for n in range(500)])
        if late:
            victim = tmp_path / "t.days" / store.days.segments[0].file
            data = bytearray(victim.read_bytes())
            footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
            at = data.index(b"\x01v", footer) + 1 if harm == "name" else _of_values(victim)
            data[at] ^= 4
            victim.write_bytes(data)
        store.maintain(T0 + 2 * DAY_MS)
        store.settle()
    (told,) = store.maintain(T0 + 2 * DAY_MS)
    assert "damaged and set aside" in told
    window = store.window(SOIL.id, 0, 2 * T0)
    assert window.t == [T0 + 1 + n * 1000 for n in range(500)]
    assert window.v == [float(n % 91) / 2 for n in range(500)]
    store.close()


def _of_values(file: Path) -> int:
    """Where a byte of the values stands."""
    with pq.ParquetFile(file) as opened:
        column = opened.metadata.row_group(0).column(opened.schema_arrow.names.index("v"))
        return column.data_page_offset + column.total_compressed_size - 8
