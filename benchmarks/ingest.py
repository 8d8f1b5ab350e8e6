"""Packs through a real broker until they are committed and receipted (QoS 1, DuckDB, transaction per batch)."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.place import Edge, packs, place
from benchmarks.result import Result

START = 1_790_000_000_000


def run() -> Iterator[Result]:
    """Committed readings per second, packs of 500 and of 100; checked against what the store then holds."""
    for readings, count in ((500, 2_000), (100, 4_000)):
        payloads = packs(count, readings, 20, START)
        with place() as here:
            here.start_cloud()
            edge = Edge(here.mqtt_port, "kios-ukur")
            begun = time.perf_counter()
            edge.send(payloads)
            edge.wait(count)
            seconds = time.perf_counter() - begun
            edge.close()
            held = [n["readings"] for n in here.ask("/api/v1/nodes")]
        if held != [count * readings]:
            raise AssertionError(f"sent {count * readings} readings, the store holds {held}")
        yield Result(f"ingest_packs_of_{readings}", count * readings / seconds, "readings/s", None, None, count * readings)
