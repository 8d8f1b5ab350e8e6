"""Boots without a clock: estimated, corrected, and never truth before that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.store import Batch, Correction, PackId, SeriesKey, TelemetryStore
from kampung_contract.pack import Clock, Column, Pack, column, encode
from kampung_contract.topics import Lane

from .conftest import BrokerProcess, EdgeClient, get, now_ms, until
from .engines import KEEPING, EngineUrls

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
T0 = now_ms() - 100_000
HOUR = 3_600_000


@pytest.fixture(params=["memory:", *KEEPING])
def store(request: pytest.FixtureRequest, tmp_path: Path, engine_urls: EngineUrls) -> Iterator[TelemetryStore]:
    with engine_urls(request.param) as url:
        store = open_store(url, tmp_path)
        yield store
        store.close()


def soil(*rows: tuple[int, float]) -> Column:
    return column("soil-1/soil_moisture", "%", [(t, v, 1) for t, v in rows])


def doubtful(column: Column, seq: int = 1, boot: str = "b1", lead: int = 0) -> Batch:
    out = Batch()
    out.estimate(SOIL, column, T0, epoch="aa", seq=seq, boot=boot, lead=lead)
    out.packs.append(PackId("kiosk-1", "aa", seq, len(column.v)))
    return out


def correct(store: TelemetryStore, boot: str = "b1", up: int = 10_000, at: int = T0) -> Any:
    batch = Batch()
    batch.corrections.append(Correction("kiosk-1", boot, up, at))
    return store.commit(batch)


def shown(store: TelemetryStore) -> list[tuple[int, float, int]]:
    window = store.window(SOIL.id, -(2**50), 2**50)
    return list(zip(window.t, window.v, window.estimated or [0] * len(window.t), strict=True))


def test_estimated_rows_are_shown_and_marked(store: TelemetryStore) -> None:
    assert store.commit(doubtful(soil((1000, 1.0), (2000, 2.0)))).new == 0
    truth = Batch()
    truth.add(SOIL, soil((1500, 9.0)), T0)
    before = store.find(SOIL.id)
    assert before is not None
    assert (before.t, before.readings, before.estimates, before.estimated) == (2000, 0, 2, True)
    store.commit(truth)
    assert shown(store) == [(1000, 1.0, 1), (1500, 9.0, 0), (2000, 2.0, 1)]
    assert store.count(SOIL.id, 0, 3000) == 3
    buckets = store.window(SOIL.id, 0, 3000, 1000)
    assert (buckets.aggregates["count"], buckets.estimated) == ([2, 1], [1, 1])
    after = store.find(SOIL.id)
    assert after is not None
    assert (after.t, after.readings, after.estimates, after.estimated) == (1500, 1, 2, False)
    assert store.packs()[0].ranges == ((1, 1),)


def test_a_correction_moves_them_once(store: TelemetryStore) -> None:
    store.commit(doubtful(soil((1000, 1.0), (2000, 2.0)), lead=500))
    store.commit(doubtful(soil((1000, 1.0), (2000, 2.0)), lead=500))
    store.commit(doubtful(soil((1000, 7.0)), seq=2, boot="b2"))
    done = correct(store)
    assert done.moved == ((SOIL, T0 - 8500, T0 - 7500),)
    assert [x.t for x in done.newest] == [T0 - 7500]
    assert shown(store) == [(1000, 7.0, 1), (T0 - 8500, 1.0, 0), (T0 - 7500, 2.0, 0)]
    assert correct(store, at=T0 + 99).moved == ()  # the first stands
    assert store.correction("kiosk-1", "b1") == Correction("kiosk-1", "b1", 10_000, T0)
    found = store.find(SOIL.id)
    assert found is not None
    assert (found.readings, found.estimates) == (2, 1)


def test_a_row_that_is_there_already_is_not_doubled(store: TelemetryStore) -> None:
    truth = Batch()
    truth.add(SOIL, soil((T0 - 8500, 1.0)), T0)
    store.commit(truth)
    store.commit(doubtful(soil((1000, 1.0), (2000, 2.0)), lead=500))
    correct(store)
    assert shown(store) == [(T0 - 8500, 1.0, 0), (T0 - 7500, 2.0, 0)]


def test_a_pack_that_comes_again_with_true_times_replaces_its_estimates(store: TelemetryStore) -> None:
    store.commit(doubtful(soil((1000, 1.0)), lead=500))
    again = Batch()
    again.add(SOIL, soil((T0 - 8501, 1.0)), T0)  # the edge's arithmetic may differ by a millisecond
    again.packs.append(PackId("kiosk-1", "aa", 1, 1))
    store.commit(again)
    correct(store)
    assert shown(store) == [(T0 - 8501, 1.0, 0)]


@pytest.mark.parametrize("engine", KEEPING)
def test_estimates_and_corrections_survive_a_restart(engine: str, tmp_path: Path, engine_urls: EngineUrls) -> None:
    with engine_urls(engine) as url:
        survive_a_restart(url, tmp_path)


def survive_a_restart(url: str, tmp_path: Path) -> None:
    store = open_store(url, tmp_path)
    store.commit(doubtful(soil((1000, 1.0))))
    correct(store, "other")
    before = (store.latest(), shown(store), store.packs())
    store.close()
    store = open_store(url, tmp_path)
    assert (store.latest(), shown(store), store.packs()) == before
    assert store.correction("kiosk-1", "other") is not None
    correct(store)
    assert shown(store) == [(T0 - 9000, 1.0, 0)]
    store.close()


@pytest.mark.parametrize("url", ["memory:", "duckdb:telemetry.duckdb"])
def test_over_the_wire(
    url: str, mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    app, edge = start_cloud(mosquitto.url, telemetry={"url": url}), connect(mosquitto)
    now = now_ms()

    def send(seq: int, clock: Clock, *columns: Column, events: list[dict[str, Any]] | None = None) -> None:
        edge.send(edge.address.up(Lane.LIVE), encode(Pack(1, "aabbccdd", seq, "b00t", clock, list(columns), events or [])))

    send(1, Clock(False, 60_000, 70_000), soil((65_000, 30.0), (70_000, 31.0)))  # 1970: up 55 s and 60 s
    send(2, Clock(False, 61_000, now + 90 * HOUR), soil((now + 90 * HOUR, 32.0)))  # 90 h ahead: up 61 s
    assert until(lambda: edge.receipted() == {1, 2})
    (node,) = get(app, "nodes")
    assert (node["clock"], node["readings"], node["estimated"]) == ("unsynchronised", 3, 3)
    assert get(app, "series")[0]["last"]["estimated"]
    path = f"series/{SOIL.id}/window"
    assert get(app, path, start=0, stop=now + 100 * HOUR, every="raw")["estimated"] == [1, 1, 1]
    send(3, Clock(True, 100_000), events=[{"type": "clock", "boot": "b00t", "up": 100_000, "at": now}, {"type": "clock", "boot": 7}])
    send(4, Clock(False, 62_000, 72_000), soil((71_000, 33.0)))  # late, of the same boot: up 61 s
    assert until(lambda: edge.receipted() == {1, 2, 3, 4})
    window = get(app, path, start=0, stop=now + 100 * HOUR, every="raw")
    assert (window["t"], window["v"]) == ([now - 45_000, now - 40_000, now - 39_000, now - 39_000], [30.0, 31.0, 32.0, 33.0])
    assert "estimated" not in window
    (node,) = get(app, "nodes")
    assert (node["readings"], node["estimated"], node["complete"]) == (4, 0, True)
    assert [x["code"] for x in get(app, "dead-letters")] == ["invalid_clock"]
