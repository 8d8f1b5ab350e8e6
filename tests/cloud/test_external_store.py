"""What the external engines need beyond the contract: kills, refusals and limits."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from kampung_cloud.engine_address import parse
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import TelemetryLogRow
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.engine import Engine
from kampung_cloud.telemetry.external import ExternalStore
from kampung_cloud.telemetry.influxdb import InfluxEngine
from kampung_cloud.telemetry.outside import AT_ONCE
from kampung_cloud.telemetry.store import Batch, PackId, SeriesKey, TelemetryStore
from kampung_cloud.telemetry.victoriametrics import VictoriaEngine
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.pack import column
from kampung_sim.engines import ENGINES, EngineServer, Influx, Victoria
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .conftest import HTTP, now_ms, until
from .engines import started

KEY = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
T0 = now_ms() - 3_600_000


@pytest.fixture(params=list(ENGINES))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineServer]:
    server = started(ENGINES[request.param], tmp_path / "engine")
    yield server
    server.kill()


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[EngineServer]:
    server = started(Influx, tmp_path / "engine")
    yield server
    server.kill()


@contextmanager
def victoria(folder: Path, *flags: str) -> Iterator[EngineServer]:
    server = started(Victoria, folder, *flags)
    try:
        yield server
    finally:
        server.kill()


def batch(seq: int, rows: int = 10, key: SeriesKey = KEY) -> Batch:
    out = Batch()
    out.add(key, column("soil-1/soil_moisture", key.unit, [(T0 + seq * 100 + i, float(seq), 1) for i in range(rows)]), T0)
    out.packs.append(PackId(key.node, "aa", seq, rows))
    return out


def in_log(records: Records) -> int:
    with records.session() as session:
        return session.scalar(select(func.count()).select_from(TelemetryLogRow)) or 0


def engine_of(url: str) -> Engine:
    address = parse(url)
    return InfluxEngine(address) if address.engine == "influxdb" else VictoriaEngine(address)


def test_nothing_is_lost_or_doubled_when_the_engine_is_killed(server: EngineServer, tmp_path: Path) -> None:
    """Commits go on, retried as the ingest does, while the server dies three times."""
    store = open_store(server.url, tmp_path)
    committed: list[int] = []
    stop = threading.Event()

    def write() -> None:
        seq = 0
        while not stop.is_set():
            seq += 1
            todo = batch(seq)
            while True:
                try:
                    store.commit(todo)
                except StorageUnavailable:
                    stop.wait(0.05)
                    continue
                committed.append(seq)
                break

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(3):
        before = len(committed)
        assert until(lambda before=before: len(committed) > before + 15, 60)  # type: ignore[misc]
        server.kill()
        server.up()
    before = len(committed)
    assert until(lambda: len(committed) > before, 60)
    stop.set()
    thread.join()
    wanted = [T0 + seq * 100 + i for seq in committed for i in range(10)]
    assert store.window(KEY.id, 0, 2 * T0).t == wanted
    assert store.count(KEY.id, 0, 2 * T0) == len(wanted)
    assert store.counts(0, 2 * T0) == {"kiosk-1": len(wanted)}
    store.close()
    # And so it stands in the engine itself, started anew so that it shows all it has.
    server.stop(60)
    server.up()
    engine = engine_of(server.url)
    assert engine.count(KEY, T0, 2 * T0) == len(wanted)
    engine.close()


def test_what_an_engine_forgets_when_killed_is_sent_again(tmp_path: Path) -> None:
    """VictoriaMetrics has taken readings and loses them; InfluxDB has them on disk."""
    lost: dict[str, int] = {}
    for name, kind in ENGINES.items():
        server = started(kind, tmp_path / name)
        store = open_store(server.url, tmp_path / f"{name}-data")
        for seq in range(1, 11):
            store.commit(batch(seq))
        server.kill()
        server.up()
        engine = engine_of(server.url)
        engine.check()
        if isinstance(engine, VictoriaEngine):
            HTTP.get(f"{server.root}/internal/force_flush")
        lost[name] = 100 - engine.count(KEY, T0, 2 * T0)

        def whole(server: EngineServer = server, engine: Engine = engine, store: TelemetryStore = store) -> bool:
            store.ping()
            if isinstance(engine, VictoriaEngine):
                HTTP.get(f"{server.root}/internal/force_flush")
            return engine.count(KEY, T0, 2 * T0) == 100

        assert until(whole, 60)
        store.close()
        server.stop(60)
        server.up()
        assert engine.count(KEY, T0, 2 * T0) == 100
        engine.close()
        server.kill()
    assert lost == {"influxdb": 0, "victoriametrics": 100}


class Impatient(VictoriaEngine):
    """Takes for safe after a second what really needs thirty; ``known`` is whether it can tell one run from another."""

    known = True

    def check(self) -> None:
        super().check()
        self.settle_s = 1.0

    def process(self) -> str | None:
        return super().process() if self.known else None


def test_the_log_is_let_go_when_the_engine_has_it_on_disk(tmp_path: Path) -> None:
    with victoria(tmp_path / "engine") as server:
        assert until(lambda: VictoriaEngine(parse(server.url)).process(), 60)  # a run younger than two seconds has no name
        records = open_records("sqlite:r.sqlite", tmp_path)
        store = ExternalStore(Impatient(parse(server.url)), records)
        store.commit(batch(1))
        assert in_log(records) == 1
        assert until(lambda: store.ping() or in_log(records) == 0, 60)
        store.close()
        # What stood in the log stands in the tables.
        store = ExternalStore(Impatient(parse(server.url)), records)
        latest = store.find(KEY.id)
        assert latest is not None
        assert (latest.t, latest.readings) == (T0 + 109, 10)
        assert store.packs()[0].ranges == ((1, 1),)
        assert store.commit(batch(1)).duplicate == 10
        # Started anew with other flags, at a time when nobody asked: it is looked at again before it gets more.
        store.commit(batch(2))
        server.stop(60)
        server.options = ("-dedup.minScrapeInterval=0s", *server.options)
        server.up()
        with pytest.raises(StorageUnavailable, match=r"runs with -dedup\.minScrapeInterval=0s"):
            until(store.ping, 60)
        store.close()
        records.close()


def test_an_engine_that_is_behind_says_so_and_is_not_asked_to_begin_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit does not stand still for longer than the watchdog bears; what the engine has had is not sent again."""
    monkeypatch.setattr("kampung_cloud.telemetry.journal.ROOM", 15)
    monkeypatch.setattr("kampung_cloud.telemetry.external.ROOM_S", 0.3)
    with victoria(tmp_path / "engine") as server:
        store = open_store(server.url, tmp_path)
        assert isinstance(store, ExternalStore)
        store.commit(batch(1))
        store.commit(batch(2))
        with pytest.raises(StorageUnavailable, match=rf"{server.root} is behind: 20 readings wait until they are on its disk"):
            store.commit(batch(3))
        assert all(e.written is not None for e in store._journal.entries)
        assert store._connected
        monkeypatch.setattr("kampung_cloud.telemetry.journal.ROOM", 20)
        assert store.commit(batch(3)).new == 10
        assert store.count(KEY.id, 0, 2 * T0) == 30
        store.close()


def test_what_was_lost_is_sent_again_at_a_stretch_that_the_watchdog_bears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow engine with much to take in again: who waits is told how much is to go, and every turn gets further."""
    with victoria(tmp_path / "engine") as server:
        store = open_store(server.url, tmp_path)
        for seq in (1, 2, 3):
            store.commit(batch(seq))
        server.kill()
        with pytest.raises(StorageUnavailable, match="does not answer"):
            store.ping()
        server.up()
        monkeypatch.setattr("kampung_cloud.telemetry.journal.STRETCH_S", -1.0)
        for left in (20, 10):
            with pytest.raises(StorageUnavailable, match=rf"{server.root} is behind: .* {left} readings are still to go"):
                store.ping()
        store.ping()
        assert store.count(KEY.id, 0, 2 * T0) == 30
        # And while it hangs, those who ask do not take all threads with them.
        monkeypatch.setattr("kampung_cloud.telemetry.outside.TURN_S", 0.0)
        assert isinstance(store, ExternalStore)
        with ExitStack() as others:
            for _ in range(AT_ONCE):
                others.enter_context(store._turn())
            with pytest.raises(StorageUnavailable, match=rf"{server.root} is slow: 16 questions wait for its answers already"):
                store.count(KEY.id, 0, 2 * T0)
        assert store.count(KEY.id, 0, 2 * T0) == 30
        server.kill()
        with pytest.raises(StorageUnavailable, match="does not answer"):
            store.count(KEY.id, 0, 2 * T0)
        assert store._connected  # whoever asks does not decide what is sent again
        store.close()


def test_where_runs_cannot_be_told_apart_readings_are_read_back(tmp_path: Path) -> None:
    with victoria(tmp_path / "engine") as server:
        records = open_records("sqlite:r.sqlite", tmp_path)
        engine = Impatient(parse(server.url))
        engine.known = False
        store = ExternalStore(engine, records)
        store.commit(batch(1))
        server.stop(60)
        server.up()
        store.commit(batch(2))
        server.kill()
        server.up()
        assert engine.count(KEY, T0, 2 * T0) == 10
        assert until(lambda: store.ping() or in_log(records) == 0, 60)
        assert engine.count(KEY, T0, 2 * T0) == 20
        store.close()
        records.close()


def test_a_commit_that_the_engine_did_not_take_is_returned_whole_the_second_time(server: EngineServer, tmp_path: Path) -> None:
    store = open_store(server.url, tmp_path)
    server.kill()
    todo = batch(1)
    with pytest.raises(StorageUnavailable, match=rf"{server.root}.* does not answer: Connection refused"):
        store.commit(todo)
    with pytest.raises(StorageUnavailable):
        store.ping()
    server.up()
    done = store.commit(todo)
    assert (done.new, done.duplicate, [x.t for x in done.newest]) == (10, 0, [T0 + 109])
    assert store.count(KEY.id, 0, 2 * T0) == 10
    store.close()


def test_a_transaction_whose_end_is_unknown_is_looked_up(server: EngineServer, tmp_path: Path) -> None:
    """The connection breaks after the database has committed: nothing counts twice."""

    class Breaking(Records):
        broken = False

        @contextmanager
        def session(self) -> Iterator[Session]:
            with super().session() as session:
                yield session
            if self.broken:
                self.broken = False
                raise StorageUnavailable("records: the connection broke")

    opened = open_records("sqlite:r.sqlite", tmp_path)
    records = Breaking(opened.engine)
    store = ExternalStore(engine_of(server.url), records)
    store.commit(batch(1))
    records.broken = True
    todo = batch(2)
    with pytest.raises(StorageUnavailable):
        store.commit(todo)
    store.commit(todo)
    assert store.count(KEY.id, 0, 2 * T0) == 20
    assert store.latest()[0].readings == 20
    assert store.packs()[0].readings == 20
    store.close()
    opened.close()


def test_an_engine_that_is_not_there_yet_is_waited_for(server: EngineServer, tmp_path: Path) -> None:
    server.kill()
    store = open_store(server.url, tmp_path)
    assert store.latest() == []
    with pytest.raises(StorageUnavailable, match="does not answer"):
        store.commit(batch(1))
    server.up()
    assert store.commit(batch(1)).new == 10
    store.close()


@pytest.mark.parametrize("live", [False, True])
def test_an_empty_engine_under_full_records_is_refused(server: EngineServer, tmp_path: Path, live: bool) -> None:
    """Somebody points telemetry.url at another database: nothing may be taken as stored that is not."""
    store = open_store(server.url, tmp_path)
    store.commit(batch(1))
    store.close()
    records = open_records("sqlite:records.sqlite", tmp_path)
    with records.session() as session:  # as if the log had been let go
        engine = engine_of(server.url)
        engine.check()
    ledger = ExternalStore(engine, records)
    ledger._standing.write(list(ledger._journal.entries), ledger._journal.entries[-1].id)
    ledger.close()
    del session
    if live:  # the newest of every series is still in the log
        if isinstance(server, Victoria):
            HTTP.get(f"{server.root}/internal/force_flush")
        store = ExternalStore(engine_of(server.url), records)
        store.commit(batch(2))
        store.close()
    other = started(type(server), tmp_path / "other")
    try:
        with pytest.raises(
            ConfigurationError, match=r"does not hold what the records say .* kiosk-1\.soil-1\.soil_moisture at .* telemetry\.url"
        ):
            ExternalStore(engine_of(other.url), records)
    finally:
        other.kill()
    records.close()


def test_a_full_disk_is_told_and_nothing_is_lost(server: EngineServer, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk. VictoriaMetrics ends; InfluxDB 1.6 refuses, and goes on doing so with room."""
    store = open_store(server.url, tmp_path)
    store.commit(batch(1))
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))

    def told() -> str:
        told.seq += 1  # type: ignore[attr-defined]
        try:
            store.commit(batch(told.seq))  # type: ignore[attr-defined]
        except StorageUnavailable as error:
            return error.message
        return ""

    told.seq = 1  # type: ignore[attr-defined]
    message = until(told, 60)
    assert server.root in message
    assert ("file too large" if isinstance(server, Influx) else "does not answer") in message
    server.stop(60)
    server.up()
    last = told.seq  # type: ignore[attr-defined]
    store.commit(batch(last))
    assert store.count(KEY.id, 0, 2 * T0) == 10 * last
    store.close()


def test_a_read_only_engine_says_so(tmp_path: Path) -> None:
    with victoria(tmp_path / "engine", "-storage.minFreeDiskSpaceBytes=900000GiB") as server:
        store = open_store(server.url, tmp_path)
        with pytest.raises(StorageUnavailable, match=r"answers 503 .*read-only mode; check -storage\.minFreeDiskSpaceBytes"):
            until(lambda: store.commit(batch(1)).duplicate > 99, 60)
        store.close()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["-dedup.minScrapeInterval=0s"], r"-dedup\.minScrapeInterval=0s: .* count twice; start victoria-metrics with .*=1ms"),
        (["-dedup.minScrapeInterval=1m"], r"-dedup\.minScrapeInterval=1m0s: readings would be thrown away"),
        (["-retentionPeriod=1"], r"keeps readings for 31 days only .* start it with -retentionPeriod=10y"),
    ],
)
def test_victoriametrics_set_up_so_that_it_would_lose_readings_is_refused(tmp_path: Path, flags: list[str], said: str) -> None:
    with victoria(tmp_path / "engine", *flags) as server, pytest.raises(ConfigurationError, match=said):
        open_store(server.url, tmp_path)


def test_influxdb_that_keeps_too_little_is_refused(influx: Influx, tmp_path: Path) -> None:
    HTTP.post(f"{influx.root}/query", data={"q": "CREATE DATABASE kampung WITH DURATION 7d"})
    with pytest.raises(ConfigurationError, match=r"/kampung keeps readings for 7 days only: .* 366 days at the least"):
        open_store(influx.url, tmp_path)


def test_the_wrong_program_is_named(influx: Influx, tmp_path: Path) -> None:
    with victoria(tmp_path / "vm") as server:
        with pytest.raises(ConfigurationError, match=r"no InfluxDB .* use victoriametrics:"):
            open_store(f"influxdb:{server.root}/kampung", tmp_path)
        with pytest.raises(ConfigurationError, match=r"no VictoriaMetrics .* use influxdb:"):
            open_store(f"victoriametrics:{influx.root}", tmp_path)
    store = open_store(f"influxdb:{influx.root}", tmp_path)  # without a name it is the database kampung
    assert store.commit(batch(1)).new == 10
    store.close()
    engine = engine_of(influx.url)
    assert engine.count(KEY, 0, 2 * T0) == 10
    engine.close()


def test_a_wrong_password_is_refused_without_showing_it(tmp_path: Path) -> None:
    server = started(Influx, tmp_path / "influx", "http.auth-enabled=true")
    HTTP.post(f"{server.root}/query", data={"q": "CREATE USER cloud WITH PASSWORD 'pass-1' WITH ALL PRIVILEGES"})
    for user in ("cloud:wrong@", ""):
        with pytest.raises(ConfigurationError, match=r"/kampung refuses access \(401\)") as refusal:
            open_store(server.url.replace("//", f"//{user}"), tmp_path)
        assert "wrong" not in refusal.value.message
    store = open_store(server.url.replace("//", "//cloud:pass-1@"), tmp_path)
    assert store.commit(batch(1)).new == 10
    assert store.window(KEY.id, 0, 2 * T0, limit=1).t == [T0 + 100]
    # Revoked while it runs: told as trouble of the store, and mended without a restart.
    HTTP.post(f"{server.root}/query", data={"q": "SET PASSWORD FOR cloud = 'pass-2'"}, auth=("cloud", "pass-1"))
    todo = batch(2)
    with pytest.raises(StorageUnavailable, match="refuses access"):
        store.commit(todo)
    HTTP.post(f"{server.root}/query", data={"q": "SET PASSWORD FOR cloud = 'pass-1'"}, auth=("cloud", "pass-2"))
    assert store.commit(todo).new == 10
    store.close()
    server.kill()
    with victoria(tmp_path / "vm", "-httpAuth.username=cloud", "-httpAuth.password=pass-1") as vm:
        with pytest.raises(ConfigurationError, match=r"refuses access \(401\)"):
            open_store(vm.url.replace("//", "//cloud:wrong@"), tmp_path / "vm-data")
        store = open_store(vm.url.replace("//", "//cloud:pass-1@"), tmp_path / "vm-data")
        assert store.commit(batch(1)).new == 10
        store.close()


def test_points_beyond_the_retention_hold_nothing_back(influx: Influx, tmp_path: Path) -> None:
    HTTP.post(f"{influx.root}/query", data={"q": "CREATE DATABASE kampung WITH DURATION 400d"})
    store = open_store(influx.url, tmp_path)
    old = Batch()
    old.add(KEY, column("soil-1/soil_moisture", "%", [(T0 - 500 * 86_400_000, 1.0, 1), (T0, 2.0, 1)]), T0)
    store.commit(old)
    assert store.window(KEY.id, 0, 2 * T0).v == [2.0]
    store.close()
