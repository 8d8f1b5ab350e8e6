"""The village the faults happen to: broker, cloud and edges as processes, each edge behind a link of our own."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kampung_contract.errors import KampungError

from kampung_sim.chaos.brokers import Broker, broker
from kampung_sim.chaos.disk import Disk
from kampung_sim.chaos.ledger import Death, Line
from kampung_sim.chaos.program import Program
from kampung_sim.chaos.sensor import Counter
from kampung_sim.chaos.wallclock import WallClock
from kampung_sim.process import Process, answers, free_port
from kampung_sim.proxy import Proxy

VILLAGE = "35.10.24.2008"
COMMIT_MS = 200
COMMIT_ALLOWANCE_MS = 1_000
"""For the commit under way and the one that follows it, on a machine that does many things at once."""

CLOUD = """
data = "cloud"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[telemetry]
url = "{telemetry}"
[records]
url = "sqlite:records.sqlite"
[api]
host = "127.0.0.1"
port = {api}
"""
EDGE = """
village = "{village}"
node = "{node}"
data = "data"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[kiosk]
host = "127.0.0.1"
port = {kiosk}
[spool]
commit_ms = {commit}
[uplink]
resend_s = 2.0
"""
PORT = """
[[port]]
name = "uart-{n}"
url = "dev/uart-{n}"
[[port.device]]
name = "alat-{n}"
profile = "a02yyuw"
every = 0
"""


@dataclass(frozen=True)
class Kiosks:
    """``edges`` of them with ``sensors`` each, ``rate`` frames a second from each sensor; ``seed`` for the dice of their links;
    ``clocks``: each has a wall clock that can jump."""

    edges: int
    sensors: int
    rate: float
    seed: int
    clocks: bool = False


class Edge:
    """One kiosk: its program, its sensors, its link, its disk, and when it died."""

    def __init__(self, folder: Path, number: int, mqtt: int, kiosks: Kiosks) -> None:
        self.node = f"kios-{number}"
        self.folder = folder / self.node
        self.kiosk = free_port()
        self.proxy = Proxy(mqtt, kiosks.seed + number)
        self.deaths: list[Death] = []
        self.refused_since: int | None = None
        self.damaging = False
        self.shifts: set[int] = set()
        (self.folder / "dev").mkdir(parents=True)
        self.disk = Disk(self.folder / "data")
        config = EDGE.format(village=VILLAGE, node=self.node, mqtt=self.proxy.port, kiosk=self.kiosk, commit=COMMIT_MS)
        config += "".join(PORT.format(n=n) for n in range(1, kiosks.sensors + 1))
        (self.folder / "edge.toml").write_text(config, encoding="utf-8")
        self.lines = [Line(f"{self.node}.alat-{n}.distance", self.node) for n in range(1, kiosks.sensors + 1)]
        self.sensors = [Counter(self.folder / "dev" / f"uart-{n}", line, kiosks.rate) for n, line in enumerate(self.lines, start=1)]
        command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(self.folder / "edge.toml")]
        self.clock = WallClock(self.folder) if kiosks.clocks else None
        env = self.clock.env if self.clock else None
        process = Process(self.node, command, folder / "log" / f"{self.node}.log", self._reads, env)
        self.program = Program(process, self._ready, self._died)

    @property
    def spool(self) -> Path:
        """The file in which readings wait."""
        return self.folder / "data" / "spool.sqlite"

    def health(self) -> dict[str, Any]:
        """As the kiosk says it; empty while it does not answer."""
        try:
            return dict(ask(f"http://127.0.0.1:{self.kiosk}/api/health", 1.0))
        except (OSError, ValueError):
            return {}

    def empty(self) -> bool:
        """Nothing waits at this edge."""
        health = self.health()
        return bool(health) and health["spool"]["packs"] == 0 and health["intake"]["queued"] == 0 and not self._troubled(health)

    def look_at_disk(self) -> None:
        """After a full disk: whether the edge has by now written what it held in memory."""
        if self.refused_since is not None:
            health = self.health()
            if health and not self._troubled(health):
                self.refused_since = None

    def close(self) -> None:
        """Everything but the program."""
        for sensor in self.sensors:
            sensor.stop()
        self.proxy.close()
        self.disk.close()

    @staticmethod
    def _troubled(health: dict[str, Any]) -> bool:
        return any(t.startswith("spool: ") and "damaged" not in t for t in health.get("troubles", ()))

    def _reads(self) -> bool:
        ports = self.health().get("ports", [])
        return bool(ports) and all(p["state"] == "up" for p in ports)

    def _ready(self) -> None:
        for sensor in self.sensors:
            sensor.listen()

    def _died(self) -> None:
        now = time.time_ns() // 1_000_000
        program = self.program
        since = [now]
        if program.frozen_since is not None:
            since.append(program.frozen_since)
        elif now - program.thawed < COMMIT_MS + COMMIT_ALLOWANCE_MS:
            since.append(program.froze)
        if self.refused_since is not None:
            since.append(self.refused_since)
        self.deaths.append(Death(now, min(since) - COMMIT_MS - COMMIT_ALLOWANCE_MS, self.damaging))
        for sensor in self.sensors:
            sensor.died()


class Place:
    """Started in order; ``close`` leaves nothing behind but the folder."""

    def __init__(self, folder: Path, kind: Broker, telemetry: str, kiosks: Kiosks) -> None:
        (folder / "log").mkdir(parents=True, exist_ok=True)
        self.mqtt, self.api = free_port(), free_port()
        process, self._before = broker(kind, self.mqtt, folder / "broker", folder / "log" / "broker.log")
        self.broker = Program(process)
        (folder / "cloud.toml").write_text(CLOUD.format(mqtt=self.mqtt, telemetry=telemetry, api=self.api), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("kampung-cloud")), "serve", "--config", str(folder / "cloud.toml")]
        health = f"http://127.0.0.1:{self.api}/api/v1/healthz"
        self.cloud = Program(Process("cloud", command, folder / "log" / "cloud.log", lambda: answers(health)))
        self.edges = [Edge(folder, n, self.mqtt, kiosks) for n in range(1, kiosks.edges + 1)]

    @property
    def programs(self) -> list[Program]:
        """Broker, cloud, edges."""
        return [self.broker, self.cloud, *(e.program for e in self.edges)]

    def start(self) -> None:
        """Return when all are ready. Raises ``ProcessFailed``; what was started is then to be closed."""
        for process in self._before:
            process.start()
            process.wait_ready(20)
        for program in self.programs:
            program.start()
            program.process.wait_ready(60)
        for edge in self.edges:
            for sensor in edge.sensors:
                sensor.start()

    def close(self) -> None:
        """Edges first."""
        for program in reversed(self.programs):
            program.stop()
        for process in self._before:
            process.stop()
        for edge in self.edges:
            edge.close()

    def nodes(self) -> list[dict[str, Any]]:
        """As the cloud sees the edges."""
        return list(ask(f"http://127.0.0.1:{self.api}/api/v1/nodes", 30))

    def rows(self, series: str, start: int, stop: int) -> list[tuple[int, int]]:
        """(time, millimetres) of all readings the cloud holds from ``start`` to before ``stop``, ms UTC, by time."""
        url = f"http://127.0.0.1:{self.api}/api/v1/series/{series}/window?start={start}&stop={stop}&every=raw"
        try:
            window = ask(url, 60)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            if stop - start < 2:
                raise KampungError(f"the cloud does not give {series} at {start}: {error}") from None
            middle = (start + stop) // 2
            return self.rows(series, start, middle) + self.rows(series, middle, stop)
        return [(t, round(v * 1000)) for t, v in zip(window["t"], window["v"], strict=True)]


def ask(url: str, seconds: float) -> Any:
    """A JSON answer."""
    with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - our own loopback address
        return json.load(answer)
