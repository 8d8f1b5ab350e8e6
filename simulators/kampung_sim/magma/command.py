"""The command ``kampung-sim magma``."""

from __future__ import annotations

from typing import Annotated

import typer

from kampung_sim.magma.service import USUAL, SimulatedMagma
from kampung_sim.standing import stand


def magma(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8083,
    host: str = "127.0.0.1",
    level: Annotated[int, typer.Option(min=1, max=4, help="Of the first mountain, Ijen: 1 Normal, 2 Waspada, 3 Siaga, 4 Awas.")] = 2,
) -> None:
    """Stand in for MAGMA Indonesia: reports of Ijen and Raung that are no news of a mountain, and say so."""
    first, *others = USUAL
    stand(lambda: SimulatedMagma(host, port, [first._replace(level=level), *others]), "SIMULASI MAGMA", host, port)
