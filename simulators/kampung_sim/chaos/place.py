"""The village the faults happen to: engine, broker, cloud and edges as processes, every link between them ours."""

from __future__ import annotations

import sys
import urllib.error
from pathlib import Path
from typing import Any

from kampung_contract.errors import KampungError

from kampung_sim.chaos.brokers import Broker, broker
from kampung_sim.chaos.edge import Edge, Kiosks, ask
from kampung_sim.chaos.link import Link
from kampung_sim.chaos.program import Program
from kampung_sim.engines import engine
from kampung_sim.process import Process, answers, free_port

CLOUD = """
data = "cloud"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[telemetry]
url = "{telemetry}"
[records]
url = "sqlite:records.sqlite"
[api]
host = "127.0.0.1"
port = {api}
"""


class Place:
    """Started in order; ``close`` leaves nothing behind but the folder."""

    def __init__(self, folder: Path, kind: Broker, telemetry: str, kiosks: Kiosks) -> None:
        """Raises ``ConfigurationError`` for a server that is not installed."""
        (folder / "log").mkdir(parents=True, exist_ok=True)
        url, server = engine(telemetry, folder / "engine", folder / "log" / "engine.log")
        self.engine = None if server is None else Program(server)
        mqtt, api = free_port(), free_port()
        process, self._before = broker(kind, mqtt, folder / "broker", folder / "log" / "broker.log")
        self.broker = Program(process)
        self.link = Link(mqtt, kiosks.seed)
        self._url = f"http://127.0.0.1:{api}/api/v1"
        (folder / "cloud.toml").write_text(CLOUD.format(mqtt=self.link.port, telemetry=url, api=api), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("kampung-cloud")), "serve", "--config", str(folder / "cloud.toml")]
        self.cloud = Program(Process("cloud", command, folder / "log" / "cloud.log", lambda: answers(f"{self._url}/healthz")))
        self.edges = [Edge(folder, n, mqtt, kiosks) for n in range(1, kiosks.edges + 1)]

    @property
    def programs(self) -> list[Program]:
        """Engine, broker, cloud, edges."""
        return [*([self.engine] if self.engine else []), self.broker, self.cloud, *(e.program for e in self.edges)]

    @property
    def links(self) -> list[Link]:
        """All that lead to the broker."""
        return [self.link, *(e.link for e in self.edges)]

    def start(self) -> None:
        """Return when all are ready. Raises ``ProcessFailed``; what was started is then to be closed."""
        for process in self._before:
            process.start()
            process.wait_ready(60)
        for program in self.programs:
            program.start()
            program.process.wait_ready(60)
        for edge in self.edges:
            for sensor in edge.sensors:
                sensor.start()

    def close(self) -> None:
        """Edges first."""
        for program in reversed(self.programs):
            program.stop()
        for process in self._before:
            process.stop()
        for edge in self.edges:
            edge.close()
        self.link.close()

    def nodes(self) -> list[dict[str, Any]]:
        """As the cloud sees the edges."""
        return list(ask(f"{self._url}/nodes", 30))

    def rows(self, series: str, start: int, stop: int) -> list[tuple[int, int]]:
        """(time, millimetres) of all readings the cloud holds from ``start`` to before ``stop``, ms UTC, by time."""
        try:
            window = ask(f"{self._url}/series/{series}/window?start={start}&stop={stop}&every=raw", 60)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            if stop - start < 2:
                raise KampungError(f"the cloud does not give {series} at {start}: {error}") from None
            middle = (start + stop) // 2
            return self.rows(series, start, middle) + self.rows(series, middle, stop)
        return [(t, round(v * 1000)) for t, v in zip(window["t"], window["v"], strict=True)]
