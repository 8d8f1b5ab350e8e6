"""Channels that are no adapter of ours: any service of Apprise, and what a village can switch on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.channels import open_channels
from kampung_cloud.channels.channel import Channel, Outgoing, Refused, Sent, Unreachable
from kampung_cloud.channels.tools import Tools
from kampung_cloud.config import parse
from kampung_contract.documents import Output, State
from kampung_sim.process import free_port

from .conftest import BrokerProcess, EdgeClient, get, now_ms, until
from .messages import VILLAGE, message, write
from .test_alarms import TABLE, gauge

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's import, on Python 3.11
NO_TOOLS = Tools(None, Path(), lambda: None)  # type: ignore[arg-type,return-value]
SAID = Outgoing("m", "raised", VILLAGE, 3, "flood", (), "id", "Kali Bomo meluap", "Air 2,60 m. Mengungsi.", "Kali Bomo", "7K2A", 1, 2)


@pytest.fixture
def receiver() -> Iterator[tuple[int, list[tuple[str, dict[str, Any]]]]]:
    """A port, and what was posted there."""
    came: list[tuple[str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1], came
    server.shutdown()
    thread.join()
    server.server_close()


def anything(service: str, folder: Path) -> Channel:
    table = {"name": "lain", "kind": "apprise", "service": service}
    (channel,) = open_channels(parse({"channel": [table]}, folder).channel, NO_TOOLS).values()
    return channel


def test_apprise_hands_over_words_and_severity(receiver: tuple[int, list[tuple[str, dict[str, Any]]]], tmp_path: Path) -> None:
    port, came = receiver
    assert anything(f"json://127.0.0.1:{port}/{{to}}", tmp_path).send("pak rt", SAID, "k") == Sent()
    ((path, body),) = came
    assert (path, body["title"], body["message"], body["type"]) == ("/pak%20rt", SAID.title, SAID.text, "failure")


def test_apprise_says_no_without_its_address(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="lain: the service did not take it") as found:
        anything(f"json://pengguna:rahasia@127.0.0.1:{free_port()}/{{to}}", tmp_path).send("1", SAID, "k")
    assert "rahasia" not in str(found.value)
    with pytest.raises(Refused, match="does not take this address"):
        anything("tgram://{to}", tmp_path).send("bukan alamat", SAID, "k")


def test_a_siren_sounds_for_the_gravest_alarm_and_is_switched_off_by_its_end(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    """From a reading to the kiosk's output, through planner, sender and commands. That it is over comes with the group's next message."""
    siren = {"name": "sirene", "kind": "output", "village": VILLAGE, "node": "kiosk-1", "output": "sirene", "seconds": 45}
    rule = TABLE | {"for": "0s", "clear_for": "0s", "about": "flood", "severity": 3}
    app = start_cloud(mosquitto.url, telemetry={"url": "memory:"}, channel=[siren], rule=[rule])
    edge = connect(mosquitto)
    edge.state(State(True, "aabbccdd", "r1", outputs=[Output("sirene", "relay-1", "relay-board", 120)]))
    assert until(lambda: get(app, "outputs"))
    edge.pack(1, gauge(now_ms() - 1000, 1.7))
    assert until(edge.commands)
    (first,) = edge.commands()
    assert (first.output, first.on, first.seconds, first.actor) == ("sirene", True, 45, "Smart Kampung")
    assert first.expires - first.at == 300_000
    write(app._services.records, message("keluaran-sirene", kind="resolved"), message("keluaran-sirene", 2, kind="digest"))
    assert until(lambda: [c.on for c in edge.commands()] == [True, False])
    assert until(lambda: [m["state"] for m in get(app, "messages")] == ["sent"] * 3)
