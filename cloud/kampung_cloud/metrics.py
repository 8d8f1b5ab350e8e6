"""Figures for Prometheus, in a registry of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from kampung_contract.errors import ConfigurationError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Report = Callable[[], Mapping[str, Mapping[str, object]]]
"""What works, by part."""


class Metrics:
    """Counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.packs = Counter("kampung_packs", "Packs committed, by lane", ["lane"], registry=registry)
        self.readings = Counter("kampung_readings", "New readings committed", registry=registry)
        self.duplicates = Counter("kampung_duplicate_readings", "Readings that were there already", registry=registry)
        self.dead_letters = Counter("kampung_dead_letters", "Messages and columns set aside, by code", ["code"], registry=registry)
        self.discarded = Counter("kampung_dead_letters_discarded", "Dead letters that had to go because too many came", registry=registry)
        self.replayed = Counter("kampung_dead_letters_replayed", "Dead letters taken up again, by result", ["result"], registry=registry)
        self.reused = Counter("kampung_reused_readings", "New readings in packs whose number was taken", registry=registry)
        self.overflow = Counter("kampung_ingest_overflow", "Messages left unacknowledged because the queue was full", registry=registry)
        self.commit = Histogram(
            "kampung_commit_seconds",
            "Time of a telemetry commit",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        self._queue = Gauge("kampung_ingest_queue", "Messages that wait to be committed", registry=registry)
        self._alarms = Gauge("kampung_alarms_waiting", "Rules to be counted anew, and alarms to be saved", registry=registry)
        self._nodes = Gauge("kampung_nodes_online", "Nodes that are online", registry=registry)

    def watch(self, queue: Callable[[], float], nodes: Callable[[], float], alarms: Callable[[], float]) -> None:
        """Read these whenever somebody asks."""
        self._queue.set_function(queue)
        self._alarms.set_function(alarms)
        self._nodes.set_function(nodes)

    def tell(self, report: Report) -> None:
        """Also how every part is, as ``healthz`` says it."""
        self.registry.register(_Parts(report))

    @contextmanager
    def served(self, port: int | None) -> Iterator[int]:
        """At http://127.0.0.1:PORT/metrics while the block runs, for a process without an API; None is nowhere, 0 any free port.

        Raises ``ConfigurationError`` for a port that another program has.
        """
        if port is None:
            yield 0
            return
        try:
            server, thread = start_http_server(port, "127.0.0.1", self.registry)
        except OSError as error:
            raise ConfigurationError(f"--metrics-port {port}: {error.strerror}; choose another, each process needs its own") from None
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def render(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self.registry)


class _Parts(Collector):
    """Read when somebody asks; parts come and go."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One figure a part."""
        family = GaugeMetricFamily("kampung_part_ok", "1 while a part works, 0 while it does not; healthz says why", labels=["part"])
        for name, check in self._report().items():
            family.add_metric([name], float(bool(check["ok"])))
        yield family
