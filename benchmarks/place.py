"""A broker and a cloud for a measurement: the real programs, in a temporary folder, on free ports."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from kampung_cloud.broker import url as broker_url
from kampung_contract.pack import Clock, Pack, column, encode
from kampung_contract.receipt import decode_receipt
from kampung_contract.topics import Address, Lane
from kampung_sim.process import Process, answers, free_port, listening

VILLAGE = "35.10.24.2008"
EPOCH = "00ff34ab56cd78ef"
QUANTITIES = (
    ("soil_moisture", "%"),
    ("soil_temperature", "Cel"),
    ("air_temperature", "Cel"),
    ("relative_humidity", "%RH"),
    ("water_level", "m"),
)

IN_FLIGHT = 500
"""Publications the broker has not acknowledged; more of them make paho slow, not fast."""

CLOUD = """
data = "cloud"
[broker]
url = "{broker}"
[telemetry]
url = "duckdb:telemetry.duckdb"
[records]
url = "sqlite:records.sqlite"
[api]
host = "127.0.0.1"
port = {api}
"""


class Place:
    """``broker`` runs; ``cloud`` is there to be started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mqtt_port, self.api_port = free_port(), free_port()
        (folder / "broker").mkdir()
        (folder / "cloud.toml").write_text(
            CLOUD.format(broker=broker_url(folder / "broker", self.mqtt_port), api=self.api_port), encoding="utf-8"
        )
        scripts = Path(sys.executable).parent
        health = f"http://127.0.0.1:{self.api_port}/api/v1/healthz"
        self.broker = Process(
            "broker",
            [str(scripts / "kampung-cloud"), "broker", "--port", str(self.mqtt_port), "--data", str(folder / "broker")],
            folder / "broker.log",
            lambda: listening(self.mqtt_port),
        )
        self.cloud = Process(
            "cloud",
            [str(scripts / "kampung-cloud"), "serve", "--config", str(folder / "cloud.toml")],
            folder / "cloud.log",
            lambda: answers(health),
        )

    def start_cloud(self) -> None:
        """Start the cloud and wait until it takes packs."""
        self.cloud.start()
        self.cloud.wait_ready(40)
        deadline = time.monotonic() + 20
        while self.ask("/api/v1/healthz")["status"] != "ok":
            if time.monotonic() > deadline:
                raise TimeoutError(f"the cloud is not well: {self.ask('/api/v1/healthz')}")
            time.sleep(0.05)

    def ask(self, url: str) -> Any:
        """A JSON answer of the cloud."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api_port}{url}", timeout=30) as answer:
            return json.load(answer)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """A place with a running broker, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        here = Place(Path(folder))
        here.broker.start()
        try:
            here.broker.wait_ready(20)
            yield here
        finally:
            here.cloud.stop()
            here.broker.stop()


def packs(count: int, readings: int, series: int, start: int, step: int = 1_000) -> list[bytes]:
    """Encoded packs, ``readings`` each over ``series`` series of one node; times rise by ``step`` ms from ``start``."""
    rounds = readings // series
    out = []
    for seq in range(1, count + 1):
        at = start + (seq - 1) * rounds * step
        columns = []
        for index in range(series):
            quantity, unit = QUANTITIES[index % len(QUANTITIES)]
            rows = [(at + i * step, round(20 + (seq * 7 + index * 3 + i) % 100 / 10, 1), 1) for i in range(rounds)]
            columns.append(column(f"alat-{index}/{quantity}", unit, rows))
        out.append(encode(Pack(1, EPOCH, seq, "0a1b2c3d", Clock(True, at % 10**9), columns)))
    return out


class Edge:
    """Publishes packs as an edge does: a window in flight, forgotten on receipt; ``obeys`` the credit of receipts, as real edges do."""

    def __init__(self, port: int, node: str, window: int = 256, *, village: str = VILLAGE, obeys: bool = False) -> None:
        self.address = Address(village, node)
        self.window, self._obeys = window, obeys
        self.receipted: set[int] = set()
        self.times: list[tuple[float, int]] = []
        self._room = threading.Condition()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{node}-bench")
        self.unacknowledged = threading.Semaphore(IN_FLIGHT)
        self.client.on_publish = lambda *_: self.unacknowledged.release()
        self.client.max_inflight_messages_set(IN_FLIGHT)
        self.client.on_message = self._on_message
        ready = threading.Event()
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_connect = lambda c, *_: c.subscribe(self.address.receipt, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        if not ready.wait(10):
            raise TimeoutError("no subscription to receipts")

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        receipt = decode_receipt(message.payload)
        with self._room:
            if self._obeys and receipt.credit is not None:
                self.window = min(256, max(1, receipt.credit))
            for first, last in receipt.ranges:
                self.receipted.update(range(first, last + 1))
            self.times.append((time.perf_counter(), len(self.receipted)))
            self._room.notify_all()

    def send(self, payloads: Iterable[bytes], lane: Lane = Lane.LIVE) -> None:
        """Publish all, never more than the window ahead of the receipts."""
        topic = self.address.up(lane)
        for sent, payload in enumerate(payloads):
            with self._room:
                if not self._room.wait_for(lambda sent=sent: sent - len(self.receipted) < self.window, 60):
                    raise TimeoutError(f"no receipt for 60 s after {len(self.receipted)} packs")
            if not self.unacknowledged.acquire(timeout=60):
                raise TimeoutError("the broker acknowledges nothing for 60 s")
            self.client.publish(topic, payload, 1)

    def settle(self) -> None:
        """Return when the broker has acknowledged everything."""
        for _ in range(IN_FLIGHT):
            if not self.unacknowledged.acquire(timeout=60):
                raise TimeoutError("the broker acknowledges nothing for 60 s")
        self.unacknowledged.release(IN_FLIGHT)

    def wait(self, count: int, seconds: float = 120) -> None:
        """Return when ``count`` packs are receipted."""
        with self._room:
            if not self._room.wait_for(lambda: len(self.receipted) >= count, seconds):
                raise TimeoutError(f"{len(self.receipted)} of {count} packs receipted after {seconds:.0f} s")

    def close(self) -> None:
        """Disconnect."""
        self.client.disconnect()
        self.client.loop_stop()
