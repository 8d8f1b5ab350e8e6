"""systemd is told that we live only while ingest goes on: a commit that hangs ends the watchdog, and with it the process."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Mapping

STALLED_S = 45.0
"""A commit, or a pass of an idle queue, takes no longer; a store that refuses is asked again and again, which is progress too."""


class Watchdog:
    """sd_notify(3) in a few lines. Says nothing where nobody listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        every = environment.get("WATCHDOG_USEC", "")
        self.every = int(every) / 3_000_000 if every.isdigit() and int(every) else 3600.0
        """Seconds between two signs of life, a third of what systemd allows."""

    def ready(self) -> None:
        """Started."""
        self._say("READY=1")

    def stopping(self) -> None:
        """About to end."""
        self._say("STOPPING=1")

    def alive(self, idle: Callable[[], float]) -> None:
        """A sign of life, unless ingest has stood still; ``idle`` gives for how many seconds."""
        if idle() < STALLED_S:
            self._say("WATCHDOG=1")

    def _say(self, text: str) -> None:
        if not self._address:
            return
        # A manager that does not listen must not end the service.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(text.encode(), self._address)
