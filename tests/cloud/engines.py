"""Telemetry engines from Debian, as plain processes in a temporary folder, on free loopback ports."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from .conftest import HTTP, SYSTEM, accepts, free_port, until

INFLUX_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{other}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
  {more}
[monitor]
  store-enabled = false
[logging]
  level = "error"
"""


class EngineProcess:
    """A server that can be killed and started again on its port and folder."""

    program = ""
    package = ""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.port, self.other = free_port(), free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    @property
    def root(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """For ``telemetry.url``."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """What is started."""
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it answers."""
        path = shutil.which(self.program, path=SYSTEM)
        assert path, f"{self.program} is missing: apt install {self.package}"
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen([path, *self.command()], stdout=log, stderr=log)
        assert until(self.answers, 60), f"{self.program} does not answer: {(self.folder / 'log').read_text()[-1000:]}"

    def answers(self) -> bool:
        """Whether it is up."""
        assert self.process.poll() is None, (self.folder / "log").read_text()[-1000:]
        try:
            return accepts(self.port) and HTTP.get(f"{self.root}/ping").status_code == 204
        except httpx.TransportError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop it."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(60)

    def kill(self) -> None:
        """kill -9."""
        self.stop(signal.SIGKILL)


class Influx(EngineProcess):
    """``influxd`` 1.6; ``options`` are lines of its [http] section."""

    program, package = "influxd", "influxdb"
    database = "kampung"

    @property
    def url(self) -> str:
        return f"influxdb:{self.root}/{self.database}"

    def command(self) -> list[str]:
        file = self.folder / "influxdb.conf"
        file.write_text(INFLUX_CONFIG.format(folder=self.folder, port=self.port, other=self.other, more="\n  ".join(self.options)))
        return ["-config", str(file)]


class Victoria(EngineProcess):
    """``victoria-metrics``; ``options`` are flags."""

    program, package = "victoria-metrics", "victoria-metrics"

    @property
    def url(self) -> str:
        return f"victoriametrics:{self.root}"

    def command(self) -> list[str]:
        usual = ("-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms")
        flags = [f for f in usual if f.partition("=")[0] not in {o.partition("=")[0] for o in self.options}] + list(self.options)
        where = (f"-httpListenAddr=127.0.0.1:{self.port}", f"-storageDataPath={self.folder}/data")
        return [*where, "-loggerLevel=ERROR", "-memory.allowedBytes=256MB", *flags]


ENGINES: dict[str, type[EngineProcess]] = {"influxdb": Influx, "victoriametrics": Victoria}
KEEPING = ["duckdb:telemetry.duckdb", *ENGINES]
"""Engines that keep what they have, by their fixed URL or the name of their server."""


class EngineUrls:
    """URLs of engines that hold nothing, by their names in ``KEEPING``. InfluxDB is started once, and gives each its own database.

    VictoriaMetrics knows no databases, so it is started for each: 0.15 s.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._influx: Influx | None = None
        self._numbers = itertools.count()

    @contextmanager
    def __call__(self, name: str) -> Iterator[str]:
        """The URL of an engine, for as long as this lasts."""
        number = next(self._numbers)
        if name == "influxdb":
            self._influx = self._influx or Influx(self.folder / "influxdb")
            yield f"influxdb:{self._influx.root}/kampung-{number}"
        elif name in ENGINES:
            server = ENGINES[name](self.folder / f"{name}-{number}")
            try:
                yield server.url
            finally:
                server.kill()
        else:
            yield name

    def close(self) -> None:
        """Stop what was started."""
        if self._influx is not None:
            self._influx.kill()
