"""An engine outside that is down, read-only or refuses the token: no receipts, and healthz says which engine and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import Column, column
from kampung_sim.engines import ENGINES, EngineServer, Influx, Victoria

from .conftest import HTTP, BrokerProcess, EdgeClient, get, now_ms, until
from .engines import started
from .standin import Influx2

Start = Callable[..., CloudApp]
Connect = Callable[..., EdgeClient]
SERIES = "kiosk-1.soil-1.soil_moisture"
NAMES = {"influxdb": "InfluxDB", "victoriametrics": "VictoriaMetrics"}


@contextmanager
def running(server: EngineServer) -> Iterator[EngineServer]:
    try:
        yield server
    finally:
        server.kill()


def soil(t: int) -> Column:
    return column("soil-1/soil_moisture", "%", [(t + i, 30.0 + i, 1) for i in range(5)])


def telemetry(app: CloudApp) -> dict[str, Any]:
    """What healthz says of the engine."""
    return dict(get(app, "healthz")["checks"].get("telemetry", {"ok": None, "detail": ""}))


def complaint(app: CloudApp) -> str:
    """What is wrong, once it is told."""
    assert until(lambda: telemetry(app)["ok"] is False, 60)
    assert get(app, "healthz")["status"] == "degraded"
    return str(telemetry(app)["detail"])


def shown(app: CloudApp) -> list[float]:
    """Values the API gives."""
    return list(get(app, f"series/{SERIES}/window", start=0, stop=2 * now_ms(), every="raw")["v"])


@pytest.mark.parametrize("kind", list(ENGINES))
def test_an_engine_that_goes_and_comes_back(
    kind: str, tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Start, connect: Connect
) -> None:
    """While it is down nothing is receipted, windows answer 503 and the rest works; all that waited is there once, afterwards."""
    with running(started(ENGINES[kind], tmp_path / "engine")) as server:
        app = start_cloud(mosquitto.url, telemetry={"url": server.url})
        edge, t = connect(mosquitto), now_ms() - 60_000
        edge.pack(1, soil(t))
        assert until(lambda: edge.receipted() == {1}, 60)
        server.kill()
        edge.pack(2, soil(t + 10))
        edge.pack(3, soil(t + 20))
        said = rf"{NAMES[kind]} at {server.root}\S* does not answer: Connection refused"
        assert until(lambda: re.fullmatch(said, complaint(app)), 60)
        assert edge.receipted() == {1}
        answer = HTTP.get(f"{app.url}/api/v1/series/{SERIES}/window", params={"start": 0, "stop": 2 * t, "every": "1h"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")
        assert server.root in answer.json()["error"]["message"]
        assert get(app, "series")[0]["id"] == SERIES
        server.up()
        assert until(lambda: edge.receipted() == {1, 2, 3}, 60)
        assert until(lambda: telemetry(app)["ok"], 60)
        assert shown(app) == [30.0, 31.0, 32.0, 33.0, 34.0] * 3
        assert get(app, "nodes")[0]["readings"] == 15


@pytest.mark.parametrize("kind", list(ENGINES))
def test_a_cloud_that_starts_before_its_engine_waits_for_it(
    kind: str, tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Start, connect: Connect
) -> None:
    with running(started(ENGINES[kind], tmp_path / "engine")) as server:
        server.kill()
        app = start_cloud(mosquitto.url, telemetry={"url": server.url})
        edge = connect(mosquitto)
        edge.pack(1, soil(now_ms() - 60_000))
        assert server.root in complaint(app)
        assert edge.receipted() == set()
        server.up()
        assert until(lambda: edge.receipted() == {1}, 60)
        assert shown(app) == [30.0, 31.0, 32.0, 33.0, 34.0]


def test_a_read_only_engine(tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Start, connect: Connect) -> None:
    """VictoriaMetrics whose disk is as good as full; then with room."""
    server = started(Victoria, tmp_path / "engine", "-storage.minFreeDiskSpaceBytes=900000GiB")
    with running(server):
        app = start_cloud(mosquitto.url, telemetry={"url": server.url})
        edge = connect(mosquitto)
        edge.pack(1, soil(now_ms() - 60_000))
        # It may take a moment to look at its disk, and what it took before that was receipted.
        seq = [1]

        def refused() -> bool:
            seq[0] += 1
            edge.pack(seq[0], soil(now_ms() - 60_000 + 10 * seq[0]))  # the first two may come in one millisecond
            return telemetry(app)["ok"] is False

        assert until(refused, 60)
        said = complaint(app)
        assert said.startswith(f"VictoriaMetrics at {server.root} answers 503")
        assert "read-only mode" in said
        assert seq[0] not in edge.receipted()
        server.stop(60)
        server.options = ()
        server.up()
        assert until(lambda: edge.receipted() == set(range(1, seq[0] + 1)), 60)
        assert len(shown(app)) == 5 * seq[0]


def test_a_wrong_token(tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Start, connect: Connect) -> None:
    """At the start the cloud ends and says where the token belongs; one that is withdrawn later is told like an engine that is down."""
    with running(started(Influx, tmp_path / "engine")) as server:
        HTTP.post(f"{server.root}/query", data={"q": "CREATE DATABASE kampung"})
        two = Influx2(server.root, "kampung")
        url = f"influxdb:{two.root.replace('//', '//:{}@')}/kampung?org=kab"
        with pytest.raises(ConfigurationError) as refusal:
            start_cloud(mosquitto.url, telemetry={"url": url.format("t0ken-of-another")})
        assert f"InfluxDB at {two.root}/kampung refuses access (401)" in refusal.value.message
        assert "put a name and password, or a token" in refusal.value.message
        assert "t0ken" not in refusal.value.message
        app = start_cloud(mosquitto.url, telemetry={"url": url.format("s3cret")})
        edge, t = connect(mosquitto), now_ms() - 60_000
        edge.pack(1, soil(t))
        assert until(lambda: edge.receipted() == {1}, 60)
        two.token = "another"
        edge.pack(2, soil(t + 10))
        said = complaint(app)
        assert f"InfluxDB at {two.root}/kampung refuses access (401)" in said
        assert "s3cret" not in said + HTTP.get(f"{app.url}/api/v1/healthz").text
        assert edge.receipted() == {1}
        two.token = "s3cret"
        assert until(lambda: edge.receipted() == {1, 2}, 60)
        assert len(shown(app)) == 10
        app.stop()
        two.close()


def test_a_wrong_token_of_victoriametrics(tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Start, connect: Connect) -> None:
    with running(started(Victoria, tmp_path / "engine", "-httpAuth.username=cloud", "-httpAuth.password=pass-1")) as server:
        with pytest.raises(ConfigurationError) as refusal:
            start_cloud(mosquitto.url, telemetry={"url": server.url.replace("//", "//cloud:pass-0@")})
        assert f"VictoriaMetrics at {server.root} refuses access (401)" in refusal.value.message
        assert "pass-0" not in refusal.value.message
        start_cloud(mosquitto.url, telemetry={"url": server.url.replace("//", "//cloud:pass-1@")})
        edge = connect(mosquitto)
        edge.pack(1, soil(now_ms() - 60_000))
        assert until(lambda: edge.receipted() == {1}, 60)
