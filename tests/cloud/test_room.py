"""The DuckDB engine and its disk: room is given back, tables do not pile up, a full disk or a damaged file is told and loses nothing."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.ingest import worker as ingest
from kampung_cloud.telemetry import keeper, room
from kampung_cloud.telemetry.days import Days
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.hours import DAY_MS
from kampung_cloud.telemetry.store import Batch, PackId, Rows, SeriesKey, runs_of
from kampung_contract.pack import column

from .conftest import BrokerProcess, get, until

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
T0 = 1_795_280_400_000
MB = 1024**2


def commit(store: DuckDBStore, seq: int) -> None:
    batch = Batch()
    batch.add(SOIL, column("x/y", "%", [(T0 + seq * 1000 + n, float(n), 1) for n in range(50)]), T0)
    batch.packs.append(PackId("kiosk-1", "aabbccdd", seq, 50))
    store.commit(batch)


@pytest.fixture
def swollen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose file has held much more than it does."""
    monkeypatch.setattr(room, "LEAST", MB)
    store = DuckDBStore(tmp_path / "t.duckdb")
    for seq in range(1, 6):
        commit(store, seq)
    with store.cursor() as cursor:
        cursor.execute("CREATE TABLE much AS SELECT hash(range) AS x FROM range(1000000)")
        cursor.execute("CHECKPOINT")
    store.maintain(T0 + 2 * DAY_MS)
    commit(store, 6)  # stays in the table, and in the log of the file
    store.settle()
    with store.cursor() as cursor:
        cursor.execute("DROP TABLE much")
    store.close()
    return tmp_path / "t.duckdb"


def whole(store: DuckDBStore) -> None:
    """Everything of ``swollen`` is there."""
    assert store.count(SOIL.id, 0, 2 * T0) == 300
    assert store.packs()[0].ranges == ((1, 6),)
    commit(store, 3)
    assert store.count(SOIL.id, 0, 2 * T0) == 300
    store.close()


def test_room_is_given_back_at_the_start(swollen: Path) -> None:
    before = swollen.stat().st_size
    swollen.with_suffix(".smaller").write_bytes(b"of a start that was killed")
    whole(DuckDBStore(swollen))
    assert swollen.stat().st_size < before - 5 * MB
    assert sorted(p.name for p in swollen.parent.iterdir()) == ["t.days", "t.duckdb"]
    with duckdb.connect(str(swollen)) as database:
        assert database.execute("SELECT free_blocks < used_blocks FROM pragma_database_size()").fetchone() == (True,)


def test_a_disk_without_room_for_the_copy_leaves_all_as_it_was(swollen: Path) -> None:
    before = swollen.stat().st_size
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        room.give_back(swollen)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert swollen.stat().st_size == before
    assert not swollen.with_suffix(".smaller").exists()
    whole(DuckDBStore(swollen))


def test_ingest_waits_for_the_files_when_it_is_far_ahead_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the journal piles up in a long backlog, in memory, and every question looks through all of it."""
    waiting: list[int] = []
    store = DuckDBStore(tmp_path / "t.duckdb", turn_rows=1)
    write = Days.write

    def counting(days: Days, *given: Any) -> Any:
        waiting.append(len(store.tail.closed))
        return write(days, *given)

    monkeypatch.setattr(Days, "write", counting)
    monkeypatch.setattr(keeper, "ENOUGH_WAITING", 3)
    monkeypatch.setattr(keeper, "MOST_WAITING", 2)
    for seq in range(1, 31):
        commit(store, seq)
    store.settle()
    assert max(waiting) <= 3
    assert store.count(SOIL.id, 0, 2 * T0) == 1500
    store.close()


def test_a_disk_too_full_for_the_files_of_a_day(tmp_path: Path) -> None:
    """Readings stay where they are and answer; when there is room, they are written."""
    store, minute = DuckDBStore(tmp_path / "t.duckdb"), 60_000
    batch, count = Batch(), 60_000
    values = np.random.default_rng(5).normal(0, 1, count)
    times = T0 - 40 * minute + np.arange(count)
    batch.extend(runs_of(Rows(np.full(count, batch.place(SOIL), np.int32), times, times, values, np.ones(count, np.uint8))))
    store.commit(batch)
    store.maintain(T0)  # the log is in the file: what is to come needs little room
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        store.maintain(T0 + 31 * minute)
        store.settle()
        (told,) = store.maintain(T0 + 32 * minute)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert told.startswith("files of readings wait: ") and "File too large" in told
    assert store.count(SOIL.id, 0, 2 * T0) == count
    store.settle()
    store.maintain(T0 + 33 * minute)
    store.settle()
    assert store.maintain(T0 + 34 * minute) == ()
    assert [s.rows for s in store.days.segments] == [count]
    assert store.window(SOIL.id, 0, 2 * T0).v == values.tolist()
    store.settle()
    assert [p.suffix for p in (tmp_path / "t.days").rglob("readings-*")] == [".parquet"]
    store.close()


def test_healthz_names_a_damaged_file(
    tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "MAINTAIN_MS", 100)
    store = DuckDBStore(tmp_path / "cloud-data" / "telemetry.duckdb")
    commit(store, 1)
    store.maintain(T0 + 2 * DAY_MS)
    store.settle()
    (segment,) = store.days.segments
    store.close()
    (tmp_path / "cloud-data" / "telemetry.days" / segment.file).write_bytes(b"PAR1")
    app = start_cloud(mosquitto.url)
    check = lambda: get(app, "healthz")["checks"].get("telemetry_files", {"ok": True, "detail": ""})  # noqa: E731
    assert until(lambda: not check()["ok"], 30)
    assert check()["detail"].startswith(f"{segment.file} is damaged and set aside as readings-1.damaged; restore it from a backup")
    assert get(app, "healthz")["status"] == "degraded"
