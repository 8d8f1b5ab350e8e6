"""Servers of others to measure against, from Debian's packages, each in a temporary folder on free ports."""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kampung_sim.process import Process, free_port, listening

INFLUX = """
reporting-disabled = true
bind-address = "127.0.0.1:{other}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
  cache-max-memory-size = "4g"
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "error"
"""


class Engine:
    """A running server; ``folder`` is where it keeps its data."""

    def __init__(self, process: Process, port: int, folder: Path) -> None:
        self.process, self.port, self.folder = process, port, folder

    def ask(self, path: str, **values: str) -> Any:
        """The JSON answer to a GET."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        line.request("GET", f"{path}?{urllib.parse.urlencode(values)}")
        answer = line.getresponse()
        text = answer.read()
        line.close()
        if answer.status >= 300:
            raise AssertionError(f"{path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text.startswith((b"{", b"[")) else text.decode()

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
def _running(name: str, command: list[str], folder: Path, port: int) -> Iterator[Engine]:
    process = Process(name, command, folder.parent / f"{name}.log", lambda: listening(port))
    process.start()
    try:
        process.wait_ready(60)
        yield Engine(process, port, folder)
    finally:
        process.stop()


@contextlib.contextmanager
def victoria_metrics() -> Iterator[Engine]:
    """VictoriaMetrics, single node; told to take any series and to keep for ever."""
    program = _find("victoria-metrics")
    with tempfile.TemporaryDirectory() as place:
        folder, port = Path(place) / "data", free_port()
        options = [f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-loggerLevel=ERROR"]
        options += ["-search.maxUniqueTimeseries=1000000", "-search.latencyOffset=0s", "-search.disableCache"]
        with _running("victoria-metrics", [program, *options], folder, port) as engine:
            yield engine


@contextlib.contextmanager
def influxdb() -> Iterator[Engine]:
    """InfluxDB 1.6 with a database ``bench``, its TSI or in-memory index as Debian has it."""
    program = _find("influxd")
    with tempfile.TemporaryDirectory() as place:
        folder, port = Path(place) / "data", free_port()
        folder.mkdir()
        config = Path(place) / "influx.conf"
        config.write_text(INFLUX.format(folder=folder, port=port, other=free_port()), encoding="utf-8")
        with _running("influxd", [program, "-config", str(config)], folder, port) as engine:
            engine.post("/query?q=CREATE%20DATABASE%20bench", [b""])
            yield engine


def _find(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/bin:/usr/bin")
    if found is None:
        raise FileNotFoundError(f"{program} is not installed; apt install victoria-metrics influxdb")
    return found
