"""TCP payload, both directions, everything included (acknowledgements, receipts, pings), of the real edge program and of the usual way."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from kampung_bridge.clock import RehearsalClock
from kampung_contract.times import text
from kampung_sim.device import Line, ModbusBus
from kampung_sim.process import Process, answers, free_port
from kampung_sim.tamansari import chili

from benchmarks.place import VILLAGE, Place, place
from benchmarks.proxy import Proxy
from benchmarks.result import Result

BUSES, PROBES = 5, 2
SENSORS = BUSES * PROBES * 2
"""Each probe gives moisture and temperature."""
HOURS, HURRY = 6, 10.0
MINUTES = 4

EDGE = """
village = "{village}"
node = "kios-ukur"
data = "edge"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[kiosk]
host = "127.0.0.1"
port = {kiosk}
[rehearsal]
start = {start}
begun = {begun}
seconds = {seconds}
"""
PORT = """
[[port]]
name = "bus-{bus}"
url = "{line}"
"""
DEVICE = """
[[port.device]]
name = "tanah-{bus}{address}"
profile = "dfrobot-sen0600"
address = {address}
every = 60
rehearsal_every = 60
"""


def json_messages(here: Place) -> float:
    """Bytes a reading when every reading is one JSON message at QoS 1, through the same proxy."""
    proxy, count, done = Proxy(here.mqtt_port), 1_000, threading.Event()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="peer")
    connected, left = threading.Event(), [count]

    def acknowledged(*_: Any) -> None:
        left[0] -= 1
        if not left[0]:
            done.set()

    client.on_connect, client.on_publish = (lambda *_: connected.set()), acknowledged
    client.connect("127.0.0.1", proxy.port)
    client.loop_start()
    if not connected.wait(10):
        raise TimeoutError("the peer did not connect")
    before = proxy.count
    for index in range(count):
        message = {
            "device": f"tanah-{index % 10}",
            "quantity": "soil_moisture",
            "value": 31.2,
            "unit": "%",
            "time": "2026-11-21T09:41:00.123+07:00",
        }
        client.publish(f"kampung/{VILLAGE}/kios-ukur/tanah-{index % 10}/soil_moisture", json.dumps(message), 1)
    if not done.wait(30):
        raise TimeoutError("the peer's messages were not acknowledged")
    spent = proxy.count - before
    client.disconnect()
    client.loop_stop()
    proxy.close()
    return spent / count


def run() -> Iterator[Result]:
    """Backfill: six hours of twenty sensors a minute after an outage. Live: a pack a minute from the same sensors."""
    with place() as here, tempfile.TemporaryDirectory() as name:
        here.start_cloud()
        peer = json_messages(here)
        folder, proxy, kiosk = Path(name), Proxy(here.mqtt_port), free_port()
        proxy.cut()
        now = time.time_ns() // 1_000_000
        start = now - HOURS * 3_600_000
        clock = RehearsalClock(start, HURRY, now)
        config = EDGE.format(village=VILLAGE, mqtt=proxy.port, kiosk=kiosk, start=text(start), begun=text(now), seconds=HURRY)
        buses = []
        for bus in range(BUSES):
            line = Line(folder / f"bus-{bus}")
            buses.append(ModbusBus(line, clock, dict.fromkeys(range(1, PROBES + 1), ("dfrobot-sen0600", chili))))
            config += PORT.format(bus=bus, line=line.link) + "".join(DEVICE.format(bus=bus, address=a) for a in range(1, PROBES + 1))
        (folder / "edge.toml").write_text(config, encoding="utf-8")
        health = f"http://127.0.0.1:{kiosk}/api/health"
        command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(folder / "edge.toml")]
        edge = Process("edge", command, folder / "edge.log", lambda: answers(health))
        for each in buses:
            each.start()
        edge.start()
        try:
            edge.wait_ready(30)
            time.sleep(max(0.0, HURRY + 3 - (time.time() - now / 1000)))
            proxy.open = True
            held = settled(here, health, 60)
            backfill = proxy.count / held
            yield Result("wire_backfill", backfill, "bytes/reading", backfill / peer, f"one JSON message a reading, {peer:.1f} bytes", held)
            turn(here, held)
            before, bytes_before = readings(here), proxy.count
            for _ in range(MINUTES):
                turn(here, readings(here))
            settled(here, health, 30)
            live = (proxy.count - bytes_before) / (readings(here) - before)
            yield Result(
                "wire_live", live, "bytes/reading", live / peer, f"one JSON message a reading, {peer:.1f} bytes", readings(here) - before
            )
        finally:
            edge.stop()
            for each in buses:
                each.stop()
            proxy.close()


def readings(here: Place) -> int:
    """Readings the cloud holds of the node."""
    return sum(n["readings"] for n in here.ask("/api/v1/nodes"))


def settled(here: Place, health: str, seconds: float) -> int:
    """Readings held once nothing waits on the edge any more."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with urllib.request.urlopen(health, timeout=5) as answer:
            spool = json.load(answer)["spool"]
        if spool["packs"] == 0 and spool["next_seq"] > 1 and readings(here):
            time.sleep(2)
            return readings(here)
        time.sleep(0.2)
    raise TimeoutError(f"the edge still holds {spool['packs']} packs")


def turn(here: Place, before: int) -> None:
    """Return when all sensors were read once more."""
    deadline = time.monotonic() + 75
    while readings(here) < before + SENSORS:
        if time.monotonic() > deadline:
            raise TimeoutError("no round of readings within 75 s")
        time.sleep(0.2)
