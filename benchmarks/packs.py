"""Packs through a broker until they are committed and receipted, beside VictoriaMetrics importing the same readings over HTTP."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import paho.mqtt.client as mqtt
from kampung_contract.pack import Clock, Pack, column, encode
from kampung_contract.receipt import decode_receipt
from kampung_contract.topics import Address, Lane

from benchmarks.engines import Engine, victoria_metrics
from benchmarks.place import EPOCH, QUANTITIES, VILLAGE, place
from benchmarks.result import Result
from benchmarks.stream import Stream, encoded

NODES, SERIES = 10, 20
START = 1_760_000_000_000
SIZES = ((500, 3_000), (100, 10_000))
ROUNDS = 3
LINES = 20_000
"""Readings in one request to VictoriaMetrics."""


class Readings:
    """The same readings twice: as packs of ``size`` by wire order, and as lines. Values walk at random, as a sensor's do."""

    def __init__(self, size: int, count: int) -> None:
        self.size, self.count = size, count
        self.total = size * count
        dice = np.random.default_rng(7)
        rounds = size // SERIES
        self.messages: list[tuple[str, bytes]] = []
        lines: list[str] = []
        last = 20 + 10 * dice.random((NODES, SERIES))
        for number in range(count):
            node, seq = number % NODES, number // NODES + 1
            name = f"kios-{node}"
            at = START + (seq - 1) * rounds * 60_000
            walk = np.round(last[node][:, None] + np.cumsum(dice.normal(0, 0.15, (SERIES, rounds)), axis=1), 1)
            last[node] = walk[:, -1]
            columns = []
            for index, values in enumerate(walk.tolist()):
                quantity, unit = QUANTITIES[index % len(QUANTITIES)]
                columns.append(column(f"alat-{index}/{quantity}", unit, [(at + i * 60_000, v, 1) for i, v in enumerate(values)]))
                tags = f"{quantity},node={name},device=alat-{index}"
                lines += [f"{tags} value={v} {at + i * 60_000}" for i, v in enumerate(values)]
            payload = encode(Pack(1, EPOCH, seq, "0a1b2c3d", Clock(True, at % 10**9), columns))
            self.messages.append((Address(VILLAGE, name).up(Lane.BACKFILL), payload))
        self.stream = encoded(self.messages)
        self.bodies = ["\n".join(lines[at : at + LINES]).encode() for at in range(0, len(lines), LINES)]


class Receipts:
    """Counts packs that are receipted, of all nodes of the village."""

    def __init__(self, port: int) -> None:
        self.by_node: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="receipts-bench")
        self._client.on_message = self._take
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_connect = lambda c, *_: c.subscribe(Address(VILLAGE, "kios-0").receipt.replace("kios-0", "+"), 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if not ready.wait(10):
            raise TimeoutError("no subscription to receipts")

    def _take(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        receipt = decode_receipt(message.payload)
        with self._changed:
            self.by_node[message.topic.split("/")[4]] += sum(last - first + 1 for first, last in receipt.ranges)
            self._changed.notify_all()

    def wait(self, count: int, seconds: float = 300) -> float:
        """When ``count`` packs are receipted, by ``perf_counter``."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.by_node.total() >= count, seconds):
                raise TimeoutError(f"{self.by_node.total()} of {count} packs receipted after {seconds:.0f} s")
        return time.perf_counter()

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


def ours(readings: Readings) -> float:
    """Committed readings per second, from the first byte that is sent to the last receipt."""
    with place() as here:
        here.start_cloud()
        receipts, stream = Receipts(here.mqtt_port), Stream(here.mqtt_port, "sender")
        begun = time.perf_counter()
        stream.send(readings.stream, readings.count)
        seconds = receipts.wait(readings.count) - begun
        receipts.close()
        stream.close()
        held = sum(int(n["readings"]) for n in here.ask("/api/v1/nodes"))
        if held != readings.total:
            raise AssertionError(f"sent {readings.total} readings, the store holds {held}")
    return readings.total / seconds


def theirs(readings: Readings) -> float:
    """Readings per second until the last request is answered; what it then holds is counted, which it may take its time for."""
    with victoria_metrics() as engine:
        engine.post("/write", [b"warm,node=up value=1 1700000000000"])
        begun = time.perf_counter()
        engine.post("/write?precision=ms", readings.bodies)
        seconds = time.perf_counter() - begun
        deadline = time.monotonic() + 60
        while (held := _held(engine, readings)) < readings.total and time.monotonic() < deadline:
            engine.ask("/internal/force_flush")
            time.sleep(0.5)
        if held != readings.total:
            raise AssertionError(f"sent {readings.total} readings, VictoriaMetrics holds {held}")
    return readings.total / seconds


def _held(engine: Engine, readings: Readings) -> int:
    stop = START // 1000 + readings.count // NODES * readings.size // SERIES * 60
    query = f'sum(count_over_time({{__name__=~".*_value",node=~"kios-.*"}}[{stop - START // 1000 + 60}s]))'
    found = engine.ask("/api/v1/query", query=query, time=str(stop), nocache="1")["data"]["result"]
    return int(found[0]["value"][1]) if found else 0


def run() -> Iterator[Result]:
    """Ours with guarantees on: QoS 1, committed with fsync, then receipted and acknowledged. In turns, the median of three each."""
    for size, count in SIZES:
        readings = Readings(size, count)
        found = [(ours(readings), theirs(readings)) for _ in range(ROUNDS)]
        mine, peers = ([pair[i] for pair in found] for i in (0, 1))
        peer = statistics.median(peers)
        said = f"VictoriaMetrics, HTTP line protocol, {peer:,.0f} readings/s ({min(peers):,.0f} to {max(peers):,.0f})"
        said += f"; ours {min(mine):,.0f} to {max(mine):,.0f}"
        value = statistics.median(mine)
        yield Result(f"packs_vs_victoriametrics_{size}", value, "readings/s", value / peer, said, readings.total)
