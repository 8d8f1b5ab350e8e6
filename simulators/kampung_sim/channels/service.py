"""All simulated services in one process: HTTP on one port, SMTP on another."""

from __future__ import annotations

from pathlib import Path

from kampung_sim.channels.mood import Moods
from kampung_sim.channels.received import Ledger
from kampung_sim.channels.replies import Door, Replies
from kampung_sim.channels.smtp import Mailbox
from kampung_sim.channels.web import web
from kampung_sim.web_server import WebServer


class SimulatedChannels:
    """Ports 0 are chosen by the system; ``http_port`` and ``smtp_port`` tell them after ``start``."""

    def __init__(self, host: str, http_port: int, smtp_port: int, doors: dict[str, Door] | None = None, file: Path | None = None) -> None:
        self.ledger, self.moods = Ledger(file), Moods()
        self.smtp_port = smtp_port
        self.replies = Replies(doors or {})
        self._mailbox = Mailbox(self.ledger, self.moods, host, smtp_port)
        self._server = WebServer(web(self.ledger, self.moods, self.replies), "channels", host, http_port)
        self.http_port = self._server.port

    @property
    def url(self) -> str:
        """Where its page and its services are."""
        return f"http://127.0.0.1:{self.http_port}"

    def start(self) -> None:
        """Listen on both ports."""
        self._mailbox.start()
        self._server.start()

    def stop(self) -> None:
        """End."""
        self._server.stop()
        self._mailbox.stop()
