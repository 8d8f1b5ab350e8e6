"""What a village's kiosks are sent: each document once and again only when it says something else. Their links are narrow."""

from __future__ import annotations

from collections.abc import Callable

from kampung_cloud.app import CloudApp
from kampung_cloud.modules import MODULES
from kampung_cloud.publishing import once
from kampung_contract.pack import column

from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, now_ms, until

Cloud = Callable[..., CloudApp]


def contents(edge: EdgeClient) -> list[str]:
    """Keys of the documents that came, in order."""
    return [topic.rpartition("/")[2] for topic, _, _ in edge.got if "/content/" in topic]


def announce(app: CloudApp, text: str) -> None:
    """As a village's staff does."""
    item = {"id": "1", "title": {"id": text, "en": text}, "body": {"id": text, "en": text}}
    headers = {"Authorization": f"Bearer {app.token}"}
    answer = HTTP.put(f"{app.url}/api/v1/villages/{VILLAGE}/content/announcements", json={"items": [item]}, headers=headers)
    assert answer.status_code == 200, answer.text


def test_what_still_holds_is_not_sent_again(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Callable[..., EdgeClient]) -> None:
    app, edge = start_cloud(mosquitto.url), connect(mosquitto)
    edge.pack(1, column("soil-1/soil_moisture", "%", [(now_ms() - 60_000, 30.0, 1)]))
    assert until(lambda: edge.receipted() == {1})
    assert until(lambda: (once(MODULES, app._services), "services" in contents(edge))[1])  # once its village is known to have a kiosk
    for _ in range(3):
        once(MODULES, app._services)
    announce(app, "rapat")
    assert until(lambda: "announcements" in contents(edge))
    told = contents(edge)
    assert len(told) == len(set(told)), told
    announce(app, "rapat")
    announce(app, "kerja bakti")
    assert until(lambda: contents(edge).count("announcements") == 2)
    app._services.contents.publish_all(VILLAGE, ["services"])
    assert until(lambda: contents(edge).count("services") == 2)
    assert contents(edge).count("announcements") == 2
