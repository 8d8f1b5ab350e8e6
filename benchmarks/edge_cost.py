"""What an edge agent costs its kiosk: memory, processor time idle and at 100 readings a second, bytes written in a day."""

from __future__ import annotations

import os
import sys
import time
import tty
from collections.abc import Iterator

from kampung_bridge.a02yyuw import encode_a02yyuw

from benchmarks.agent import Agent
from benchmarks.place import place
from benchmarks.proc import cpu_s, status_mb
from benchmarks.proc import written as bytes_written
from benchmarks.result import Result

SENSORS = 20
IDLE_S, BUSY_S = 20.0, 20.0
MINUTES = 1_440
PACE = 400
"""The accelerated day: a minute is 0.15 s, and what the agent does by the clock it does so much more often."""
PORT = """
[[port]]
name = "line-{n}"
url = "{url}"
[[port.device]]
name = "kali-{n}"
profile = "a02yyuw"
every = 0
"""
HURRIED = f"""
import sys
import kampung_edge.app as app, kampung_edge.view as view, kampung_edge.presence as presence
app.HOUSEKEEPING_S, app.QUIET_FLUSH_S = 0.02, app.QUIET_FLUSH_S / {PACE}
view.FLUSH_S, view.PRUNE_S, presence.RENEW_S = view.FLUSH_S / {PACE}, view.PRUNE_S / {PACE}, presence.RENEW_S / {PACE}
from kampung_edge.main import cli
cli()
"""


def run() -> Iterator[Result]:
    """Twenty sensors on twenty lines (a thread each, the dearest way), the real agent, broker and cloud on this machine."""
    lines = [os.openpty() for _ in range(SENSORS)]
    for _, theirs in lines:
        tty.setraw(theirs)
    try:
        ports = "".join(PORT.format(n=n, url=os.ttyname(theirs)) for n, (_, theirs) in enumerate(lines))
        with place() as here:
            here.start_cloud()
            agent = Agent(here.folder, "kios-biaya", here.mqtt_port, ports)
            try:
                yield from _processor(agent, [ours for ours, _ in lines])
            finally:
                agent.process.stop()
            hurried = Agent(here.folder, "kios-sehari", here.mqtt_port, ports + f"[spool]\ncommit_ms = {60_000 // PACE // 3}\n")
            hurried.process.command = [sys.executable, "-c", HURRIED, *hurried.process.command[1:]]
            try:
                yield from _day(hurried, [ours for ours, _ in lines])
            finally:
                hurried.process.stop()
    finally:
        for pair in lines:
            for end in pair:
                os.close(end)


def _processor(agent: Agent, lines: list[int]) -> Iterator[Result]:
    agent.start()
    pid = agent.process.pid
    assert pid is not None
    _round(lines, 0)
    time.sleep(5)
    before, begun = cpu_s(pid), time.perf_counter()
    time.sleep(IDLE_S)
    yield Result("edge_cpu_idle", 100 * (cpu_s(pid) - before) / (time.perf_counter() - begun), "% of a core", None, None, 1)
    before, begun, rounds = cpu_s(pid), time.perf_counter(), 0
    while (now := time.perf_counter()) - begun < BUSY_S:
        _round(lines, rounds)
        rounds += 1
        time.sleep(max(0.0, begun + rounds * SENSORS / 100 - now))
    busy = 100 * (cpu_s(pid) - before) / (time.perf_counter() - begun)
    yield Result("edge_cpu_100_readings_a_second", busy, "% of a core", None, None, rounds * SENSORS)
    yield Result("edge_memory", status_mb(pid, "VmRSS"), "MB", None, None, 1)
    yield Result("edge_memory_at_most", status_mb(pid, "VmHWM"), "MB", None, None, 1)


def _day(agent: Agent, lines: list[int]) -> Iterator[Result]:
    agent.start()
    pid = agent.process.pid
    assert pid is not None
    time.sleep(2)
    first, before, begun = agent.health()["spool"]["next_seq"], bytes_written(pid), time.perf_counter()
    for minute in range(MINUTES):
        _round(lines, minute)
        time.sleep(max(0.0, begun + (minute + 1) * 60 / PACE - time.perf_counter()))
    time.sleep(2)
    written, spool = bytes_written(pid) - before, agent.health()["spool"]
    packs = spool["next_seq"] - first
    if not MINUTES * 0.9 <= packs <= MINUTES * 1.5:
        raise AssertionError(f"{packs} packs for {MINUTES} minutes: that was no day in haste")
    yield Result("edge_bytes_written_a_day", written / 1e6, "MB", None, None, MINUTES * SENSORS)
    yield Result("edge_bytes_written_a_reading", written / MINUTES / SENSORS, "bytes", None, None, MINUTES * SENSORS)


def _round(lines: list[int], n: int) -> None:
    for index, line in enumerate(lines):
        os.write(line, encode_a02yyuw(500 + (n * 7 + index * 31) % 3_000))
