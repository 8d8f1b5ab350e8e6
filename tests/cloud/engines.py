"""Telemetry engines for tests: servers from Debian, and what is part of the cloud."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kampung_sim.engines import ENGINES, EngineServer, Influx, Victoria

SMALL = "-memory.allowedBytes=256MB"
"""For VictoriaMetrics, several of which run at once."""


def started(kind: type[EngineServer], folder: Path, *options: str) -> EngineServer:
    """A server that holds nothing and answers."""
    return kind(folder, *options, *([SMALL] if kind is Victoria else [])).up()


KEEPING = ["duckdb:telemetry.duckdb", *ENGINES]
"""Engines that keep what they have, by their fixed URL or the name of their server."""


class EngineUrls:
    """URLs of engines that hold nothing, by their names in ``KEEPING``. InfluxDB is started once, and gives each its own database.

    VictoriaMetrics knows no databases, so it is started for each: 0.15 s.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._influx: EngineServer | None = None
        self._numbers = itertools.count()

    @contextmanager
    def __call__(self, name: str) -> Iterator[str]:
        """The URL of an engine, for as long as this lasts."""
        number = next(self._numbers)
        if name == "influxdb":
            self._influx = self._influx or started(Influx, self.folder / "influxdb")
            yield f"influxdb:{self._influx.root}/kampung-{number}"
        elif name in ENGINES:
            server = started(ENGINES[name], self.folder / f"{name}-{number}")
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
