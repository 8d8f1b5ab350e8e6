"""The fleet: every kiosk's readings in turn, every kiosk's line beside one another, until the scenario is over and the spools are empty."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from kampung_sim.fleet.broker import Where
from kampung_sim.fleet.injected import Injected, said
from kampung_sim.fleet.kiosk import Counts, Kiosk
from kampung_sim.fleet.ledger import Ledger
from kampung_sim.fleet.line import Line
from kampung_sim.fleet.pace import Pace
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.load import Loaded
from kampung_sim.wire.residents import Service

TICK_S = 1.0
LOOK_S = 0.25
STARTS_A_SECOND = 250
STRETCH_S = 0.01
"""So long readings are worked out before the connections have their turn."""
SAY_S = 10.0
SAY_PREPARING_S = 2.0
NOT_YET_S = 1e9
"""The scenario's time stands still until every kiosk is ready."""
BROKER_AWAY_S = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a view shows. ``now`` in ms UTC of the scenario; ``waiting`` packs in all spools; ``prepared``: kiosks that are ready to run."""

    now: int
    kiosks: int
    connected: int
    waiting: int
    counts: Counts
    faults: tuple[str, ...]
    reason: str = ""
    prepared: int = 0
    service: Service | None = None
    """What residents met, where kiosks are real."""

    @property
    def preparing(self) -> bool:
        """Whether the scenario's time stands still because kiosks are still worked out."""
        return self.prepared < self.kiosks


@dataclass(frozen=True, slots=True)
class Row:
    """One kiosk in a view. ``link``: up, down (a fault cuts it) or lost (no broker); ``minute``: readings of the last true minute."""

    name: str
    village: str
    link: str
    waiting: int
    readings: int
    minute: int
    faults: tuple[str, ...]


class Fleet:
    """Every node of a scenario."""

    def __init__(self, loaded: Loaded, ledger: Ledger, where: Where, rate: float) -> None:
        plan = self.plan = loaded.plan
        self._ledger, self._where = ledger, where
        world = self._world = loaded.world()
        dice = Random(plan.scenario.seed)
        self.kiosks = [Kiosk(n, world, ledger, plan.start, Random(dice.getrandbits(64))) for n in plan.nodes]
        self.pace = Pace(plan.start, plan.stop, rate, begun=time.monotonic() + NOT_YET_S)
        self._prepared = 0
        self.lines: list[Line] = []
        self.dead = [(e.begin, e.end, n.name) for n in plan.nodes for e in n.effects if e.layer is Layer.NODE]
        """When which kiosk had no power or no disk, ms UTC of the scenario."""
        self.injected = Injected(plan)
        self._by_name = {k.node.name: k for k in self.kiosks}
        self._before: deque[tuple[float, dict[str, int]]] = deque(maxlen=61)
        self._told = 0
        """Broker faults that have been."""

    async def run(self, drain_s: float, say: Callable[[Standing], None], stopping: asyncio.Event) -> Standing:
        """To the end of the scenario, or until ``stopping``; then at most ``drain_s`` seconds for what still waits."""
        await self._prepare(say, stopping)
        self.pace = Pace(self.plan.start, self.plan.stop, self.pace.rate, begun=time.monotonic())
        self.lines = [Line(k, self._where, self.pace) for k in self.kiosks]
        tasks = [asyncio.create_task(self._begin(line)) for line in self.lines]
        tasks.append(asyncio.create_task(self._wake()))
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

    async def _prepare(self, say: Callable[[Standing], None], stopping: asyncio.Event) -> None:
        """Work out what each kiosk's first reading needs (weeks of weather) before time begins: minutes, for thousands."""
        next_say = time.monotonic() + SAY_PREPARING_S
        for kiosk in self.kiosks:
            if stopping.is_set():
                return
            kiosk.prepare()
            self._prepared += 1
            if time.monotonic() >= next_say:
                next_say = time.monotonic() + SAY_PREPARING_S
                say(self.standing())
            await asyncio.sleep(0)  # keys, signals, the view

    async def _begin(self, line: Line) -> None:
        await asyncio.sleep(line.kiosk.dice.uniform(0, len(self.lines) / STARTS_A_SECOND))  # not all in one instant
        await line.run()

    async def _wake(self) -> None:
        while True:
            at = time.monotonic() - self.pace.begun
            for line in self.lines:
                line.look(at)
            await asyncio.sleep(LOOK_S)

    async def _measure(self, say: Callable[[Standing], None], stopping: asyncio.Event) -> None:
        next_say = time.monotonic() + SAY_S
        while not stopping.is_set():
            over, begun = self.pace.over, time.monotonic()
            rested = begun
            for kiosk in self.kiosks:
                if stopping.is_set():
                    break
                kiosk.read(self.pace.now(), begun - self.pace.begun)
                if time.monotonic() - rested > STRETCH_S:  # the lines' turn
                    await asyncio.sleep(0)
                    rested = time.monotonic()
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
        due = sum(e.begin <= self.pace.now() for e in self.injected.broker)
        if due > self._told:
            self._told = due
            for line in self.lines:
                line.drop()

    def _write_down(self) -> None:
        for kiosk in self.kiosks:
            self._ledger.packs(kiosk.settled())

    def inject(self, key: str, node: str, device: str) -> str | None:
        """Start the fault behind ``key`` now, where the scenario has it happen, else on a kiosk or a device of it."""
        started = self.injected.start(key, self.pace.now(), node, device)
        if started is None:
            return None
        effect, targets = started
        for name, port, what in targets:
            if name:
                self._by_name[name].inject(effect, port, what)
                if effect.layer is Layer.NODE:
                    self.dead.append((effect.begin, effect.end, name))
        return said(effect, targets)

    def values(self, node: str) -> list[tuple[str, str, str]]:
        """Of a kiosk's devices: name, what it shows now, faults."""
        kiosk, now = self._by_name[node], self.pace.now()
        out = []
        for device in kiosk.node.devices:
            t = device.times(now - device.every, now + 1)[-1:]
            shown = (
                {q: float(v[0]) for q, (v, _) in device.delivered(self._world.read(device, t, frames=True).sent).items()} if t.size else {}
            )
            said = ", ".join(f"{v:g} {device.series[f'{device.name}/{q}']}" for q, v in shown.items() if v == v)  # noqa: PLR0124 - NaN
            faults = ", ".join(dict.fromkeys(e.about.words for e in device.effects if e.on(now)))
            out.append((device.name, said or "diam", faults))
        return out

    def rows(self) -> list[Row]:
        """Every kiosk as it stands."""
        now, at = self.pace.now(), time.monotonic()
        self._before.append((at, {k.node.name: k.counts.readings for k in self.kiosks}))
        past = next(counts for when, counts in self._before if at - when <= 60 or when == self._before[-1][0])
        lines: list[Line | None] = [*self.lines] or [None] * len(self.kiosks)
        return [
            Row(
                k.node.name,
                k.node.village.name,
                "up" if line and line.connected else "down" if line and line.cut else "lost",
                len(k.spool),
                k.counts.readings,
                k.counts.readings - past[k.node.name],
                tuple(k.faults(now)),
            )
            for k, line in zip(self.kiosks, lines, strict=True)
        ]

    def standing(self) -> Standing:
        """How it stands now."""
        now, total = self.pace.now(), Counts()
        for kiosk in self.kiosks:
            for name in ("readings", "packs", "receipted", "rejected", "resent", "bytes"):
                setattr(total, name, getattr(total, name) + getattr(kiosk.counts, name))
            total.late = max(total.late, kiosk.counts.late)
        reason = next((line.reason for line in self.lines if line.reason and not line.connected and not line.cut), "")
        reason = self._ledger.trouble or reason
        waiting, connected = sum(len(k.spool) for k in self.kiosks), sum(line.connected for line in self.lines)
        return Standing(now, len(self.kiosks), connected, waiting, total, self.injected.on(now), reason, self._prepared)
