"""Ways into an external engine that Debian's versions do not have: a cluster, InfluxDB 1.8, 2 and 3, and the client's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.influx_write import ClientWriter
from kampung_cloud.telemetry.lines import lines
from kampung_cloud.telemetry.server import Server
from kampung_cloud.telemetry.store import SeriesKey
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_sim.engines import EngineServer, Influx

from .conftest import HTTP
from .engines import started
from .standin import Cluster, Influx2, Influx3, Influx18
from .test_external_store import KEY, T0, batch, victoria


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[EngineServer]:
    server = started(Influx, tmp_path / "engine")
    yield server
    server.kill()


def test_a_cluster_is_written_and_read_by_its_own_paths(tmp_path: Path) -> None:
    with victoria(tmp_path / "engine") as server:
        cluster = Cluster(server.root)
        for wrong in ("", f"?select={cluster.root}", f"?select={cluster.root}/insert/7"):
            with pytest.raises(ConfigurationError, match=r"say where its vmselect is"):
                open_store(f"victoriametrics:{cluster.root}/insert/7{wrong}", tmp_path)
        with pytest.raises(ConfigurationError, match=r"vmselect, which takes nothing; begin with its vminsert"):
            open_store(f"victoriametrics:{cluster.root}/select/7/prometheus", tmp_path)
        store = open_store(f"victoriametrics:{cluster.root}/insert/7/prometheus?select={cluster.root}/select/7/prometheus", tmp_path)
        store.commit(batch(1))
        HTTP.get(f"{server.root}/internal/force_flush")
        assert store.window(KEY.id, 0, 2 * T0, 3_600_000).aggregates["count"] == [10]
        assert store.count(KEY.id, 0, 2 * T0) == 10
        assert store.counts(0, 2 * T0) == {"kiosk-1": 10}
        store.close()
        cluster.close()


def test_influxdb_2_needs_a_mapping_and_gets_it(influx: Influx, tmp_path: Path) -> None:
    HTTP.post(f"{influx.root}/query", data={"q": "CREATE DATABASE kampung"})
    two = Influx2(influx.root, "kampung")
    host = two.root.removeprefix("http://")
    with pytest.raises(ConfigurationError, match=r"name the organisation, as in influxdb:.*\?org=ORG"):
        open_store(f"influxdb:http://:s3cret@{host}/kampung", tmp_path)
    with pytest.raises(ConfigurationError, match=r"refuses access \(401\)"):
        open_store(f"influxdb:http://:other@{host}/kampung?org=kab", tmp_path)
    with pytest.raises(ConfigurationError, match=r"no bucket 'desa' .* influx bucket create --org kab --name desa"):
        open_store(f"influxdb:http://:s3cret@{host}/desa?org=kab", tmp_path)
    store = open_store(f"influxdb:http://:s3cret@{host}/kampung?org=kab", tmp_path)
    assert [m["database"] for m in two.mappings] == ["kampung"]
    assert store.commit(batch(1)).new == 10
    assert store.window(KEY.id, 0, 2 * T0, limit=2).t == [T0 + 100, T0 + 101]
    assert any(path.startswith("/api/v2/write?org=kab&bucket=kampung&precision=ms") for _, path in two.requests)
    store.close()
    two.mappings = [{"id": "m1", "bucketID": "b0", "database": "kampung", "default": True}]
    with pytest.raises(ConfigurationError, match=r"mapped to another bucket \(b0, ours is b1\).* influx v1 dbrp delete --org kab --id m1"):
        open_store(f"influxdb:http://:s3cret@{host}/kampung?org=kab", tmp_path)
    two.close()
    short = Influx2(influx.root, "kampung", keeps=7 * 86_400)
    with pytest.raises(ConfigurationError, match="keeps readings for 7 days only"):
        open_store(f"influxdb:{short.root.replace('//', '//:s3cret@')}/kampung?org=kab", tmp_path)
    short.close()


def test_influxdb_3_by_its_documented_ways(influx: Influx, tmp_path: Path) -> None:
    """Only its HTTP side: no server of version 3 was ever there to try."""
    three = Influx3(influx.root)
    host = three.root.removeprefix("http://")
    with pytest.raises(ConfigurationError, match=r"refuses access \(401\)"):
        open_store(f"influxdb:http://:other@{host}/kampung3", tmp_path)
    store = open_store(f"influxdb:http://:s3cret@{host}/kampung3", tmp_path)
    assert store.commit(batch(1)).new == 10
    assert store.window(KEY.id, 0, 2 * T0, limit=2).t == [T0 + 100, T0 + 101]
    assert store.window(KEY.id, 0, 2 * T0, 3_600_000).aggregates["count"] == [10]
    assert store.counts(0, 2 * T0) == {"kiosk-1": 10}
    assert store.commit(batch(1)).duplicate == 10
    store.close()
    assert {method for method, path in three.requests if path.startswith("/query")} == {"GET"}
    assert any(path.startswith("/api/v2/write?") and "bucket=kampung3" in path for _, path in three.requests)
    three.close()
    store = open_store(f"influxdb:{influx.root}/kampung3", tmp_path)
    assert store.count(KEY.id, 0, 2 * T0) == 10
    store.close()


def test_influxdb_18_is_written_through_its_client(influx: Influx, tmp_path: Path) -> None:
    old = Influx18(influx.root)
    store = open_store(f"influxdb:{old.root}/kampung", tmp_path)
    assert store.commit(batch(1)).new == 10
    assert store.count(KEY.id, 0, 2 * T0) == 10
    assert any("/api/v2/write?" in path for _, path in old.requests)
    store.close()
    old.close()


def test_the_client_writes_to_victoriametrics_too(tmp_path: Path) -> None:
    """Its ``/api/v2/write`` is a second, real server for that way in."""
    with victoria(tmp_path / "engine") as server:
        writer = ClientWriter(Server(server.root, "VictoriaMetrics", {}), "", "kab", "kampung")
        odd = SeriesKey("35.10.24.2008", "kiosk-1", "air", "temp", "m3/s, a=b °")
        points = batch(1, key=odd).rows()
        for body in lines([odd], Points(points, points.t * 0), 1000):
            writer.write(body)
        HTTP.get(f"{server.root}/internal/force_flush")
        found = [json.loads(x) for x in HTTP.get(f"{server.root}/api/v1/export", params={"match[]": "readings_v"}).text.splitlines()]
        assert found[0]["timestamps"] == points.t.tolist()
        assert found[0]["values"] == points.v.tolist()
        assert found[0]["metric"]["unit"] == odd.unit
        server.kill()
        with pytest.raises(StorageUnavailable, match="does not answer"):
            writer.write(b"x v=1 1")
        writer.close()
