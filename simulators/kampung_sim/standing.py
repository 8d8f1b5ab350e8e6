"""A simulator that stands in for somebody else's service until it is told to end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol

import typer

from kampung_sim.process import port_taken


class Service(Protocol):
    """What listens at ``url``."""

    url: str

    def start(self) -> None: ...

    def stop(self) -> None: ...


def stand(make: Callable[[], Service], title: str, host: str, port: int) -> None:
    """Start it, say where it is, stop it at a signal. Exits with 2 where the port is taken."""
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if port_taken(host, port):
        sys.stdout.write(f"kampung-sim: port {port} is in use by another program; stop it, or choose another with --port\n")
        raise typer.Exit(2)
    service = make()
    service.start()
    sys.stdout.write(f"{title}: {service.url}/\n")
    sys.stdout.flush()
    ended.wait()
    service.stop()
