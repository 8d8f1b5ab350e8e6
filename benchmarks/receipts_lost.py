"""100,000 packs from a real edge while a fifth of the receipts is lost: the cloud holds each row once."""

from __future__ import annotations

import time
from collections.abc import Iterator

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


def run() -> Iterator[Result]:
    """Raises ``AssertionError`` when stored rows are other than sent rows."""
    with place() as here:
        proxy = Proxy(here.mqtt_port, seed=3)
        agent = Agent(here.folder, "kios-ulang", proxy.port, EAGER)
        fill(agent.spool, minutes(COUNT, 1, round(time.time() * 1000) - 120_000, 1_000))
        here.start_cloud()
        proxy.set(Mode.NO_RECEIPT, share=SHARE)
        try:
            agent.start()
            seconds = agent.drained(1800)
            rows = stored(here, agent.node)
        finally:
            agent.process.stop()
            proxy.close()
    if rows != COUNT:
        raise AssertionError(f"{rows} rows stored of {COUNT} sent")
    if not proxy.dropped:
        raise AssertionError("no receipt was lost")
    yield Result("receipts_lost_missing_or_double_rows", rows - COUNT, "rows", None, None, COUNT)
    yield Result("receipts_lost_dropped", proxy.dropped, "receipts", None, None, COUNT)
    yield Result("receipts_lost_rate", COUNT / seconds, "packs/s", None, None, COUNT)
