"""A day without a link ends for 125 kiosks at once: 5.4 million readings drain through mosquitto while 217 kiosks go on measuring.

Backlog is sent by the edge's own rule for what may be without a receipt (``kampung_edge.flight``). Fresh readings are followed to the
regency's event stream, where pages see them.
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
from kampung_edge.config import UplinkSetting
from kampung_edge.flight import Flight

from benchmarks.place import EPOCH, QUANTITIES, VILLAGE, Place, place
from benchmarks.proc import status_mb
from benchmarks.result import Result

KIOSKS, AWAY = 217, 125
SERIES, ROUNDS, PACKS = 30, 16, 90
"""A pack of a backlog holds 16 minutes of 30 sensors; 90 of them are a day."""
BEFORE = 40
"""Packs of the day before, that come in first: a regency that has been at work for a day has closed tables and files before."""
BACKLOG = AWAY * PACKS * SERIES * ROUNDS
MINUTE_MS = 60_000
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


class Kiosk:
    """What waits at a kiosk, and its rule for what may be under way: the edge's own."""

    def __init__(self, number: int, backlog: list[tuple[int, bytes]]) -> None:
        self.address = Address(VILLAGE, f"kios-{number}")
        self.first = 20 + number / 9
        self.backlog = deque(backlog)
        self.fresh: deque[tuple[int, bytes]] = deque()
        self.flight = Flight(UplinkSetting().window, UplinkSetting().resend_s)
        self.live = 0
        self.measured: dict[int, float] = {}


class Kiosks:
    """All kiosks on one connection. ``start`` begins their backlog; fresh readings are sent by ``measure``."""

    def __init__(self, port: int, now: int) -> None:
        start, length = now - (BEFORE + PACKS) * ROUNDS * MINUTE_MS, ROUNDS * MINUTE_MS
        self.all: dict[str, Kiosk] = {}
        for number in range(KIOSKS):
            kiosk = Kiosk(number, [])
            for seq in range(1, BEFORE + PACKS + 1 if number < AWAY else 1):
                at = start + (seq - 1) * length
                kiosk.backlog.append((seq, pack(EPOCH, seq, range(at, at + length, MINUTE_MS), kiosk.first)))
            self.all[kiosk.address.node] = kiosk
        self.left = self.fresh_left = 0
        self.done = threading.Event()
        self.stored: list[tuple[float, float]] = []
        """When fresh readings were measured (s since 1970), and how many seconds later they had their receipt."""
        self._upto = 0
        self._lock = threading.Lock()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="kiosks-bench")
        self._client.max_inflight_messages_set(60_000)
        self._client.on_message = self._receipt
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_connect = lambda c, *_: c.subscribe(Address(VILLAGE, "kios-0").receipt.replace("kios-0", "+"), 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if not ready.wait(10):
            raise TimeoutError("no subscription to receipts")

    def _receipt(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        receipt, kiosk = decode_receipt(message.payload), self.all[message.topic.split("/")[4]]
        live = receipt.epoch == LIVE_EPOCH  # another epoch so that both kinds count up; an edge has one
        told = {-seq if live else seq for first, last in receipt.ranges for seq in range(first, last + 1)}
        with self._lock:
            told &= set(kiosk.flight.packs)
            kiosk.flight.receipted(told, receipt.credit, time.monotonic())
            if live:
                self.fresh_left -= len(told)
                now = time.time()
                self.stored += [(t, now - t) for seq in told if (t := kiosk.measured.pop(seq))]
            else:
                self.left -= len(told)
            self._send(kiosk)
            if not self.left:
                self.done.set()

    def start(self, packs: int) -> None:
        """The link is back, for the next ``packs`` of each kiosk that was away."""
        with self._lock:
            self._upto += packs
            self.left += packs * AWAY
            self.done.clear()
            for kiosk in self.all.values():
                self._send(kiosk)

    def _send(self, kiosk: Kiosk) -> None:
        """What is fresh before what is old, as an edge does."""
        flight = kiosk.flight
        while kiosk.fresh and flight.room():
            self._publish(kiosk, Lane.LIVE, *kiosk.fresh.popleft())
        while kiosk.backlog and kiosk.backlog[0][0] <= self._upto and flight.rest():
            self._publish(kiosk, Lane.BACKFILL, *kiosk.backlog.popleft())

    def _publish(self, kiosk: Kiosk, lane: Lane, seq: int, payload: bytes) -> None:
        kiosk.flight.sent(seq, time.monotonic())
        self._client.publish(kiosk.address.up(lane), payload, 1)

    def measure(self, number: int, t: int) -> None:
        """A kiosk's sensors now."""
        kiosk = self.all[f"kios-{number}"]
        kiosk.live += 1
        kiosk.measured[-kiosk.live] = t / 1000
        payload = pack(LIVE_EPOCH, kiosk.live, range(t, t + 1), kiosk.first)
        with self._lock:
            self.fresh_left += 1
            kiosk.fresh.append((-kiosk.live, payload))
            self._send(kiosk)

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
            self.kiosks.measure(kiosk, t)
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
        """Seconds until pages were told of what was measured between two moments (s since 1970). One never told is as old as it is."""
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
    held, wanted = sum(int(n["readings"]) for n in nodes), AWAY * (BEFORE + PACKS) * SERIES * ROUNDS + live * SERIES
    if held != wanted or not all(n["complete"] for n in nodes):
        raise AssertionError(
            f"sent {wanted:,} readings, the store holds {held:,}; {sum(not n['complete'] for n in nodes)} kiosks not complete"
        )
    return held


def drain(kiosks: Kiosks, packs: int) -> None:
    """Return when the next ``packs`` of each kiosk have their receipts."""
    kiosks.start(packs)
    if not kiosks.done.wait(900):
        raise TimeoutError(f"{kiosks.left} packs without a receipt after 15 minutes")


def run() -> Iterator[Result]:
    """What came before; twenty quiet seconds; the backlog; twenty quiet seconds."""
    with place() as here:
        here.start_cloud()
        kiosks = Kiosks(here.mqtt_port, round(time.time() * 1000) - 120_000)
        watching = Watching(here, kiosks)
        time.sleep(5)
        drain(kiosks, BEFORE)
        first = time.time()
        time.sleep(QUIET_S)
        begun = time.time()
        drain(kiosks, PACKS)
        ended = time.time()
        time.sleep(QUIET_S)
        watching.ended.set()
        last = time.time()
        deadline = time.monotonic() + 30
        while kiosks.fresh_left and time.monotonic() < deadline:
            time.sleep(0.1)
        held = reconciled(here, len(watching.sent))
        kiosks.close()
    quiet, meanwhile = watching.ages(first + 5, begun), watching.ages(begun, ended)
    before, during = watching.highest(first + 5, begun), watching.highest(begun, ended)
    half = watching.highest(begun + (ended - begun) / 2, ended)
    yield Result("growth_backlog_drained", BACKLOG / (ended - begun), "readings/s", None, None, held)
    yield Result("growth_backlog_seconds", ended - begun, "s", None, None, BACKLOG)
    yield Result("growth_backlog_live_p95", meanwhile[int(len(meanwhile) * 0.95)], "s", None, None, len(meanwhile))
    stored = sorted(seconds for t, seconds in kiosks.stored if begun <= t <= ended)
    yield Result("growth_backlog_live_receipt_p95", stored[int(len(stored) * 0.95)], "s", None, None, len(stored))
    yield Result("growth_backlog_live_p95_when_quiet", quiet[int(len(quiet) * 0.95)], "s", None, None, len(quiet))
    yield Result("growth_backlog_memory_before", max(before), "MB", None, None, len(before))
    yield Result("growth_backlog_memory_most", max(during), "MB", max(during) / max(before), "before it", len(during))
    yield Result("growth_backlog_memory_second_half", max(half), "MB", max(half) / min(half), "the least of the second half", len(half))
    yield Result("growth_backlog_memory_after", watching.highest(last - 2, last)[-1], "MB", None, None, 1)
    for at, size in watching.memory[::8]:
        print(f"{at - begun:6.1f} s {size:7.0f} MB")
