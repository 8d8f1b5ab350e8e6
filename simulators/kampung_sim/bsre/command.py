"""The command ``kampung-sim bsre``."""

from __future__ import annotations

from typing import Annotated

import typer

from kampung_sim.standing import stand


def bsre(port: Annotated[int, typer.Option(min=1, max=65535)] = 8085, host: str = "127.0.0.1") -> None:
    """Stand in for BSrE's e-sign client service: signs PDFs with a certificate named SIMULASI, that nobody trusts.

    POST /fault {"kind": "slow", "down", "hangup", "login", "wrong" or "none", "seconds", "count"} makes it misbehave.
    """
    from kampung_sim.bsre.service import SimulatedBsre

    stand(lambda: SimulatedBsre(host, port), "SIMULASI BSrE", host, port)
