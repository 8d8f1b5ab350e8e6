"""Seven days of twenty sensors a minute, waiting at a real edge, drained over a local link and over 56 kB/s while fresh readings come."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator

from kampung_sim.chaos.ledger import Line
from kampung_sim.chaos.sensor import Counter
from kampung_sim.proxy import Mode, Proxy

from benchmarks.agent import Agent, fill, minutes
from benchmarks.place import Place, place
from benchmarks.result import Result

PACKS, SENSORS = 7 * 24 * 60, 20
RATE = 56_000
LIVE = """
[[port]]
name = "uart"
url = "{link}"
[[port.device]]
name = "kali-1"
profile = "a02yyuw"
every = 0
"""


def stored(here: Place, node: str) -> int:
    """Readings the cloud holds of a node."""
    return sum(int(n["readings"]) for n in here.ask("/api/v1/nodes") if n["node"] == node)


def listen(port: int, node: str, told: dict[int, float], ended: threading.Event) -> None:
    """Note when the regency's event stream tells each fresh reading of ``kali-1``, in millimetres; seconds since 1970."""
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    stream.request("GET", "/api/v1/stream")
    answer = stream.getresponse()
    while not ended.is_set() and (line := answer.readline()):
        if line.startswith(b"data:") and f"{node}.kali-1.".encode() in line and b'"value"' in line:
            told.setdefault(round(json.loads(line[5:])["value"] * 1000), time.time())
    stream.close()


def ages(truth: Line, told: dict[int, float], now: float) -> list[float]:
    """Of each fresh reading when it was told, in seconds. The stream tells the newest of a pack; those before it came with it."""
    out, arrived = [], now
    for frame in reversed(truth.frames):
        arrived = min(arrived, told.get(frame.value, arrived))
        if frame.written / 1000 < now - 10:  # those since may still be under way
            out.append(arrived - frame.written / 1000)
    return out


def drain(rate: int | None) -> tuple[float, list[float], int]:
    """Seconds, ages of the fresh readings meanwhile in seconds (one never told counts as old as it is), and bytes over the link."""
    with place() as here:
        proxy, node = Proxy(here.mqtt_port), "kios-tujuh"
        link = here.folder / "uart"
        agent = Agent(here.folder, node, proxy.port, LIVE.format(link=link))
        fill(agent.spool, minutes(PACKS, SENSORS, round(time.time() * 1000) - 120_000))
        here.start_cloud()
        if rate is not None:
            proxy.set(Mode.SLOW, rate=rate)
        truth = Line(f"{node}.kali-1.distance", node)
        sensor = Counter(link, truth, rate=1)
        told: dict[int, float] = {}
        ended = threading.Event()
        threading.Thread(target=listen, args=(here.api_port, node, told, ended), daemon=True).start()
        sensor.start()
        try:
            agent.start()
            sensor.listen()
            begun = time.perf_counter()
            while (count := stored(here, node)) < PACKS * SENSORS:
                if time.perf_counter() - begun > 1800:
                    raise TimeoutError(f"{count:,} of {PACKS * SENSORS:,} readings after 30 minutes")
                time.sleep(0.2)
            seconds = time.perf_counter() - begun
            return seconds, ages(truth, dict(told), time.time()), proxy.count
        finally:
            ended.set()
            sensor.stop()
            agent.process.stop()
            proxy.close()


def run() -> Iterator[Result]:
    """The issue's bounds: 30 s on a local link; 1,800 s over 56 kB/s with fresh readings at most 2 s old at p95."""
    seconds, _, _ = drain(None)
    yield Result("backlog_seven_days_local", seconds, "s", None, None, PACKS * SENSORS)
    seconds, delays, carried = drain(RATE)
    yield Result("backlog_seven_days_56_kbytes", seconds, "s", None, None, PACKS * SENSORS)
    yield Result("backlog_live_p95_meanwhile", sorted(delays)[int(len(delays) * 0.95)], "s", None, None, len(delays))
    yield Result("backlog_bytes_a_reading", carried / (PACKS * SENSORS), "bytes", None, None, PACKS * SENSORS)
