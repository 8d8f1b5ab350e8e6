"""Telemetry engines that are servers of their own, from Debian's packages, each in a folder and on a free loopback port."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from kampung_sim.process import Process, answers, find, free_port


class EngineServer(Process):
    """One that can be killed and started again on its port and folder. ``options`` come before the usual ones and count at each start."""

    scheme: ClassVar[str]
    program: ClassVar[str]
    package: ClassVar[str]
    health: ClassVar[str]
    """A path that is answered once it is there."""
    usual: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path, *options: str, log: Path | None = None) -> None:
        """Raises ``ConfigurationError`` where it is not installed. Its words go beside ``folder``, or to ``log``."""
        self.folder = folder
        self.options = options
        self.port, self._other = free_port(), free_port()
        self._path = find(self.program, self.package, "choose a telemetry engine that is part of the cloud, as duckdb:telemetry.duckdb")
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__("engine", [], log or folder.with_name(f"{folder.name}.log"), lambda: answers(f"{self.root}{self.health}"))

    @property
    def root(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """For ``telemetry.url``."""
        return f"{self.scheme}:{self.root}"

    def start(self) -> None:
        """Start it; its words go to ``log``."""
        named = {option.partition("=")[0] for option in self.options}
        self.command = [self._path, *self._arguments([*self.options, *(u for u in self.usual if u.partition("=")[0] not in named)])]
        super().start()

    def up(self) -> Self:
        """Start it and wait until it answers. Raises ``ProcessFailed``."""
        self.start()
        self.wait_ready(60)
        return self

    def _arguments(self, options: list[str]) -> list[str]:
        raise NotImplementedError


class Influx(EngineServer):
    """``influxd`` 1.6; ``options`` as ``http.auth-enabled=true``."""

    scheme, program, package, health = "influxdb", "influxd", "influxdb", "/query?q=SHOW+DATABASES"
    usual = (
        "data.query-log-enabled=false",
        "http.log-enabled=false",
        "monitor.store-enabled=false",
        'logging.level="error"',
    )

    def _arguments(self, options: list[str]) -> list[str]:
        own = [
            f'http.bind-address="127.0.0.1:{self.port}"',
            f'meta.dir="{self.folder}/meta"',
            f'data.dir="{self.folder}/data"',
            f'data.wal-dir="{self.folder}/wal"',
        ]
        sections: dict[str, list[str]] = {}
        for option in own + options:
            section, _, line = option.partition(".")
            sections.setdefault(section, []).append(line)
        lines = ["reporting-disabled = true", f'bind-address = "127.0.0.1:{self._other}"']
        for section, mine in sections.items():
            lines += [f"[{section}]", *mine]
        file = self.folder / "influxdb.conf"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return ["run", "-config", str(file)]


class Victoria(EngineServer):
    """``victoria-metrics``, a single node; ``options`` are flags."""

    scheme, program, package, health = "victoriametrics", "victoria-metrics", "victoria-metrics", "/health"
    usual = ("-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms", "-loggerLevel=ERROR")

    def _arguments(self, options: list[str]) -> list[str]:
        return [f"-httpListenAddr=127.0.0.1:{self.port}", f"-storageDataPath={self.folder}", *options]


ENGINES: dict[str, type[EngineServer]] = {kind.scheme: kind for kind in (Influx, Victoria)}
"""By the scheme of the engine's URL."""


def engine(url: str, folder: Path, log: Path) -> tuple[str, EngineServer | None]:
    """The URL for the cloud, and the server to be started before it.

    ``duckdb:FILE`` and ``memory:`` are part of the cloud, and behind ``SCHEME:http://…`` stands somebody else's server: None.
    ``SCHEME:`` alone is a server of our own in ``folder``, on a free loopback port.

    Raises ``ConfigurationError`` where it is not installed.
    """
    scheme, _, rest = url.partition(":")
    if rest or scheme not in ENGINES:
        return url, None
    server = ENGINES[scheme](folder, log=log)
    return server.url, server
