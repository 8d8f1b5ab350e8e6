"""A mail server that delivers nothing: it takes mail for everybody and keeps it. The mood's status 4xx or 5xx is SMTP's own."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from kampung_sim.channels.mood import Moods
from kampung_sim.channels.received import Ledger


class Mailbox:
    """A thread of its own between ``start`` and ``stop``."""

    def __init__(self, ledger: Ledger, moods: Moods, host: str, port: int) -> None:
        self._ledger, self._moods = ledger, moods
        self._controller = Controller(self, hostname=host, port=port, ready_timeout=20, server_hostname="simulasi.example")

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """End."""
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """A letter has come."""
        mood = self._moods.take("email")
        if mood.slow:
            await asyncio.sleep(mood.slow)
        if mood.status:
            return f"{mood.status} simulated"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        letter: Any = message_from_bytes(content, policy=policy.default)
        text = letter.get_body(("plain",)).get_content().strip()
        for to in envelope.rcpt_tos:
            self._ledger.take("email", to, text, title=str(letter["Subject"]), key=str(letter["Message-ID"]))
        if mood.drop and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK simulated"
