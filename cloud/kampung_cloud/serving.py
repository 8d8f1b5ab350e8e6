"""The port, and what answers on it: at first only health, then everything."""

from __future__ import annotations

import secrets
import socket
import threading
from pathlib import Path

import uvicorn
from kampung_contract.backoff import Backoff
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from starlette.types import ASGIApp

from kampung_cloud.api.front import Front
from kampung_cloud.config import PORT_VARIABLE, CloudConfig
from kampung_cloud.health import Health
from kampung_cloud.ingest.patience import RETRY_S, Stopped
from kampung_cloud.lasting import first
from kampung_cloud.one_write import OneWrite
from kampung_cloud.records import Records, open_records

TOKEN_FILE = "token"  # noqa: S105 - the file's name
SHORTEST = 16


class Serving:
    """Takes the port when made. Raises ``ConfigurationError`` when it cannot."""

    def __init__(self, config: CloudConfig, health: Health, stopping: threading.Event) -> None:
        self._config = config
        self._health = health
        self._stopping = stopping
        self._listening = listen(config.api.host, config.api.port)
        self.port: int = self._listening.getsockname()[1]
        self._front = Front(health)
        self._thread: threading.Thread | None = None

    def token(self) -> str:
        """What allows changes; made at the first start. Raises ``ConfigurationError``."""
        return _token(self._config.data)

    def await_records(self) -> Records:
        """A server that does not answer is asked again until it does; meanwhile the port is open and says why nothing else is.

        Raises ``ConfigurationError``, and ``Stopped`` when the process is to end.
        """
        backoff = Backoff(*RETRY_S)
        while True:
            try:
                return open_records(self._config.records.url, self._config.data)
            except StorageUnavailable as error:
                self._health.set("records", False, error.message)
            self._start()
            if self._stopping.wait(backoff.pause()):
                raise Stopped

    def open(self, app: ASGIApp) -> None:
        """From now on ``app`` answers."""
        self._front.open(app)
        self._start()

    def close(self) -> None:
        """Finish what is being answered."""
        if self._thread is None:
            self._listening.close()
            return
        self._server.should_exit = True
        self._thread.join(3)

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._front, http=OneWrite, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
            )
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listening]}, name="api", daemon=True)
        self._thread.start()


def listen(host: str, port: int) -> socket.socket:
    """Take the port. Raises ``ConfigurationError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) where the protocol is named; else each answer on a line that is kept open waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
        first(file, f"{secrets.token_urlsafe(32)}\n".encode())  # a full disk must not leave an empty one, which anybody would know
        token = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"data = {str(folder)!r}: {error.strerror}; choose a folder that can be written") from None
    except UnicodeDecodeError:
        token = ""
    if len(token) < SHORTEST:
        raise ConfigurationError(
            f"{file}: {len(token)} characters are no token; remove the file and a new one is made, or put {SHORTEST} or more into it"
        )
    return token
