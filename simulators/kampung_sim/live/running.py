"""What the view needs of a run, whatever its depth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from kampung_sim.fleet.injected import Injected
from kampung_sim.fleet.pace import Pace
from kampung_sim.fleet.run import Row, Standing
from kampung_sim.scenario.plan import Plan


class Running(Protocol):
    """A scenario under way."""

    plan: Plan
    pace: Pace
    dead: list[tuple[int, int, str]]
    injected: Injected

    async def run(self, drain_s: float, say: Callable[[Standing], None], stopping: asyncio.Event) -> Standing:
        """To its end, or until ``stopping``."""

    def rows(self) -> list[Row]:
        """Every kiosk as it stands."""

    def standing(self) -> Standing:
        """All of them together."""

    def inject(self, key: str, node: str, device: str) -> str | None:
        """Start the fault behind a key; says what and where, None where the key means nothing."""

    def values(self, node: str) -> list[tuple[str, str, str]]:
        """Of a kiosk's devices: name, what it shows now, faults."""
