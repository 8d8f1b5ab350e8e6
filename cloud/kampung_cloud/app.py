"""The composition root: every part is made here, by the command and by the tests alike."""

from __future__ import annotations

import gc
import os
import secrets
import signal
import socket
import threading
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_cloud.alarms import Alarms
from kampung_cloud.api import Services, create_api
from kampung_cloud.api.front import Front
from kampung_cloud.bus import Bus
from kampung_cloud.config import PORT_VARIABLE, CloudConfig
from kampung_cloud.content import Contents
from kampung_cloud.engine_address import shown
from kampung_cloud.health import Health, now_ms
from kampung_cloud.ingest.link import Link
from kampung_cloud.ingest.patience import RETRY_S, Stopped
from kampung_cloud.ingest.worker import Worker
from kampung_cloud.letters import Letters
from kampung_cloud.metrics import Metrics
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs.commands import Commands
from kampung_cloud.records import Records, open_records
from kampung_cloud.telemetry import open_store
from kampung_cloud.watchdog import Watchdog

log = structlog.get_logger()

TOKEN_FILE = "token"  # noqa: S105 - the file's name


class CloudApp:
    """Ingest and API in one process.

    ``start`` raises ``ConfigurationError``; an unreachable broker is waited for in the background, unreachable records within ``start``:
    it raises ``Stopped`` when a signal comes first.
    """

    def __init__(self, config: CloudConfig) -> None:
        self.config = config
        self.port = 0
        self._stop = threading.Event()

    @property
    def url(self) -> str:
        """Where the API is, once started."""
        return f"http://{self.config.api.host}:{self.port}"

    @property
    def token(self) -> str:
        """What may change announcements and switch outputs."""
        return self._services.token

    def start(self) -> None:
        """Open the stores, take the port, connect."""
        config = self.config
        listening = _listen(config.api.host, config.api.port)
        self.port = listening.getsockname()[1]
        health, metrics, self._bus = Health(), Metrics(), Bus()
        self._front = Front(health)
        self._server_thread: threading.Thread | None = None
        try:
            token = _token(config.data)
            self._records = self._await_records(health, listening)
            self._store = open_store(config.telemetry.url, config.data, config.telemetry.keep_days, self._records)
        except BaseException:
            self._stop_serving()
            listening.close()
            raise
        self._nodes = Nodes(self._records, self._bus)
        self._nodes.recall(self._store.latest())
        alarms = Alarms(config.rule, self._store, self._records)
        alarms.start(now_ms())
        contents = Contents(self._records, lambda topic, payload: self._link.publish(topic, payload, retain=True))
        self._worker = Worker(
            config.ingest,
            store=self._store,
            records=self._records,
            nodes=self._nodes,
            alarms=alarms,
            contents=contents,
            bus=self._bus,
            health=health,
            metrics=metrics,
            kept=Letters(self._records, config.dead_letters.most, config.dead_letters.most_bytes),
        )
        self._link = Link(config.broker, self._worker.put, health, config.ingest.in_flight)
        self._commands = Commands(self._records, self._nodes, self._bus, self._link)
        metrics.watch(lambda: self._worker.waiting, lambda: self._nodes.online(now_ms()))
        self._services = Services(
            config,
            self._store,
            self._records,
            self._nodes,
            contents,
            self._bus,
            health,
            metrics,
            token,
            self._worker.replay,
            self._commands,
            self._worker,
        )
        self._front.open(create_api(self._services))
        self._serve(listening)
        self._worker.start(self._link)
        self._link.start()
        self._commands.start()
        log.info("cloud is up", url=self.url, data=str(config.data), telemetry=shown(config.telemetry.url))

    def _await_records(self, health: Health, listening: socket.socket) -> Records:
        """A server that does not answer is asked again until it does; meanwhile the port is open and says why nothing else is."""
        delay = RETRY_S[0]
        while True:
            try:
                return open_records(self.config.records.url, self.config.data)
            except StorageUnavailable as error:
                health.set("records", False, error.message)
            self._serve(listening)
            if self._stop.wait(delay):
                raise Stopped
            delay = min(delay * 2, RETRY_S[1])

    def _serve(self, listening: socket.socket) -> None:
        if self._server_thread is not None:
            return
        self._server = uvicorn.Server(
            uvicorn.Config(self._front, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1)
        )
        self._server_thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, name="api", daemon=True)
        self._server_thread.start()

    def stop(self) -> None:
        """Finish the batch, end the pages' streams, close the stores."""
        self._commands.stop()
        self._link.stop()
        self._worker.stop()
        self._bus.close()
        self._stop_serving()
        self._store.close()
        self._records.close()
        log.info("cloud is down")

    def _stop_serving(self) -> None:
        if self._server_thread is not None:
            self._server.should_exit = True
            self._server_thread.join(3)

    def run(self) -> None:
        """Start and serve until SIGTERM or SIGINT. Signals are handled here and nowhere else."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        watchdog = Watchdog()
        try:
            self.start()
        except Stopped:
            return
        _spare_collector()
        watchdog.ready()
        while not self._stop.wait(watchdog.every):
            watchdog.alive(lambda: self._worker.idle)
        watchdog.stopping()
        self.stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()


def _spare_collector() -> None:
    """What is here now stays, and a batch makes many objects that go together: looking through them all was a fifth of its cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"api.port = {port}: {host}:{port} cannot be used: {error.strerror}; "
            f"stop the other program, or choose another port with --port, {PORT_VARIABLE} or [api] port"
        ) from None
    return listening


def _token(folder: Path) -> str:
    file = folder / TOKEN_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(32) + "\n")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"data = {str(folder)!r}: {error.strerror}; choose a folder that can be written") from None
