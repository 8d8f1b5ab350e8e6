"""A Starlette application of a simulator on this machine, in a thread of its own."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.types import ASGIApp


class WebServer:
    """Port 0 is chosen by the system; ``url`` tells it."""

    def __init__(self, app: ASGIApp, name: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = socket.create_server((host, port), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name=name, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()
