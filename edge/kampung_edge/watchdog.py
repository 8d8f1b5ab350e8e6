"""Tells systemd that the edge is ready, lives and stops; a heartbeat is sent only while everything that must move, moves."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger("watchdog")

DEFAULT_S = 60.0


class Notifier:
    """sd_notify(3) in a few lines. Says nothing where nobody listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        micros = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(micros) / 1_000_000 if self._address and mine and micros.isdigit() and int(micros) else None
        """Seconds without a heartbeat after which systemd ends us; None when it does not watch."""

    def tell(self, *words: str) -> None:
        """Such as ``READY=1``. Trouble is not ours to solve: systemd will miss the word and act."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.sendto("\n".join(words).encode(), address)
        except OSError as error:
            log.warning("notify.failed", words=words, reason=str(error))


class Watchdog:
    """``run`` is a thread's body. ``moves``: by name, when each last made progress (seconds of ``time.monotonic``)."""

    def __init__(self, notifier: Notifier, moves: Mapping[str, Callable[[], float]]) -> None:
        self._notifier, self._moves = notifier, moves
        self._limit = notifier.watchdog_s or DEFAULT_S
        self._stopping = threading.Event()
        self.stuck: list[str] = []
        """What has not moved for as long as systemd waits; shown in health."""

    def run(self) -> None:
        """Until ``stop``."""
        while not self._stopping.wait(min(self._limit / 4, 15.0)):
            now = time.monotonic()
            stuck = [name for name, last in list(self._moves.items()) if now - last() > self._limit]
            if stuck and stuck != self.stuck:
                log.error("watchdog.stuck", threads=stuck, seconds=self._limit)
            self.stuck = stuck
            if not stuck and self._notifier.watchdog_s is not None:
                self._notifier.tell("WATCHDOG=1")

    def stop(self) -> None:
        """The thread ends."""
        self._stopping.set()
