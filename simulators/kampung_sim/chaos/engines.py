"""Telemetry engines that are servers of their own: started beside the village, so that they can be killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kampung_sim.chaos.brokers import find
from kampung_sim.process import Process, answers, free_port

INFLUXDB = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
"""


def engine(url: str, folder: Path, log: Path) -> tuple[str, Process | None]:
    """The URL for the cloud, and the server to be started before it.

    ``duckdb:FILE`` and ``memory:`` are part of the cloud, and behind ``SCHEME:http://…`` stands somebody else's server: None.
    ``SCHEME:`` alone is a server of our own in ``folder``, on a free loopback port.

    Raises ``ConfigurationError`` where it is not installed.
    """
    scheme, _, rest = url.partition(":")
    if rest or scheme not in SERVERS:
        return url, None
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command, health = SERVERS[scheme](port, folder)
    base = f"http://127.0.0.1:{port}"
    return f"{scheme}:{base}", Process("engine", command, log, lambda: answers(f"{base}{health}"))


def _influxdb(port: int, folder: Path) -> tuple[list[str], str]:
    file = folder / "influxdb.conf"
    file.write_text(INFLUXDB.format(folder=folder, port=port, backup=free_port()), encoding="utf-8")
    return [find("influxd", "influxdb"), "run", "-config", str(file)], "/query?q=SHOW+DATABASES"


def _victoriametrics(port: int, folder: Path) -> tuple[list[str], str]:
    program = find("victoria-metrics", "victoria-metrics")
    return [
        program,
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-storageDataPath={folder}",
        "-retentionPeriod=100y",
        "-dedup.minScrapeInterval=1ms",
    ], "/health"


SERVERS: dict[str, Callable[[int, Path], tuple[list[str], str]]] = {"influxdb": _influxdb, "victoriametrics": _victoriametrics}
"""By the scheme of the engine's URL: what starts it, and what it answers once it is there."""
