"""Single-reading packs waiting on the broker, drained by ingest and by ``mosquitto_sub -q 1`` in the same run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

from kampung_contract.topics import FILTERS

from benchmarks.place import Edge, Place, packs, place
from benchmarks.result import Result

COUNT = 40_000
START = 1_790_000_000_000


def subscriber(here: Place, count: int) -> list[str]:
    """``mosquitto_sub`` with a session that outlives it, ending after ``count`` messages."""
    return ["mosquitto_sub", "-p", str(here.mqtt_port), "-q", "1", "-c", "-i", "peer", "-t", FILTERS[0], "-C", str(count)]


def run() -> Iterator[Result]:
    """Messages per second; both drain a queue that was filled while they were away, ours with commit and receipt."""
    payloads = packs(COUNT, 1, 1, START)
    with place() as here:
        here.start_cloud()
        here.cloud.stop()
        with subprocess.Popen([*subscriber(here, COUNT), "-W", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as leave:
            leave.wait(10)
        edge = Edge(here.mqtt_port, "kios-satu", window=10**9)
        edge.send(payloads)
        edge.settle()
        begun = time.perf_counter()
        done = subprocess.run(subscriber(here, COUNT), stdout=subprocess.PIPE, timeout=120, check=True)
        peer = COUNT / (time.perf_counter() - begun)
        if done.stdout.count(b"\n") < COUNT:
            raise AssertionError(f"the peer received {done.stdout.count(bytes([10]))} of {COUNT}")
        here.start_cloud()
        edge.wait(COUNT)
        (first, some), (last, every) = edge.times[0], edge.times[-1]
        edge.close()
        ours = (every - some) / (last - first)
    yield Result("single_vs_mosquitto_sub", ours, "messages/s", ours / peer, f"mosquitto_sub -q 1, {peer:,.0f} messages/s", COUNT)
