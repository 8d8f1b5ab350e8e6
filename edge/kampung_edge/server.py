"""The kiosk's web server: uvicorn in a thread, on a socket that was bound before anything else began."""

from __future__ import annotations

import asyncio
import errno
import socket

import uvicorn
from kampung_contract.errors import ConfigurationError
from starlette.types import ASGIApp


def listen(host: str, port: int, file: str, table: str = "kiosk", remedy: str = "with --kiosk-port or KAMPUNG_KIOSK_PORT") -> socket.socket:
    """Bind and listen, as ``table`` of ``file`` says. Raises ``ConfigurationError`` naming port, key and remedy."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigurationError(f"{file}: {table}.host = {host!r}: {error.strerror}; write 127.0.0.1") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError as error:
        bound.close()
        why = "another program listens there already" if error.errno == errno.EADDRINUSE else str(error.strerror)
        raise ConfigurationError(
            f"{file}: {table}.port = {port}: {why} ({host}:{port}); stop that program, or choose another port {remedy}"
        ) from None
    return bound


class Server:
    """``run`` is a thread's body; ``stop`` from any thread."""

    def __init__(self, app: ASGIApp, bound: socket.socket) -> None:
        self._config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        self._server: uvicorn.Server | None = None
        self._stopping = False
        self._bound = bound

    @property
    def port(self) -> int:
        """The port that is bound, also when 0 was asked for."""
        return int(self._bound.getsockname()[1])

    def run(self) -> None:
        """Serves until ``stop``; may be called again after it failed."""
        self._server = uvicorn.Server(self._config)
        if not self._stopping:
            asyncio.run(self._server.serve(sockets=[self._bound.dup()]))

    def stop(self) -> None:
        """Event streams that are still open are cut after a second."""
        self._stopping = True
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """No one is listened to any more."""
        self._bound.close()
