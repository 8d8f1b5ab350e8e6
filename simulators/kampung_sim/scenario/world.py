"""The world devices measure: true values, and what faulty devices make of them. The same for the same seed, whatever is asked and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from kampung_contract.villages import Village, village

from kampung_sim.scenario.dice import Dice, Numbers, Times
from kampung_sim.scenario.faults.frame import Frames
from kampung_sim.scenario.faults.value import spoil
from kampung_sim.scenario.model import Scenario
from kampung_sim.scenario.plan import Device, Node
from kampung_sim.scenario.processes import KINDS, Process
from kampung_sim.scenario.processes.base import Made, Scope, Values
from kampung_sim.scenario.processes.visitors import Visit, Visitors
from kampung_sim.scenario.recordings import Recordings

RECENT = 64
"""Values of shared processes that are remembered: enough for a node's devices, little memory."""

AHEAD = 300


@dataclass(frozen=True)
class Readings:
    """Of one device. ``t`` in ms UTC; ``true`` and ``sent`` by quantity of the profile, in its resolution; NaN where there is none."""

    t: Times
    true: dict[str, Numbers]
    sent: dict[str, Numbers]


class World:
    """Of one scenario. Cheap to make; what it computes once it keeps. ``recordings`` stand in for processes where they have values."""

    def __init__(self, scenario: Scenario, recordings: Recordings | None = None) -> None:
        self.scenario = scenario
        self.dice = Dice.of(scenario.seed)
        self.processes: Mapping[str, Process] = {name: kind() for name, kind in KINDS.items()} | dict(scenario.process)
        """By name: the scenario's, and every kind under its own name."""
        self._recordings = recordings or Recordings()
        self._recent: dict[tuple[str, str, int, int, int, int], tuple[Times, Values]] = {}
        self._kept: dict[tuple[str, ...], Any] = {}

    def process(self, name: str) -> Process:
        """By its name in the scenario, or its kind's."""
        return self.processes[name]

    def spot(self, process: str, where: Village, node: str = "", device: str = "", every: int = 60_000) -> Spot:
        """Where a process is asked."""
        return Spot(self, process, where, node, device, every)

    def true(self, device: Device, t: Times) -> dict[str, Numbers]:
        """What a sound device would report, by quantity of its profile, in its resolution and within its span. ``t`` rises."""
        found: dict[str, Values] = {}
        out = {}
        for quantity, source in device.sources.items():
            if source.process not in found:
                wanted = frozenset(s.quantity for s in device.sources.values() if s.process == source.process)
                spot = Spot(self, source.process, device.village, device.node, device.name, device.every, wanted)
                found[source.process] = self.ask(spot, t)
            exact = source.of(found[source.process])
            recorded = self._recordings.at(device, quantity, t)
            out[quantity] = device.resolve(quantity, exact if recorded is None else recorded)
        return out

    def read(self, device: Device, t: Times, *, frames: bool = False) -> Readings:
        """True and sent values at rising times; ``frames``: damage to frames counts as a lost reading, for runners without frames."""
        true = self.true(device, t)
        if not device.effects:
            return Readings(t, true, true)
        dice = self._fault_dice(device)

        def held(quantity: str, at: int) -> float:
            return float(self.true(device, np.array([at], np.int64))[quantity][0])

        sent = {
            q: device.resolve(q, spoil(device.effects, q, t, v, dice, lambda at, q=q: held(q, at), frames=frames))  # type: ignore[misc]
            for q, v in true.items()
        }
        return Readings(t, true, sent)

    def sample_many(self, device: Device, t: Times) -> dict[str, Numbers]:
        """What the device sends at rising times, by quantity of its profile."""
        return self.read(device, t).sent

    def sample(self, device: Device, t_ms: int) -> dict[str, float]:
        """What it sends at one time; quantities it does not deliver are left out."""
        return {q: float(v[0]) for q, v in self.sample_many(device, np.array([t_ms], np.int64)).items() if not np.isnan(v[0])}

    def values(self, device: Device, grain: int = 1_000) -> Callable[[int], Mapping[str, float] | None]:
        """For simulated devices on a line: None while it is silent. A value stands for ``grain`` ms; some are worked out ahead."""
        ahead: list[Readings] = []

        def at(now: int) -> Mapping[str, float] | None:
            start = now // grain * grain
            if not ahead or not ahead[0].t[0] <= start <= ahead[0].t[-1]:
                ahead[:] = [self.read(device, np.arange(start, start + AHEAD * grain, grain, dtype=np.int64))]
            i = (start - int(ahead[0].t[0])) // grain
            return {q: float(v[i]) for q, v in ahead[0].sent.items() if not np.isnan(v[i])} or None

        return at

    def visits(self, node: Node, start: int, stop: int) -> list[Visit]:
        """Residents who come to a node's kiosk from ``start`` to before ``stop``, by time."""
        process = self.processes.get(node.visitors)
        return process.visits(self.spot(node.visitors, node.village, node.name), start, stop) if isinstance(process, Visitors) else []

    def frames(self, device: Device) -> Frames:
        """What a line's runner sends a device's frames through."""
        return Frames(device.effects, self._fault_dice(device))

    def _fault_dice(self, device: Device) -> Dice:
        return self.dice.child("fault", device.village.code, device.node, device.name)

    def ask(self, spot: Spot, t: Times) -> Values:
        """A process's values; what all devices of a village share is remembered for those that ask next."""
        process = self.processes[spot.process]
        if not process.SHARED or not t.size:
            return process.at(spot, t)
        key = (spot.process, spot.village.code, spot.every, int(t[0]), int(t[-1]), t.size)
        known = self._recent.get(key)
        if known is not None and np.array_equal(known[0], t):
            return known[1]
        found = process.at(spot, t)
        for values in found.values():
            values.setflags(write=False)
        if len(self._recent) >= RECENT:
            self._recent.clear()
        self._recent[key] = t, found
        return found

    def kept(self, key: tuple[str, ...], make: Callable[[], Made]) -> Made:
        """``make`` once for each key."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Made = self._kept[key]
        return found


@dataclass(frozen=True)
class Spot:
    """A ``Site``."""

    world: World
    process: str
    village: Village
    node: str
    device: str
    every: int
    wanted: frozenset[str] = frozenset()
    """Empty: everything."""

    @property
    def start(self) -> int:
        return self.world.scenario.start

    @property
    def stop(self) -> int:
        return self.world.scenario.stop

    @cached_property
    def region(self) -> Dice:
        return self.world.kept(("dice", self.process), lambda: self.world.dice.child("process", self.process))

    @cached_property
    def dice(self) -> Dice:
        return self.world.kept(("dice", self.process, self.village.code), lambda: self.region.child(self.village.code))

    @cached_property
    def kiosk(self) -> Dice:
        return self.dice.child("node", self.node)

    @cached_property
    def own(self) -> Dice:
        return self.dice.child("device", self.node, self.device)

    def wants(self, *quantities: str) -> bool:
        return not self.wanted or not self.wanted.isdisjoint(quantities)

    def elsewhere(self, code: str) -> Spot:
        return Spot(self.world, self.process, village(code), "", "", self.every)

    def ask(self, process: str, t: Times) -> Values:
        return self.world.ask(Spot(self.world, process, self.village, self.node, self.device, self.every), t)

    def once(self, what: str, make: Callable[[], Made], scope: Scope = "village") -> Made:
        who = {"village": (), "node": (self.node,), "device": (self.node, self.device)}[scope]
        return self.world.kept(("made", what, self.process, self.village.code, *who), make)
