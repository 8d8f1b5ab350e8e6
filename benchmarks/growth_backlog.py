"""A day without a link ends for 125 kiosks at once: 5.4 million readings drain through mosquitto while 217 kiosks go on measuring.

Backlog is sent as edges send it: up to their window without a receipt, less when a receipt's credit says so. Fresh readings are followed to
the regency's event stream, where pages see them.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Iterator

import paho.mqtt.client as mqtt
from kampung_contract.pack import Clock, Pack, column, encode
from kampung_contract.receipt import decode_receipt
from kampung_contract.times import milliseconds
from kampung_contract.topics import Address, Lane

from benchmarks.place import EPOCH, QUANTITIES, VILLAGE, Place, place
from benchmarks.proc import status_mb
from benchmarks.result import Result

KIOSKS, AWAY = 217, 125
SERIES, ROUNDS, PACKS = 30, 16, 90
"""A pack of a backlog holds 16 minutes of 30 sensors; 90 of them are a day."""
BACKLOG = AWAY * PACKS * SERIES * ROUNDS
MINUTE_MS = 60_000
WINDOW = 256
"""``window`` of an edge."""
EVERY_S = 10.0
"""Each kiosk sends its sensors so often: six times what a village does, so that there is more to measure."""
QUIET_S = 20.0
LOOK_S = 0.25
LIVE_EPOCH = "11ff34ab56cd78ef"


def pack(epoch: str, seq: int, times: range, first: float) -> bytes:
    """Of all sensors of a kiosk."""
    columns = []
    for index in range(SERIES):
        quantity, unit = QUANTITIES[index % len(QUANTITIES)]
        rows = [(t, round(first + index / 10 + (seq * 7 + n) % 20 / 10, 1), 1) for n, t in enumerate(times)]
        columns.append(column(f"alat-{index}/{quantity}", unit, rows))
    return encode(Pack(1, epoch, seq, "0a1b2c3d", Clock(True, times[0] % 10**9), columns))


class Kiosks:
    """All kiosks on one connection. ``start`` begins their backlog; fresh readings are sent by ``live``."""

    def __init__(self, port: int, now: int) -> None:
        self.addresses = [Address(VILLAGE, f"kios-{n}") for n in range(KIOSKS)]
        start = now - PACKS * ROUNDS * MINUTE_MS
        self._waiting: dict[str, deque[tuple[int, bytes]]] = {
            a.node: deque(
                (
                    seq,
                    pack(
                        EPOCH, seq, range(start + (seq - 1) * ROUNDS * MINUTE_MS, start + seq * ROUNDS * MINUTE_MS, MINUTE_MS), 20 + n / 9
                    ),
                )
                for seq in range(1, PACKS + 1)
            )
            for n, a in enumerate(self.addresses[:AWAY])
        }
        self._flight: dict[str, set[int]] = {node: set() for node in self._waiting}
        self._begun = False
        self.left = AWAY * PACKS
        self.done = threading.Event()
        self.live_receipted = 0
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="kiosks-bench")
        self._client.max_inflight_messages_set(60_000)
        self._client.on_message = self._receipt
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_connect = lambda c, *_: c.subscribe(self.addresses[0].receipt.replace("kios-0", "+"), 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if not ready.wait(10):
            raise TimeoutError("no subscription to receipts")

    def _receipt(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        receipt, node = decode_receipt(message.payload), message.topic.split("/")[4]
        if receipt.epoch == LIVE_EPOCH:
            self.live_receipted += sum(last - first + 1 for first, last in receipt.ranges)
            return
        for first, last in receipt.ranges:
            told = self._flight[node] & set(range(first, last + 1))
            self._flight[node] -= told
            self.left -= len(told)
        self._send(node, min(WINDOW, receipt.credit or WINDOW))
        if not self.left:
            self.done.set()

    def start(self) -> None:
        """The link is back."""
        for node in self._waiting:
            self._send(node, WINDOW)

    def _send(self, node: str, most: int) -> None:
        waiting, flight = self._waiting[node], self._flight[node]
        topic = Address(VILLAGE, node).up(Lane.BACKFILL)
        while waiting and len(flight) < most:
            seq, payload = waiting.popleft()
            flight.add(seq)
            self._client.publish(topic, payload, 1)

    def live(self, number: int, seq: int, t: int) -> None:
        """A kiosk's sensors now."""
        self._client.publish(self.addresses[number].up(Lane.LIVE), pack(LIVE_EPOCH, seq, range(t, t + 1), 20 + number / 9), 1)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


class Watching:
    """Sends fresh readings, listens when pages are told of them, and looks at the cloud's memory; each in a thread."""

    def __init__(self, here: Place, kiosks: Kiosks) -> None:
        self.here, self.kiosks = here, kiosks
        self.ended = threading.Event()
        self.sent: list[tuple[str, int]] = []
        self.told: dict[tuple[str, int], float] = {}
        self.memory: list[tuple[float, float]] = []
        for work in (self._measure, self._listen, self._look):
            threading.Thread(target=work, daemon=True).start()

    def _measure(self) -> None:
        begun, number = time.monotonic(), 0
        while not self.ended.wait(max(0.0, begun + number * EVERY_S / KIOSKS - time.monotonic())):
            kiosk, t = number % KIOSKS, round(time.time() * 1000)
            self.kiosks.live(kiosk, number // KIOSKS + 1, t)
            self.sent.append((f"kios-{kiosk}", t))
            number += 1

    def _listen(self) -> None:
        stream = http.client.HTTPConnection("127.0.0.1", self.here.api_port, timeout=60)
        stream.request("GET", "/api/v1/stream")
        answer = stream.getresponse()
        while not self.ended.is_set() and (line := answer.readline()):
            if line.startswith(b"data:") and b".alat-0." in line and b'"value"' in line:
                now, said = time.time(), json.loads(line[5:])
                self.told[said["id"].partition(".")[0], milliseconds(said["at"])] = now
        stream.close()

    def _look(self) -> None:
        while not self.ended.wait(LOOK_S):
            self.memory.append((time.time(), status_mb(self.here.cloud.pid, "VmRSS")))

    def ages(self, begun: float, ended: float) -> list[float]:
        """Seconds until pages were told of what was measured between two moments (seconds since 1970). One never told is as old as it is."""
        out, told = [], dict(self.told)
        newest = dict.fromkeys((node for node, _ in self.sent), time.time())
        for node, t in reversed(self.sent):  # a newer one of the kiosk stands for those before it
            newest[node] = min(newest[node], told.get((node, t), newest[node]))
            if begun <= t / 1000 <= ended:
                out.append(newest[node] - t / 1000)
        return sorted(out)

    def highest(self, begun: float, ended: float) -> list[float]:
        """Memory in MB between two moments."""
        return [size for at, size in self.memory if begun <= at <= ended]


def reconciled(here: Place, live: int) -> int:
    """What the cloud holds of all kiosks: every pack of both kinds once, by its numbers and by its readings."""
    nodes = here.ask("/api/v1/nodes")
    held, wanted = sum(int(n["readings"]) for n in nodes), BACKLOG + live * SERIES
    if held != wanted or not all(n["complete"] for n in nodes):
        raise AssertionError(
            f"sent {wanted:,} readings, the store holds {held:,}; {sum(not n['complete'] for n in nodes)} kiosks not complete"
        )
    return held


def run() -> Iterator[Result]:
    """Twenty quiet seconds, the backlog, twenty quiet seconds."""
    with place() as here:
        here.start_cloud()
        kiosks = Kiosks(here.mqtt_port, round(time.time() * 1000) - 120_000)
        watching = Watching(here, kiosks)
        first = time.time()
        time.sleep(QUIET_S)
        begun = time.time()
        kiosks.start()
        if not kiosks.done.wait(900):
            raise TimeoutError(f"{kiosks.left} of {AWAY * PACKS} packs without a receipt after 15 minutes")
        ended = time.time()
        time.sleep(QUIET_S)
        watching.ended.set()
        last = time.time()
        deadline = time.monotonic() + 30
        while kiosks.live_receipted < len(watching.sent) and time.monotonic() < deadline:
            time.sleep(0.1)
        held = reconciled(here, len(watching.sent))
        kiosks.close()
    quiet, meanwhile = watching.ages(first + 2, begun), watching.ages(begun, ended)
    before, during = watching.highest(first + 2, begun), watching.highest(begun, ended)
    half = watching.highest(begun + (ended - begun) / 2, ended)
    yield Result("growth_backlog_drained", BACKLOG / (ended - begun), "readings/s", None, None, held)
    yield Result("growth_backlog_seconds", ended - begun, "s", None, None, BACKLOG)
    yield Result("growth_backlog_live_p95", meanwhile[int(len(meanwhile) * 0.95)], "s", None, None, len(meanwhile))
    yield Result("growth_backlog_live_p95_when_quiet", quiet[int(len(quiet) * 0.95)], "s", None, None, len(quiet))
    yield Result("growth_backlog_memory_before", max(before), "MB", None, None, len(before))
    yield Result("growth_backlog_memory_most", max(during), "MB", max(during) / max(before), "before it", len(during))
    yield Result("growth_backlog_memory_second_half", max(half), "MB", max(half) / min(half), "the least of the second half", len(half))
    yield Result("growth_backlog_memory_after", watching.highest(last - 2, last)[-1], "MB", None, None, 1)
    for at, size in watching.memory[::8]:
        print(f"{at - begun:6.1f} s {size:7.0f} MB")
