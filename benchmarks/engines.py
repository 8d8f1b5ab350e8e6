"""Servers of others to measure against, from Debian's packages, each in a temporary folder on free ports."""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kampung_sim.engines import EngineServer, Influx, Victoria


class Line:
    """A connection that stays open, as a browser's or Grafana's does."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def ask(self, path: str, **values: str) -> Any:
        """The JSON answer to a GET."""
        self._line.request("GET", f"{path}?{urllib.parse.urlencode(values)}")
        answer = self._line.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"{path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text.startswith((b"{", b"[")) else text.decode()

    def close(self) -> None:
        """Hang up."""
        self._line.close()


class Engine:
    """A running server; ``folder`` is where it keeps its data."""

    def __init__(self, server: EngineServer) -> None:
        self.port, self.folder = server.port, server.folder

    def ask(self, path: str, **values: str) -> Any:
        """The JSON answer to a GET, over a connection of its own."""
        with contextlib.closing(Line(self.port)) as line:
            return line.ask(path, **values)

    def post(self, path: str, bodies: Sequence[bytes], lines: int = 2) -> None:
        """POST every body, over so many connections at once; return when the last is answered."""
        waiting, lock, failed = list(reversed(bodies)), threading.Lock(), []

        def work() -> None:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
            while True:
                with lock:
                    if not waiting or failed:
                        break
                    body = waiting.pop()
                line.request("POST", path, body)
                answer = line.getresponse()
                text = answer.read()
                if answer.status >= 300:
                    failed.append(f"{path}: {answer.status} {text[:300]!r}")
            line.close()

        threads = [threading.Thread(target=work) for _ in range(lines)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise AssertionError(failed[0])

    def size(self) -> int:
        """Bytes of all its files."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def _running(kind: type[EngineServer], *options: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as place:
        server = kind(Path(place) / "data", *options)
        try:
            yield Engine(server.up())
        finally:
            server.stop()


@contextlib.contextmanager
def victoria_metrics() -> Iterator[Engine]:
    """VictoriaMetrics, single node; told to take any series and to keep for ever."""
    options = ("-search.maxUniqueTimeseries=1000000", "-search.latencyOffset=0s", "-search.disableCache", "-dedup.minScrapeInterval=0s")
    with _running(Victoria, *options) as engine:
        yield engine


@contextlib.contextmanager
def influxdb() -> Iterator[Engine]:
    """InfluxDB 1.6 with a database ``bench``, its TSI or in-memory index as Debian has it."""
    with _running(Influx, 'data.cache-max-memory-size="4g"') as engine:
        engine.post("/query?q=CREATE%20DATABASE%20bench", [b""])
        yield engine
