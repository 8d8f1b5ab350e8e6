"""What simulated kiosks cost: 1,000 devices live, 1,085 kiosks in one process, readings a second; beside plain paho publishers."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.place import Edge, Place, packs, place
from benchmarks.proc import cpu_s, status_mb
from benchmarks.result import Result

WINDOW_S = 60.0
READY_S = 300.0
KIOSKS, SERIES = 50, 44
"""Twenty devices each, at one reading a minute."""
MANY = 1_085
PER_SECOND = 2_000
START = 1_790_000_000_000
SCENARIO = """
name = "ukur"
seed = 1
start = 2026-11-21T06:00:00
duration = "{duration}"
[[place]]
villages = {villages}
nodes = {nodes}
kit = "{kit}"
"""
PLAIN = """
import json, random, sys, threading, time
import paho.mqtt.client as mqtt
port, kiosks, series = map(int, sys.argv[1:])
clients = []
for n in range(kiosks):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"polos-{n}")
    client.connect("127.0.0.1", port)
    client.loop_start()
    clients.append(client)
print("ready", flush=True)
while True:
    begun = time.monotonic()
    for n, client in enumerate(clients):
        rows = [{"n": f"alat-{i}", "t": time.time(), "v": round(random.gauss(20, 3), 2)} for i in range(series)]
        client.publish(f"polos/{n}", json.dumps(rows), qos=1)
    time.sleep(60 - (time.monotonic() - begun))
"""


def run() -> Iterator[Result]:
    """Three runs of ``kampung-sim run``, each with its own broker and regency."""
    villages = json.dumps(["35.10.24.2008", "35.10.24.2003", "35.10.15.2012", "35.10.15.2010", "35.10.15.2004"])
    with place() as here:
        here.start_cloud()
        text = SCENARIO.format(duration="1 h", villages=villages, nodes=KIOSKS // 5, kit="kios-20")
        with _fleet(here, text, KIOSKS) as pid:
            ours = _share(pid)
        with _spoken([sys.executable, "-c", PLAIN, str(here.mqtt_port), str(KIOSKS), str(SERIES)], "ready") as pid:
            plain = _share(pid)
    yield Result("fleet_cpu_1000_devices", ours, "% of a core", ours / plain, "50 plain paho publishers with random numbers", KIOSKS * 20)
    with place() as here:
        here.start_cloud()
        with _fleet(here, SCENARIO.format(duration="1 h", villages='"all"', nodes=MANY // 217, kit="kios-dasar"), MANY) as pid:
            yield Result("fleet_cpu_1085_kiosks", _share(pid), "% of a core", None, None, MANY)
            yield Result("fleet_memory_a_kiosk", status_mb(pid, "VmRSS") / MANY, "MB", None, None, MANY)
    yield from _rate(SCENARIO.format(duration="4 h", villages=villages, nodes=KIOSKS // 5, kit="kios-20"))


def _rate(text: str) -> Iterator[Result]:
    """As fast as it can, to the last receipt; the peer sends packs made beforehand to the same regency."""
    with place() as here:
        here.start_cloud()
        (here.folder / "s.toml").write_text(text, encoding="utf-8")
        begun = time.perf_counter()
        subprocess.run([*_command(here), "--pace", "10000", "--json", str(here.folder / "r.json")], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
        ended = json.loads((here.folder / "r.json").read_text(encoding="utf-8"))["ended"]
        readings, sent = ended["counts"]["readings"], ended["counts"]["packs"]
        if ended["waiting"]:
            raise AssertionError(f"{ended['waiting']} packs had no receipt")
        payloads = packs(max(1, readings // PER_SECOND), PER_SECOND // 20 * 20, 20, START)
        edge = Edge(here.mqtt_port, "kios-polos")
        begun = time.perf_counter()
        edge.send(payloads)
        edge.wait(len(payloads))
        plain = len(payloads) * PER_SECOND / (time.perf_counter() - begun)
        edge.close()
    ours = readings / seconds
    yield Result("fleet_readings_a_second", ours, "readings/s", ours / plain, "one paho publisher of packs made beforehand", sent)


def _command(here: Place) -> list[str]:
    program = str(Path(sys.executable).with_name("kampung-sim"))
    return [program, "run", str(here.folder / "s.toml"), "--broker", f"mqtt://127.0.0.1:{here.mqtt_port}", "--plain"]


@contextlib.contextmanager
def _fleet(here: Place, text: str, kiosks: int) -> Iterator[int]:
    """A live fleet whose kiosks are all connected: its process."""
    (here.folder / "s.toml").write_text(text, encoding="utf-8")
    with _spoken([*_command(here), "--pace", "1", "--drain", "0"], f" {kiosks} dari {kiosks} kios tersambung") as pid:
        yield pid


@contextlib.contextmanager
def _spoken(command: list[str], words: str) -> Iterator[int]:
    """A process from when it has said ``words``."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            until = time.monotonic() + READY_S
            while words not in (said := process.stdout.readline()):
                if not said or time.monotonic() > until:
                    raise TimeoutError(f"never said {words!r}: {command}")
            yield process.pid
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _share(pid: int) -> float:
    before, begun = cpu_s(pid), time.perf_counter()
    time.sleep(WINDOW_S)
    return 100 * (cpu_s(pid) - before) / (time.perf_counter() - begun)
