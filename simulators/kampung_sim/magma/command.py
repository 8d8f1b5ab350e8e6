"""The command ``kampung-sim magma``."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated, Any

import typer

from kampung_sim.magma.service import USUAL, SimulatedMagma
from kampung_sim.process import port_taken


def magma(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8083,
    host: str = "127.0.0.1",
    level: Annotated[int, typer.Option(min=1, max=4, help="Of the first mountain, Ijen: 1 Normal, 2 Waspada, 3 Siaga, 4 Awas.")] = 2,
) -> None:
    """Stand in for MAGMA Indonesia: reports of Ijen and Raung that are no news of a mountain, and say so."""
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if port_taken(host, port):
        sys.stdout.write(f"kampung-sim: port {port} is in use by another program; stop it, or choose another with --port\n")
        raise typer.Exit(2)
    first, *others = USUAL
    simulated = SimulatedMagma(host, port, [first._replace(level=level), *others])
    simulated.start()
    sys.stdout.write(f"SIMULASI MAGMA: {simulated.url}/\n")
    sys.stdout.flush()
    ended.wait()
    simulated.stop()
