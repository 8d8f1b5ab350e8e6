"""All simulated services in one process: HTTP on one port, SMTP on another."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import uvicorn

from kampung_sim.channels.mood import Moods
from kampung_sim.channels.received import Ledger
from kampung_sim.channels.replies import Door, Replies
from kampung_sim.channels.smtp import Mailbox
from kampung_sim.channels.web import web


class SimulatedChannels:
    """Ports 0 are chosen by the system; ``http_port`` and ``smtp_port`` tell them after ``start``."""

    def __init__(self, host: str, http_port: int, smtp_port: int, doors: dict[str, Door] | None = None, file: Path | None = None) -> None:
        self.ledger, self.moods = Ledger(file), Moods()
        self._socket = socket.create_server((host, http_port), backlog=512)
        self.http_port: int = self._socket.getsockname()[1]
        self.smtp_port = smtp_port
        self.replies = Replies(doors or {})
        self._mailbox = Mailbox(self.ledger, self.moods, host, smtp_port)
        app = web(self.ledger, self.moods, self.replies)
        config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="channels", daemon=True)

    @property
    def url(self) -> str:
        """Where its page and its services are."""
        return f"http://127.0.0.1:{self.http_port}"

    def start(self) -> None:
        """Listen on both ports."""
        self._mailbox.start()
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.should_exit = True
        self._thread.join(5)
        self._mailbox.stop()
        self._socket.close()
