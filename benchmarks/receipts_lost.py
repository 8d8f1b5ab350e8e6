"""100,000 packs from a real edge while a fifth of the receipts is lost: the cloud holds each row once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from kampung_sim.proxy import Mode, Proxy

from benchmarks.agent import Agent, fill, minutes
from benchmarks.backlog import stored
from benchmarks.place import place
from benchmarks.result import Result

COUNT = 100_000
SHARE = 0.2
EAGER = """
[uplink]
window = 256
resend_s = 0.5
"""


@dataclass(frozen=True)
class Done:
    """``rows`` that are stored in the end, ``dropped`` receipts, and the seconds it took."""

    rows: int
    dropped: int
    seconds: float


def lose(count: int, share: float, seconds: float) -> Done:
    """``count`` packs of one row while ``share`` of the receipts is lost. Raises ``TimeoutError`` after ``seconds``."""
    with place() as here:
        proxy = Proxy(here.mqtt_port, seed=3)
        agent = Agent(here.folder, "kios-ulang", proxy.port, EAGER)
        fill(agent.spool, minutes(count, 1, round(time.time() * 1000) - 120_000, 1_000))
        here.start_cloud()
        proxy.set(Mode.NO_RECEIPT, share=share)
        try:
            agent.start()
            took = agent.drained(seconds)
            return Done(stored(here, agent.node), proxy.dropped, took)
        finally:
            agent.process.stop()
            proxy.close()


def run() -> Iterator[Result]:
    """Raises ``AssertionError`` when stored rows are other than sent rows."""
    done = lose(COUNT, SHARE, 1800)
    if done.rows != COUNT:
        raise AssertionError(f"{done.rows} rows stored of {COUNT} sent")
    if not done.dropped:
        raise AssertionError("no receipt was lost")
    yield Result("receipts_lost_missing_or_double_rows", done.rows - COUNT, "rows", None, None, COUNT)
    yield Result("receipts_lost_dropped", done.dropped, "receipts", None, None, COUNT)
    yield Result("receipts_lost_rate", COUNT / done.seconds, "packs/s", None, None, COUNT)
