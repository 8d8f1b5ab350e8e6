"""The wire runner: a scenario with real edges, real lines and real frames, for a few kiosks."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from kampung_bridge.clock import RehearsalClock
from kampung_contract.errors import ConfigurationError

from kampung_sim.fleet.injected import Injected, said
from kampung_sim.fleet.kiosk import Counts
from kampung_sim.fleet.ledger import Ledger
from kampung_sim.fleet.pace import Pace
from kampung_sim.fleet.regency import Regency
from kampung_sim.fleet.run import Row, Standing
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.load import Loaded
from kampung_sim.scenario.plan import Device, Plan, Port
from kampung_sim.wire.edge import Edge
from kampung_sim.wire.lines import Lines
from kampung_sim.wire.residents import Residents, Service

MOST = 12
"""Kiosks: each is a process of 55 MB."""
LOOK_S = 1.0
BACK_S = 15
"""True seconds until a kiosk is there again."""


def few(plan: Plan) -> None:
    """Raises ``ConfigurationError`` for more kiosks than a machine has room for."""
    if len(plan.nodes) > MOST:
        raise ConfigurationError(f"--depth wire: {len(plan.nodes)} kiosks; at most {MOST}, each a process: use --depth fleet for more")


class Wire:
    """Every node of a scenario as a real edge."""

    def __init__(self, loaded: Loaded, ledger: Ledger, regency: Regency, rate: float, folder: Path) -> None:
        """Raises ``ConfigurationError`` for a device that has no line of its own."""
        plan = self.plan = loaded.plan
        self._ledger, self._regency = ledger, regency
        self._world = loaded.world()
        seconds = (plan.stop - plan.start) / 1000 / rate
        begun = plan.stop - round(seconds * 1000)
        self.clock = RehearsalClock(plan.start, seconds, begun)
        self._begun = begun
        self.pace = Pace(plan.start, plan.stop, rate)
        clocks = any(e.layer is Layer.CLOCK for n in plan.nodes for e in n.effects)
        self.edges = [Edge(folder / n.name, n, regency.mqtt_port, rate=rate, clocks=clocks) for n in plan.nodes]
        for edge in self.edges:
            edge.write(plan.start, begun, seconds)
        self.lines = {e.node.name: [self._line(e, p) for p in e.node.ports] for e in self.edges}
        self.dead = [(e.begin, e.end, n.name) for n in plan.nodes for e in n.effects if e.layer is Layer.NODE]
        """When which kiosk had no power or no disk, ms UTC of the scenario."""
        self._lock = threading.Lock()
        self._counts = {n.name: 0 for n in plan.nodes}
        self._health: dict[str, dict[str, Any]] = {}
        self._before: deque[tuple[float, dict[str, int]]] = deque(maxlen=61)
        self._restarted = 0
        self._troubles: set[str] = set()
        self.injected = Injected(plan)
        self.residents = [self._residents(e) for e in self.edges]

    def _residents(self, edge: Edge) -> Residents:
        name, visits = edge.node.name, self._world.visits(edge.node, self.plan.start, self.plan.stop)

        def dead() -> bool:
            """Without power, or not up again; at the beginning not up yet."""
            now, back = self.clock.now_ms(), BACK_S * 1000 * self.pace.rate
            return now < self.plan.start + back or any(b <= now < e + back for b, e, who in self.dead if who == name)

        return Residents(name, edge.kiosk_port, visits, self.clock, dead)

    @property
    def service(self) -> Service:
        """What residents met at all kiosks."""
        out = Service()
        for residents in self.residents:
            out.add(residents.service)
        return out

    def _line(self, edge: Edge, port: Port) -> Lines:
        return Lines(edge.folder / "dev", port, self._world, self.clock, rate=self.pace.rate, witness=self._witness)

    def _witness(self, device: Device, now: int, values: Mapping[str, float]) -> None:
        """From the lines' threads: a whole frame went out."""
        sent = {q: np.array([v]) for q, v in values.items()}
        t = np.array([now], np.int64)
        with self._lock:
            self._counts[device.node] += len(device.series)
            for quantity, (v, q) in device.delivered(sent).items():
                self._ledger.column(device.node, f"{device.name}/{quantity}", 0, t=t, true_t=t, v=v, true_v=v, q=q)

    async def run(self, drain_s: float, say: Callable[[Standing], None], stopping: asyncio.Event) -> Standing:
        """To the end of the scenario, or until ``stopping``; then at most ``drain_s`` seconds for what still waits."""
        self.pace = Pace(self.plan.start, self.plan.stop, self.pace.rate, begun=time.monotonic() + self._begun / 1000 - time.time())
        for lines in self.lines.values():
            for line in lines:
                line.start()
        await asyncio.sleep(0.3)
        for edge in self.edges:
            edge.process.start()
        for residents in self.residents:
            residents.start()
        next_say = time.monotonic()
        try:
            while not (stopping.is_set() or self.pace.over):
                await asyncio.to_thread(self._look)
                if time.monotonic() >= next_say:
                    next_say = time.monotonic() + 10.0
                    say(self.standing())
                await asyncio.sleep(LOOK_S)
            await self._drain(drain_s)
        finally:
            await asyncio.to_thread(self._end)
        standing = self.standing()
        say(standing)
        return standing

    async def _drain(self, drain_s: float) -> None:
        for residents in self.residents:
            await asyncio.to_thread(residents.stop)
        for line in (line for lines in self.lines.values() for line in lines):
            await asyncio.to_thread(line.stop)
        for edge in self.edges:
            edge.node = replace(edge.node, effects=())
        until, quiet = time.monotonic() + drain_s, 0
        while time.monotonic() < until and quiet < 3:
            await asyncio.to_thread(self._look)
            empty = all(self._health.get(e.node.name, {}).get("spool", {}).get("packs", 1) == 0 for e in self.edges)
            quiet = quiet + 1 if empty else 0
            await asyncio.sleep(LOOK_S)

    def _end(self) -> None:
        for residents in self.residents:
            residents.stop()
        for line in (line for lines in self.lines.values() for line in lines):
            line.stop()
        for edge in self.edges:
            edge.stop()

    def _look(self) -> None:
        now = self.pace.now()
        for edge in self.edges:
            self._troubles |= set(edge.apply(now))
            try:
                with urllib.request.urlopen(f"{edge.url}api/health", timeout=1) as answer:  # noqa: S310 - our own loopback address
                    self._health[edge.node.name] = json.load(answer)
            except (OSError, ValueError):
                self._health.pop(edge.node.name, None)
        due = sum(e.begin <= now for e in self.injected.broker)
        if due > self._restarted:
            self._restarted = due
            self._regency.broker.stop()
            self._regency.broker.start()
        with self._lock:
            self._ledger.flush()

    def inject(self, key: str, node: str, device: str) -> str | None:
        """Start the fault behind ``key`` now, where the scenario has it happen, else on a kiosk or a device of it."""
        started = self.injected.start(key, self.pace.now(), node, device)
        if started is None:
            return None
        effect, targets = started
        for name, port, what in targets:
            if port or what:
                self._on_line(effect, name, port, what)
            elif name:
                edge = next(e for e in self.edges if e.node.name == name)
                edge.node = replace(edge.node, effects=(*edge.node.effects, effect))
                if effect.layer is Layer.NODE:
                    self.dead.append((effect.begin, effect.end, name))
        return said(effect, targets)

    def _on_line(self, effect: Effect, node: str, port: str, device: str) -> None:
        for line in self.lines[node]:
            for wired in line.wired:
                if port == line.port.name or device == wired.device.name:
                    wired.set(wired.device.with_effect(effect))

    def _faults(self, edge: Edge, now: int) -> list[str]:
        own = [e.about.words for e in edge.node.effects if e.on(now)]
        wired = [w for line in self.lines[edge.node.name] for w in line.wired]
        return list(dict.fromkeys([*own, *(f"{e.about.words} {w.device.name}" for w in wired for e in w.device.effects if e.on(now))]))

    def rows(self) -> list[Row]:
        """Every kiosk as it stands, by its own health page."""
        now, at = self.pace.now(), time.monotonic()
        with self._lock:
            counts = dict(self._counts)
        self._before.append((at, counts))
        past = self._before[0][1]
        out = []
        for edge in self.edges:
            name, health = edge.node.name, self._health.get(edge.node.name, {})
            cut = any(e.on(now) and e.kind in {"link-down", "edge-power-cut"} for e in edge.node.effects)
            link = "up" if health.get("link", {}).get("state") == "up" else "down" if cut else "lost"
            waiting = int(health.get("spool", {}).get("packs", 0))
            minute, faults = counts[name] - past[name], tuple(self._faults(edge, now))
            out.append(Row(name, edge.node.village.name, link, waiting, counts[name], minute, faults))
        return out

    def values(self, node: str) -> list[tuple[str, str, str]]:
        """Of a kiosk's devices: name, what it shows now, faults."""
        now, out = self.pace.now(), []
        for line in self.lines[node]:
            for wired in line.wired:
                shown = self._world.sample(wired.device, now // 1000 * 1000)
                said = ", ".join(f"{v:g} {wired.device.config.model.quantities[q]}" for q, v in shown.items())
                out.append((wired.device.name, said or "diam", ", ".join(e.about.words for e in wired.device.effects if e.on(now))))
        return out

    def standing(self) -> Standing:
        """All of them together."""
        rows, now = self.rows(), self.pace.now()
        troubles = [*([self._ledger.trouble] if self._ledger.trouble else []), *sorted(self._troubles)]
        counts = Counts(readings=sum(r.readings for r in rows))
        connected, waiting = sum(r.link == "up" for r in rows), sum(r.waiting for r in rows)
        return Standing(now, len(rows), connected, waiting, counts, self.injected.on(now), "; ".join(troubles), len(rows), self.service)
