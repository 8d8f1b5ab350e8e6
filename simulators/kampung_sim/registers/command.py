"""The command ``kampung-sim registers``."""

from __future__ import annotations

from typing import Annotated

import typer

from kampung_sim.standing import stand


def registers(port: Annotated[int, typer.Option(min=1, max=65535)] = 8084, host: str = "127.0.0.1") -> None:
    """Stand in for Dukcapil's verification of residents and for DTSEN, over residents that nobody is; every answer says so.

    The page shows what was asked. POST /fault {"register": "dukcapil" or "dtsen", "kind": "slow", "down", "hangup", "quota", "login",
    "wrong" or "none", "seconds", "count"} makes one misbehave.
    """
    from kampung_sim.registers.service import SimulatedRegisters

    stand(lambda: SimulatedRegisters(host, port), "SIMULASI Dukcapil dan DTSEN", host, port)
