"""One contract over every telemetry engine."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.ranges import Ranges
from kampung_cloud.telemetry.store import Batch, Committed, PackId, Selector, SeriesKey, TelemetryStore
from kampung_contract.errors import ConfigurationError, NotFound
from kampung_contract.pack import column
from kampung_contract.receipt import coalesce

from .conftest import now_ms
from .engines import KEEPING, EngineUrls

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
AIR = SeriesKey("35.10.24.2008", "kiosk-2", "air", "air_temperature", "Cel")
HOUR = 3_600_000
DAY = 24 * HOUR
T0 = (now_ms() + 7 * HOUR) // DAY * DAY - 7 * HOUR - 3 * DAY
"""Midnight in WIB three days ago: some engines take nothing that lies ahead."""


class Filed(DuckDBStore):
    """Every commit goes to the files at once: whatever is asked is answered from there."""

    def commit(self, batch: Batch) -> Committed:
        done = super().commit(batch)
        self.maintain(T0 + 10_000 * 24 * HOUR)
        self.settle()
        return done


@pytest.fixture(params=["memory:", "filed", *KEEPING])
def store(request: pytest.FixtureRequest, tmp_path: Path, engine_urls: EngineUrls) -> Iterator[TelemetryStore]:
    with engine_urls(request.param) as url:
        store: TelemetryStore = Filed(tmp_path / "telemetry.duckdb") if url == "filed" else open_store(url, tmp_path)
        yield store
        store.close()


def batch(rows: list[tuple[int, float, int]], key: SeriesKey = SOIL, packs: list[PackId] | None = None, received: int = T0) -> Batch:
    out = Batch()
    if rows:
        out.add(key, column(f"{key.device}/{key.quantity}", key.unit, rows), received)
    out.packs.extend(packs or [])
    return out


def counts(committed: Committed) -> tuple[int, int]:
    return committed.new, committed.duplicate


def test_an_empty_store_knows_nothing(store: TelemetryStore) -> None:
    assert (store.latest(), store.series(), store.packs()) == ([], [], [])
    assert store.find(SOIL.id) is None
    with pytest.raises(NotFound, match=r"nobody\.at\.all"):
        store.window("nobody.at.all", 0, T0)
    with pytest.raises(NotFound):
        store.count("nobody.at.all", 0, T0)


def test_an_empty_batch_is_no_error(store: TelemetryStore) -> None:
    assert counts(store.commit(Batch())) == (0, 0)


def test_rows_come_back_in_order_of_time(store: TelemetryStore) -> None:
    store.commit(batch([(T0 + 2000, 3.0, 1), (T0, 1.0, 1), (T0 + 1000, 2.0, 3)], received=T0 + 9))
    window = store.window(SOIL.id, T0, T0 + 2000)
    assert (window.t, window.v, window.q, window.received) == ([T0, T0 + 1000], [1.0, 2.0], [1, 3], [T0 + 9] * 2)
    assert store.count(SOIL.id, T0, T0 + 2001) == 3
    assert store.window(SOIL.id, T0, T0 + 9000, limit=2).t == [T0, T0 + 1000]


def test_the_same_batch_again_changes_nothing(store: TelemetryStore) -> None:
    one = batch([(T0, 1.0, 1), (T0 + 1, 2.0, 1)], packs=[PackId("kiosk-1", "aa", 1, 2)])
    assert counts(store.commit(one)) == (2, 0)
    assert counts(store.commit(one)) == (0, 2)
    assert [(e.epoch, e.ranges, e.readings) for e in store.packs("kiosk-1")] == [("aa", ((1, 1),), 2)]


def test_a_partly_new_pack_stores_its_new_rows(store: TelemetryStore) -> None:
    store.commit(batch([(T0, 1.0, 1), (T0 + 2, 2.0, 1)]))
    assert counts(store.commit(batch([(T0, 1.0, 1), (T0 + 1, 9.0, 1), (T0 + 2, 2.0, 1), (T0 + 3, 2.0, 1)]))) == (2, 2)
    assert store.window(SOIL.id, T0, T0 + 9).v == [1.0, 9.0, 2.0, 2.0]


def test_duplicates_within_one_batch_vanish(store: TelemetryStore) -> None:
    double = batch([(T0, 1.0, 1), (T0, 1.0, 1), (T0, -0.0, 1), (T0, 0.0, 1)])
    double.add(SOIL, column("soil-1/soil_moisture", "%", [(T0, 1.0, 4)]), T0)
    assert counts(store.commit(double)) == (2, 3)


def test_another_value_at_the_same_time_is_another_row(store: TelemetryStore) -> None:
    store.commit(batch([(T0, 1.0, 1)]))
    assert counts(store.commit(batch([(T0, 1.5, 1)]))) == (1, 0)


def test_latest_is_the_newest_by_event_time(store: TelemetryStore) -> None:
    first = store.commit(batch([(T0 + 5, 5.0, 1), (T0, 1.0, 1)]))
    assert [(x.key, x.t, x.v) for x in first.newest] == [(SOIL, T0 + 5, 5.0)]
    late = store.commit(batch([(T0 + 3, 3.0, 1)]))
    assert late.newest == ()
    found = store.find(SOIL.id)
    assert found is not None
    assert (found.t, found.v, found.readings) == (T0 + 5, 5.0, 3)


def test_selectors(store: TelemetryStore) -> None:
    store.commit(batch([(T0, 1.0, 1)]))
    store.commit(batch([(T0, 25.0, 1)], AIR))
    assert store.series() == [SOIL, AIR]
    assert store.series(Selector(node="kiosk-2")) == [AIR]
    assert [x.key for x in store.latest(Selector(quantity="soil_moisture"))] == [SOIL]
    assert store.latest(Selector(village="35.10.01.2001")) == []


def test_buckets_leave_out_failed_readings_and_gaps(store: TelemetryStore) -> None:
    store.commit(batch([(T0, 1.0, 1), (T0 + 60_000, 3.0, 1), (T0 + 120_000, 99.0, 4), (T0 + 2 * HOUR, 5.0, 2), (T0 + 3 * HOUR, 0.0, 9)]))
    window = store.window(SOIL.id, T0, T0 + 9 * HOUR, HOUR)
    assert window.t == [T0, T0 + 2 * HOUR]
    assert window.aggregates == {"mean": [2.0, 5.0], "min": [1.0, 5.0], "max": [3.0, 5.0], "count": [2, 1]}
    assert store.window(SOIL.id, T0, T0 + 9 * HOUR, HOUR, aggregates=("max",)).aggregates == {"max": [3.0, 5.0]}


def test_the_last_value_of_a_bucket_is_the_newest_that_is_good(store: TelemetryStore) -> None:
    """Of several at one time it is the greatest, whichever came first, whatever their flags; also after newer ones came before older."""
    store.commit(
        batch([(T0 + 60_000, 7.0, 2), (T0 + 60_000, 8.0, 1), (T0 + 60_000, 6.0, 3), (T0 + 90_000, 99.0, 4), (T0 + 120_000, 0.0, 9)])
    )
    store.commit(batch([(T0 + 3 * HOUR, 1.5, 1)]))
    store.commit(batch([(T0 + 30_000, 50.0, 1), (T0 + HOUR, -3.0, 1)]))
    asked = ("last", "count")
    found = store.window(SOIL.id, T0, T0 + 9 * HOUR, HOUR, aggregates=asked)
    assert (found.t, found.aggregates) == ([T0, T0 + HOUR, T0 + 3 * HOUR], {"last": [8.0, -3.0, 1.5], "count": [4, 1, 1]})
    assert store.window(SOIL.id, T0, T0 + 9 * HOUR, 24 * HOUR, aggregates=asked).aggregates == {"last": [1.5], "count": [6]}
    assert store.window(SOIL.id, T0, T0 + 61_000, 24 * HOUR, aggregates=asked).aggregates == {"last": [8.0], "count": [4]}
    assert "last" not in store.window(SOIL.id, T0, T0 + HOUR, HOUR).aggregates


def test_days_begin_at_local_midnight(store: TelemetryStore) -> None:
    store.commit(batch([(T0 - 1, 1.0, 1), (T0, 2.0, 1), (T0 + 24 * HOUR - 1, 4.0, 1)]))
    window = store.window(SOIL.id, T0 - 48 * HOUR, T0 + 48 * HOUR, 24 * HOUR)
    assert window.t == [T0 - 24 * HOUR, T0]
    assert window.aggregates["mean"] == [1.0, 3.0]


def test_packs_are_ranges_by_node_and_epoch(store: TelemetryStore) -> None:
    for seq in (1, 2, 5, 4, 9):
        store.commit(batch([(T0 + seq, 1.0, 1)], packs=[PackId("kiosk-1", "aa", seq, 1)]))
    store.commit(batch([], packs=[PackId("kiosk-1", "bb", 1, 0), PackId("kiosk-2", "aa", 7, 0)]))
    found = [(e.node, e.epoch, e.ranges, e.readings) for e in store.packs()]
    assert found == [
        ("kiosk-1", "aa", ((1, 2), (4, 5), (9, 9)), 5),
        ("kiosk-1", "bb", ((1, 1),), 0),
        ("kiosk-2", "aa", ((7, 7),), 0),
    ]
    assert {e.node for e in store.packs("kiosk-2")} == {"kiosk-2"}


def test_reading_while_writing(store: TelemetryStore) -> None:
    """Readers in other threads see whole commits."""
    store.commit(batch([(T0, 0.0, 1)]))
    odd: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            odd.extend(n for n in [store.count(SOIL.id, 0, 2 * T0)] if n % 10 != 1)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(20):
        store.commit(batch([(T0 + 1 + n * 10 + i, 1.0, 1) for i in range(10)]))
    stop.set()
    for reader in readers:
        reader.join()
    assert odd == []
    store.maintain(T0)
    assert store.count(SOIL.id, 0, 2 * T0) == 201


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.lists(st.tuples(st.sampled_from([SOIL, AIR]), st.integers(0, 8), st.integers(0, 2)), max_size=8), max_size=5))
def test_any_order_of_commits_stores_the_set_of_rows(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[SeriesKey, int, int]]]
) -> None:
    """Against a Python set, over both engines: count of new rows, content, newest reading."""
    for url in ("memory:", "duckdb:t.duckdb"):
        store = open_store(url, tmp_path_factory.mktemp("any"))
        known: set[tuple[SeriesKey, int, float]] = set()
        for rows in batches:
            made = Batch()
            for key, t, v in rows:
                made.add(key, column("x/y", key.unit, [(T0 + t, float(v), 1)]), T0)
            wanted = {(key, T0 + t, float(v)) for key, t, v in rows}
            assert counts(store.commit(made)) == (len(wanted - known), len(rows) - len(wanted - known))
            known |= wanted
        for key in {key for key, _, _ in known}:
            mine = sorted((t, v) for k, t, v in known if k == key)
            window = store.window(key.id, T0, T0 + 100)
            assert list(zip(window.t, window.v, strict=True)) == mine
            latest = store.find(key.id)
            assert latest is not None
            assert (latest.t, latest.v, latest.readings) == (*mine[-1], len(mine))
        store.close()


@pytest.fixture(params=KEEPING)
def url(request: pytest.FixtureRequest, engine_urls: EngineUrls) -> Iterator[str]:
    with engine_urls(request.param) as url:
        yield url


def test_everything_is_known_after_a_restart(url: str, tmp_path: Path) -> None:
    store = open_store(url, tmp_path)
    rows = [(T0, 1.0, 1), (T0 + 1, 2.0, 3)]
    store.commit(batch(rows, packs=[PackId("kiosk-1", "aa", 1, 2), PackId("kiosk-1", "aa", 3, 0)]))
    store.commit(batch([(T0, 25.0, 1)], AIR))
    before = (store.latest(), store.series(), store.packs(), store.window(SOIL.id, 0, 2 * T0))
    store.close()
    store = open_store(url, tmp_path)
    assert (store.latest(), store.series(), store.packs(), store.window(SOIL.id, 0, 2 * T0)) == before
    assert counts(store.commit(batch(rows))) == (0, 2)
    store.close()


KILLED = """
import sys
from pathlib import Path
import structlog
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.store import Batch, PackId, SeriesKey
from kampung_contract.pack import column
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
store = open_store(sys.argv[2], Path(sys.argv[1]))
key = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
for seq in range(1, 100_000):
    batch = Batch()
    batch.add(key, column("soil-1/soil_moisture", "%", [(int(sys.argv[3]) + seq * 10 + i, 1.0, 1) for i in range(10)]), 1)
    batch.packs.append(PackId("kiosk-1", "aa", seq, 10))
    store.commit(batch)
    print(seq, flush=True)
"""


def test_every_commit_is_kept_over_kill_9(url: str, tmp_path: Path) -> None:
    """Rows and identities of what was committed are there, and neither without the other."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), url, str(T0)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(30)]
    process.send_signal(signal.SIGKILL)
    said += [int(line) for line in process.stdout.read().split()]
    process.stdout.close()
    process.wait(60)
    store = open_store(url, tmp_path)
    ((first, last),) = store.packs()[0].ranges
    assert first == 1
    assert said[-1] <= last <= said[-1] + 1
    assert store.count(SOIL.id, 0, 2 * T0) == last * 10
    store.close()


def test_a_file_that_is_anothers_or_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.duckdb").write_bytes(b"no database at all" * 1000)
    with pytest.raises(ConfigurationError, match=r"odd\.duckdb"):
        open_store("duckdb:odd.duckdb", tmp_path)
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), "duckdb:t.duckdb", str(T0)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(ConfigurationError, match="another process holds it"):
        open_store("duckdb:t.duckdb", tmp_path)
    process.kill()
    process.communicate()
    with pytest.raises(ConfigurationError, match="influx"):
        open_store("influx:x", tmp_path)


@given(st.lists(st.integers(1, 40)), st.integers(1, 45))
def test_ranges_are_a_set(numbers: list[int], up_to: int) -> None:
    ranges, known = Ranges(), set()
    for number in numbers:
        assert ranges.add(number) == (number not in known)
        known.add(number)
    assert list(ranges) == coalesce(known)
    assert ranges.count() == len(known)
    assert (ranges.first, ranges.last) == (min(known, default=0), max(known, default=0))
    assert all((n in ranges) == (n in known) for n in range(50))
    assert ranges.missing(up_to) == coalesce(set(range(1, up_to + 1)) - known)
