"""Every broker, killed in the middle: what the edge holds it sends again, and each row is here once. Slow, so it comes last."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kampung_cloud.app import CloudApp
from kampung_contract.documents import State
from kampung_contract.pack import Column, column

from .brokers import Nats, Rabbit
from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

PACKS, ROWS = 120, 5


@pytest.fixture(scope="module", autouse=True)
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    """Starts while the others are tested."""
    broker = Rabbit(tmp_path_factory.mktemp("rabbit") / "broker")
    yield broker
    broker.close()


@pytest.fixture(params=["mosquitto", "amqtt", "nats", "rabbitmq"])
def any_broker(request: pytest.FixtureRequest, tmp_path: Path, rabbit: Rabbit) -> Iterator[BrokerProcess]:
    if request.param == "rabbitmq":
        rabbit.ready()
        yield rabbit
        return
    folder = tmp_path / "broker"
    broker = Nats(folder) if request.param == "nats" else BrokerProcess(folder, request.param)
    yield broker
    broker.stop(signal.SIGKILL)


def soil(seq: int, t: int) -> Column:
    return column("soil-1/soil_moisture", "%", [(t + seq * 100 + i, 30.0, 1) for i in range(ROWS)])


def test_a_broker_that_is_killed_loses_no_row_and_doubles_none(any_broker: BrokerProcess, start_cloud: Callable[..., CloudApp]) -> None:
    app = start_cloud(any_broker.url)
    headers = {"Authorization": f"Bearer {app.token}"}
    assert HTTP.put(f"{app.url}/api/v1/villages/{VILLAGE}/content/announcements", json={"items": []}, headers=headers).status_code == 200
    t = now_ms() - 600_000
    edge = EdgeClient(any_broker.port)
    edge.state(State(True, "aabbccdd", "run-1", last=PACKS))
    assert until(lambda: [topic for topic, _, _ in edge.got if topic.endswith("content/announcements")])
    for seq in range(1, PACKS // 2):
        edge.pack(seq, soil(seq, t))
    assert until(lambda: len(edge.receipted()) > PACKS // 4, 60)
    any_broker.stop(signal.SIGKILL)
    edge.close()
    receipted = edge.receipted()
    any_broker.start()
    assert until(lambda: get(app, "healthz")["checks"]["broker"]["ok"], 40)  # it listens long before it lets anyone in
    edge = EdgeClient(any_broker.port)
    while missing := [seq for seq in range(1, PACKS + 1) if seq not in receipted | edge.receipted()]:
        for seq in missing:
            edge.pack(seq, soil(seq, t))
        assert until(lambda m=missing: set(m) <= edge.receipted(), 60)  # type: ignore[misc]
    edge.close()
    (node,) = get(app, "nodes")
    assert (node["readings"], node["state"]) == (PACKS * ROWS, "online")
    assert node["epochs"][0]["missing"] == []
    window = get(app, "series/kiosk-1.soil-1.soil_moisture/window", every="raw")
    assert window["t"] == [t + seq * 100 + i for seq in range(1, PACKS + 1) for i in range(ROWS)]
    assert get(app, "dead-letters") == []
