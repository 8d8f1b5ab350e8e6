"""A killed edge with a million packs in its spool: seconds until its kiosk answers again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kampung_sim.process import free_port

from benchmarks.agent import Agent, fill, minutes
from benchmarks.result import Result

ROWS = 1_000_000
TIMES = 5


def run() -> Iterator[Result]:
    """One row a pack, the most packs a million rows can be; nobody is there to take them. The file is in the page cache."""
    with tempfile.TemporaryDirectory() as folder:
        agent = Agent(Path(folder), "kios-juta", free_port())
        fill(agent.spool, minutes(ROWS, 1, round(time.time() * 1000), 500), 20_000)
        took = []
        for _ in range(TIMES):
            took.append(agent.start())
            waiting = agent.health()["spool"]["packs"]
            agent.process.kill()
            if waiting != ROWS:
                raise AssertionError(f"{waiting} packs wait, {ROWS} were spooled")
    yield Result("restart_with_a_million_rows_max", max(took), "s", None, None, ROWS)
