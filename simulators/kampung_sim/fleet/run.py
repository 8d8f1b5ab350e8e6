"""The fleet: every kiosk's readings in turn, every kiosk's line beside one another, until the scenario is over and the spools are empty."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from kampung_sim.fleet.kiosk import Counts, Kiosk
from kampung_sim.fleet.ledger import Ledger
from kampung_sim.fleet.line import Line, Where
from kampung_sim.fleet.pace import Pace
from kampung_sim.scenario.load import Loaded

TICK_S = 1.0
SAY_S = 10.0
BROKER_AWAY_S = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a view shows. ``now`` in ms UTC of the scenario; ``waiting`` packs in all spools."""

    now: int
    kiosks: int
    connected: int
    waiting: int
    counts: Counts
    faults: tuple[str, ...]
    reason: str = ""


class Fleet:
    """Every node of a scenario."""

    def __init__(self, loaded: Loaded, ledger: Ledger, where: Where, rate: float) -> None:
        plan = self.plan = loaded.plan
        self._ledger, self._where = ledger, where
        world = loaded.world()
        dice = Random(plan.scenario.seed)
        self.kiosks = [Kiosk(n, world, ledger, plan.start, Random(dice.getrandbits(64))) for n in plan.nodes]
        self.pace = Pace(plan.start, plan.stop, rate, begun=time.monotonic())
        self.lines: list[Line] = []
        self._told = 0
        """Broker faults that have been."""

    async def run(self, drain_s: float, say: Callable[[Standing], None], stopping: asyncio.Event) -> Standing:
        """To the end of the scenario, or until ``stopping``; then at most ``drain_s`` seconds for what still waits."""
        self.pace = Pace(self.plan.start, self.plan.stop, self.pace.rate, begun=time.monotonic())
        self.lines = [Line(k, self._where, self.pace) for k in self.kiosks]
        tasks = [asyncio.create_task(self._begin(line)) for line in self.lines]
        try:
            await self._measure(say, stopping)
            until = time.monotonic() + drain_s
            while any(k.spool for k in self.kiosks) and time.monotonic() < until:
                await asyncio.sleep(0.2)
                self._write_down()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._write_down()
            for kiosk in self.kiosks:
                self._ledger.packs(kiosk.unsettled())
        standing = self.standing()
        say(standing)
        return standing

    async def _begin(self, line: Line) -> None:
        await asyncio.sleep(line.kiosk.dice.uniform(0, min(5.0, len(self.lines) / 100)))  # not all in one instant
        await line.run()

    async def _measure(self, say: Callable[[Standing], None], stopping: asyncio.Event) -> None:
        next_say = time.monotonic() + SAY_S
        while not stopping.is_set():
            over, begun = self.pace.over, time.monotonic()
            for kiosk in self.kiosks:
                kiosk.read(self.pace.now(), begun - self.pace.begun)
                await asyncio.sleep(0)
            self._break()
            self._write_down()
            if over:
                return
            if time.monotonic() >= next_say:
                next_say = time.monotonic() + SAY_S
                say(self.standing())
            await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - begun)))

    def _break(self) -> None:
        """Faults of the broker: a broker that is not ours is only gone from sight."""
        due = sum(e.begin <= self.pace.now() for e in self.plan.broker)
        if due > self._told:
            self._told = due
            for line in self.lines:
                line.drop()

    def _write_down(self) -> None:
        for kiosk in self.kiosks:
            self._ledger.packs(kiosk.settled())

    def standing(self) -> Standing:
        """How it stands now."""
        now, total = self.pace.now(), Counts()
        for kiosk in self.kiosks:
            for name in ("readings", "packs", "receipted", "rejected", "resent", "bytes"):
                setattr(total, name, getattr(total, name) + getattr(kiosk.counts, name))
            total.late = max(total.late, kiosk.counts.late)
        faults = tuple(dict.fromkeys(f"{h.kind} {h.what}".strip() for h in self.plan.happenings if h.begin <= now < h.end))
        reason = next((line.reason for line in self.lines if line.reason and not line.connected and not line.cut), "")
        waiting = sum(len(k.spool) for k in self.kiosks)
        return Standing(now, len(self.kiosks), sum(line.connected for line in self.lines), waiting, total, faults, reason)
