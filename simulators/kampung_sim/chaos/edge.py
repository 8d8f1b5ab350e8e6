"""One kiosk under faults: its program, its sensors, its link, its disk, and when it died."""

from __future__ import annotations

import json
import random
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kampung_sim.chaos.busy import Busy
from kampung_sim.chaos.damage import Held, harm
from kampung_sim.chaos.diary import Diary
from kampung_sim.chaos.disk import Disk
from kampung_sim.chaos.ledger import Death, Line
from kampung_sim.chaos.link import Link
from kampung_sim.chaos.program import Program
from kampung_sim.chaos.sensor import Counter
from kampung_sim.chaos.wallclock import WallClock
from kampung_sim.process import Process, free_port

VILLAGE = "35.10.24.2008"
COMMIT_MS = 200
MARGIN_MS = 50
"""For what no look from outside sees: a lock that changes hands, a timer that is late."""
WINDOW_MS = COMMIT_MS + MARGIN_MS
"""What an edge has read may be lost for so much of its own time: it promises a commit after ``commit_ms``, which it must then carry out."""

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
    """``edges`` of them with ``sensors`` each; ``rates`` in frames a second from each sensor, dealt to the edges in turn; ``seed`` for the
    dice of their links; ``clocks``: each has a wall clock that can jump; ``killed``: their deaths are to be judged."""

    edges: int
    sensors: int
    rates: tuple[float, ...]
    seed: int
    clocks: bool = False
    killed: bool = True


class Edge:
    """Made before its program starts; ``close`` when that has ended."""

    def __init__(self, folder: Path, number: int, mqtt: int, kiosks: Kiosks) -> None:
        self.node = f"kios-{number}"
        self.folder = folder / self.node
        self.rate = kiosks.rates[(number - 1) % len(kiosks.rates)]
        self.link = Link(mqtt, kiosks.seed + number)
        self.deaths: list[Death] = []
        self.damages: list[Held] = []
        self.full = False
        self.shifts: set[int] = set()
        self._kiosk = free_port()
        self._killed = kiosks.killed
        (self.folder / "dev").mkdir(parents=True)
        self.disk = Disk(self.folder / "data")
        config = EDGE.format(village=VILLAGE, node=self.node, mqtt=self.link.port, kiosk=self._kiosk, commit=COMMIT_MS)
        config += "".join(PORT.format(n=n) for n in range(1, kiosks.sensors + 1))
        (self.folder / "edge.toml").write_text(config, encoding="utf-8")
        self.lines = [Line(f"{self.node}.alat-{n}.distance", self.node) for n in range(1, kiosks.sensors + 1)]
        self.sensors = [Counter(self.folder / "dev" / f"uart-{n}", line, self.rate) for n, line in enumerate(self.lines, start=1)]
        command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(self.folder / "edge.toml")]
        self.clock = WallClock(self.folder) if kiosks.clocks else None
        env = self.clock.env if self.clock else None
        log = folder / "log" / f"{self.node}.log"
        self.busy, self.diary = Busy(disk=not self.disk.mounted), Diary(log)
        process = Process(self.node, command, log, self._reads, env)
        self.program = Program(process, on_ready=self._ready, on_death=self._died, on_start=self._born, on_look=self._look)

    @property
    def spool(self) -> Path:
        """The file in which readings wait."""
        return self.folder / "data" / "spool.sqlite"

    def health(self) -> dict[str, Any]:
        """As the kiosk says it; empty while it does not answer."""
        try:
            return dict(ask(f"http://127.0.0.1:{self._kiosk}/api/health", 1.0))
        except (OSError, ValueError):
            return {}

    def empty(self) -> bool:
        """Nothing waits at this edge."""
        health = self.health()
        return bool(health) and health["spool"]["packs"] == 0 and health["intake"]["queued"] == 0 and self.diary.refused is None

    def damage(self, kind: str, dice: random.Random) -> bool:
        """Kill it and damage its spool; False when it does not run."""
        if not self.program.kill():
            return False
        copy = self.folder / "damaged" / str(len(self.damages) + 1)
        held = harm(self.spool, kind, copy, dice)
        if held is not None:
            self.damages.append(held)
        return True

    def fill(self) -> bool:
        """The disk takes nothing more; False when it does not already, or nobody would notice."""
        pid = self.program.process.pid
        if pid is None or self.full:
            return False
        self.full = True
        self.disk.fill(pid)
        return True

    def free(self) -> None:
        """The disk has room."""
        self.disk.free()
        self.full = False

    def close(self) -> None:
        """Everything but the program."""
        for sensor in self.sensors:
            sensor.stop()
        self.link.close()
        self.disk.close()

    def _reads(self) -> bool:
        ports = self.health().get("ports", [])
        return bool(ports) and all(p["state"] == "up" for p in ports)

    def _ready(self) -> None:
        for sensor in self.sensors:
            sensor.listen()

    def _born(self) -> None:
        self.busy.born(_now())
        self.diary.born(_now())

    def _look(self, pid: int) -> None:
        self.diary.read(_now())
        if self._killed:
            self.busy.look(pid, _now())

    def _died(self) -> None:
        now = _now()
        self.diary.read(now)
        still, refused = self.program.freezes, self.diary.refused
        safe = self.busy.back(now, WINDOW_MS, still)
        self.deaths.append(Death(now, safe, None if refused is None else self.busy.back(refused, WINDOW_MS, still)))
        for sensor in self.sensors:
            sensor.died(now)


def ask(url: str, seconds: float) -> Any:
    """A JSON answer."""
    with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - our own loopback address
        return json.load(answer)


def _now() -> int:
    return time.time_ns() // 1_000_000
