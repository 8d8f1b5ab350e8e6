"""The command ``kampung-sim registers``."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated, Any

import typer

from kampung_sim.process import port_taken
from kampung_sim.registers.service import SimulatedRegisters


def registers(port: Annotated[int, typer.Option(min=1, max=65535)] = 8084, host: str = "127.0.0.1") -> None:
    """Stand in for Dukcapil's verification of residents and for DTSEN, over residents that nobody is; every answer says so.

    The page shows what was asked. POST /fault {"register": "dukcapil" or "dtsen", "kind": "slow", "down", "hangup", "quota", "login",
    "wrong" or "none", "seconds", "count"} makes one misbehave.
    """
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if port_taken(host, port):
        sys.stdout.write(f"kampung-sim: port {port} is in use by another program; stop it, or choose another with --port\n")
        raise typer.Exit(2)
    simulated = SimulatedRegisters(host, port)
    simulated.start()
    sys.stdout.write(f"SIMULASI Dukcapil dan DTSEN: {simulated.url}/\n")
    sys.stdout.flush()
    ended.wait()
    simulated.stop()
