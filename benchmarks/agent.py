"""A real edge agent for a measurement, with a spool that was filled before it starts."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from kampung_contract.pack import Clock, column
from kampung_contract.topics import Lane
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
from kampung_sim.process import Process, answers, free_port

from benchmarks.place import QUANTITIES

MINUTE = 60_000
BOOT = "0a1b2c3d"

EDGE = """
village = "35.10.24.2008"
node = "{node}"
data = "{node}"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[kiosk]
port = {kiosk}
{more}
"""


class Agent:
    """``folder`` holds its configuration and data; the spool may be filled while it does not run."""

    def __init__(self, folder: Path, node: str, mqtt: int, more: str = "") -> None:
        self.node, self.kiosk = node, free_port()
        self.spool = folder / node / "spool.sqlite"
        self.spool.parent.mkdir()
        file = folder / f"{node}.toml"
        file.write_text(EDGE.format(node=node, mqtt=mqtt, kiosk=self.kiosk, more=more), encoding="utf-8")
        health = f"http://127.0.0.1:{self.kiosk}/api/health"
        command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(file)]
        self.process = Process("edge", command, folder / f"{node}.log", lambda: answers(health))

    def start(self) -> float:
        """Seconds until the kiosk answers."""
        begun = time.perf_counter()
        self.process.start()
        self.process.wait_ready(60)
        return time.perf_counter() - begun

    def health(self) -> dict[str, Any]:
        """As the kiosk says it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.kiosk}/api/health", timeout=10) as answer:
            return dict(json.load(answer))

    def drained(self, seconds: float) -> float:
        """Seconds until nothing waits any more. Raises ``TimeoutError``."""
        begun = time.perf_counter()
        while (waiting := self.health()["spool"]["packs"]) > 0:
            if time.perf_counter() - begun > seconds:
                raise TimeoutError(f"{waiting} packs still wait after {seconds:.0f} s")
            time.sleep(0.1)
        return time.perf_counter() - begun


def fill(spool: Path, drafts: Iterable[Draft], at_once: int = 500) -> None:
    """Append, ``at_once`` packs in a transaction."""
    file, rest = Spool(spool), iter(drafts)
    while group := list(islice(rest, at_once)):
        file.append(group, BOOT, Clock(True, 1))
    file.close()


def minutes(count: int, sensors: int, stop: int, step: int = MINUTE) -> Iterator[Draft]:
    """One pack a minute with one reading of each sensor, the last before ``stop`` ms UTC."""
    for index in range(count):
        at = stop - (count - index) * step
        columns = []
        for sensor in range(sensors):
            quantity, unit = QUANTITIES[sensor % len(QUANTITIES)]
            columns.append(column(f"alat-{sensor}/{quantity}", unit, [(at, round(20 + (index * 7 + sensor * 3) % 100 / 10, 1), 1)]))
        yield Draft(Lane.BACKFILL, columns)
