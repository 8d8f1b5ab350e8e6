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
from kampung_bridge.clock import RehearsalClock, SampleClock, SystemClock
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
OUTAGE_S = 180
"""With a round of readings a second, as full a pack each as a round a minute gives, and sixty times as quick to measure."""

EDGE = """
village = "{village}"
node = "{node}"
data = "edge"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[kiosk]
host = "127.0.0.1"
port = {kiosk}
"""
REHEARSAL = """
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
every = {every}
rehearsal_every = 60
"""


class Kiosk:
    """The real edge behind a link that counts, with twenty sensors; started within ``with``."""

    def __init__(self, here: Place, node: str, every: int, clock: SampleClock, more: str = "") -> None:
        self._folder, self.proxy, self._port = tempfile.TemporaryDirectory(), Proxy(here.mqtt_port), free_port()
        folder, self.buses = Path(self._folder.name), []
        config = EDGE.format(village=VILLAGE, node=node, mqtt=self.proxy.port, kiosk=self._port) + more
        for bus in range(BUSES):
            line = Line(folder / f"bus-{bus}")
            self.buses.append(ModbusBus(line, clock, dict.fromkeys(range(1, PROBES + 1), ("dfrobot-sen0600", chili))))
            config += PORT.format(bus=bus, line=line.link)
            config += "".join(DEVICE.format(bus=bus, address=a, every=every) for a in range(1, PROBES + 1))
        (folder / "edge.toml").write_text(config, encoding="utf-8")
        self.health = f"http://127.0.0.1:{self._port}/api/health"
        command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(folder / "edge.toml")]
        self._edge = Process("edge", command, folder / "edge.log", lambda: answers(self.health))

    def __enter__(self) -> Kiosk:
        for bus in self.buses:
            bus.start()
        self._edge.start()
        self._edge.wait_ready(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._edge.stop()
        self.silence()
        self.proxy.close()
        self._folder.cleanup()

    def silence(self) -> None:
        """The sensors answer no more."""
        while self.buses:
            self.buses.pop().stop()


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
    """Backfill: six hours of twenty sensors a minute after an outage. Live: a pack a minute from the same sensors. Waited: live readings
    that waited out an outage, with all that it takes to connect anew.
    """
    with place() as here:
        here.start_cloud()
        peer = json_messages(here)
        against = f"one JSON message a reading, {peer:.1f} bytes"

        def result(name: str, spent: int, count: int) -> Result:
            return Result(name, spent / count, "bytes/reading", spent / count / peer, against, count)

        now = time.time_ns() // 1_000_000
        start = now - HOURS * 3_600_000
        rehearsal = REHEARSAL.format(start=text(start), begun=text(now), seconds=HURRY)
        kiosk = Kiosk(here, "kios-ukur", 60, RehearsalClock(start, HURRY, now), rehearsal)
        kiosk.proxy.cut()
        with kiosk:
            time.sleep(max(0.0, HURRY + 3 - (time.time() - now / 1000)))
            kiosk.proxy.open = True
            held = settled(here, kiosk.health, 60)
            yield result("wire_backfill", kiosk.proxy.count, held)
            turn(here, held)
            before, spent = readings(here), kiosk.proxy.count
            for _ in range(MINUTES):
                turn(here, readings(here))
            settled(here, kiosk.health, 30)
            yield result("wire_live", kiosk.proxy.count - spent, readings(here) - before)

        before = readings(here)
        with Kiosk(here, "kios-tunggu", 1, SystemClock()) as kiosk:
            turn(here, before)
            kiosk.proxy.cut()
            time.sleep(2)  # what was under way has arrived or not
            before, spent = readings(here), kiosk.proxy.count
            time.sleep(OUTAGE_S)
            kiosk.silence()
            kiosk.proxy.open = True
            settled(here, kiosk.health, 90)
            yield result("wire_waited", kiosk.proxy.count - spent, readings(here) - before)


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
