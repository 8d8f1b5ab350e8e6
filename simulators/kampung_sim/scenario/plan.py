"""What a runner carries out: nodes, their lines and devices, and every fault with its target and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from kampung_bridge.config import DeviceConfig
from kampung_bridge.measure import Measure
from kampung_bridge.profile import ModbusProfile
from kampung_bridge.reading import FAIL, GOOD, SUSPECT
from kampung_contract.quantities import catalogue
from kampung_contract.topics import Address
from kampung_contract.villages import Village

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.model import Scenario
from kampung_sim.scenario.processes.base import Values

Target = tuple[str, str, str]
"""Node, port, device: those that do not apply are empty; all three for the broker."""
TEXT = {"ezo", "mysensors", "nmea", "sdi12", "sdi12-crc", "bme280"}
"""Decoders of numbers in text or of floats: their resolution is what is printed, the catalogue's decimals."""
ROUND = {"wind_direction": 360.0}
COUNTERS = {"rain_total", "energy"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a quantity comes from: ``gain × process' quantity + offset``."""

    process: str
    quantity: str
    gain: float = 1.0
    offset: float = 0.0

    def of(self, values: Values) -> Numbers:
        """From the process's values."""
        return values[self.quantity] if self.gain == 1 and self.offset == 0 else self.gain * values[self.quantity] + self.offset


@dataclass(frozen=True)
class Device:
    """One device. ``every`` in ms; ``sources`` by quantity of its profile; ``config`` as an edge's file has it; ``effects`` by time."""

    village: Village
    node: str
    name: str
    port: str
    every: int
    config: DeviceConfig
    sources: Mapping[str, Source]
    title: str = ""
    note: str = ""
    effects: tuple[Effect, ...] = ()

    @property
    def profile(self) -> str:
        """The bridge profile's id."""
        return self.config.profile

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Quantity to how its profile turns a raw number into it."""
        model = self.config.model
        return {m.quantity: m for m in (model.registers if isinstance(model, ModbusProfile) else model.fields.values())}

    @cached_property
    def series(self) -> dict[str, str]:
        """``device/quantity`` to unit: what an edge sends, after calibration and derivation."""
        return {f"{self.name}/{quantity}": unit for quantity, unit in self.config.quantities.items()}

    def times(self, start: int, stop: int) -> Times:
        """When it is read, from ``start`` to before ``stop``: on the clock's whole multiples of ``every``, as an edge does."""
        return np.arange(-(-start // self.every) * self.every, stop, self.every, dtype=np.int64)

    def step(self, quantity: str) -> float:
        """What it counts in."""
        model = self.config.model
        if not isinstance(model, ModbusProfile) and model.decoder in TEXT:
            return float(10.0 ** -max(catalogue()[quantity].decimals, 1))
        return self.measures[quantity].scale

    def resolve(self, quantity: str, exact: Numbers) -> Numbers:
        """In the steps the device counts in, within its span, counters rolling over; exactly what its decoder makes of the frame."""
        measure = self.measures[quantity]
        step, offset = self.step(quantity), measure.offset
        low, high = measure.span
        if quantity in ROUND:
            count = np.rint((exact - offset) / step) % round(ROUND[quantity] / step)
        else:
            within = exact % (high + step) if quantity in COUNTERS else np.minimum(np.maximum(exact, low), high)
            count = np.rint((within - offset) / step)
        return np.round(count * step + offset, 9)

    def quality(self, quantity: str, sent: Numbers) -> np.ndarray:
        """QARTOD flags as the bridge sets them on what came off the line."""
        measure = self.measures[quantity]
        low, high = measure.span
        bad = (sent < low) | (sent > high)
        if not (measure.faults or measure.doubts):  # most devices: this is asked for every reading of thousands
            return np.where(bad, FAIL, GOOD)
        bad |= np.isin(sent, measure.faults)
        return np.where(bad, FAIL, np.where(np.isin(sent, measure.doubts), SUSPECT, GOOD))

    def delivered(self, sent: Mapping[str, Numbers]) -> dict[str, tuple[Numbers, np.ndarray]]:
        """Quantity to values and quality as an edge stores them: calibrated, derived. ``kampung_bridge.device.transform``, many at once."""
        out: dict[str, tuple[Numbers, np.ndarray]] = {}
        for quantity, raw in sent.items():
            quality, values = self.quality(quantity, raw), raw
            adjust = self.config.adjust.get(quantity)
            if adjust is not None:
                values = np.round(values * adjust.gain + adjust.offset, 9)
            derived = [d for d in self.config.derive if d.source == quantity]
            if not derived or any(d.keep for d in derived):
                out[quantity] = values, quality
            for d in derived:
                out[d.quantity] = np.round(values * d.gain + d.offset, 9), quality
        return out

    def with_effect(self, effect: Effect) -> Device:
        """The same with one fault more, for those by key."""
        return replace(self, effects=(*self.effects, effect))


@dataclass(frozen=True)
class Port:
    """A serial line and the devices on it."""

    name: str
    devices: tuple[Device, ...]


@dataclass(frozen=True)
class Node:
    """One kiosk. ``effects`` by time: of its clock, its link, itself, and of its lines with ``ports`` they happen to."""

    address: Address
    village: Village
    kit: str
    ports: tuple[Port, ...]
    visitors: str = ""
    printer: bool = False
    effects: tuple[Effect, ...] = ()
    unplugged: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)
    """Port name to its effects."""

    @property
    def name(self) -> str:
        """Unique in the regency."""
        return self.address.node

    @property
    def devices(self) -> tuple[Device, ...]:
        """Of all its lines."""
        return tuple(d for p in self.ports for d in p.devices)

    def of_layer(self, layer: Layer) -> tuple[Effect, ...]:
        """Its own effects of one layer."""
        return tuple(e for e in self.effects if e.layer is layer)


@dataclass(frozen=True, slots=True, order=True)
class Happening:
    """One fault on one target, for runners and views that go by time.

    ``what`` is ``node``, ``node/port`` or ``node/device``; empty for the broker.
    """

    begin: int
    end: int
    kind: str
    number: int
    what: str


@dataclass(frozen=True)
class Plan:
    """A scenario, worked out. ``broker`` effects concern everybody; ``keys``: faults that wait for their key, by key."""

    scenario: Scenario
    nodes: tuple[Node, ...]
    broker: tuple[Effect, ...] = ()
    keys: Mapping[str, int] = field(default_factory=dict)
    """Key to the fault's place in the scenario."""
    aims: Mapping[int, tuple[Target, ...]] = field(default_factory=dict)
    """What such a fault happens to, by its place."""

    @property
    def start(self) -> int:
        """Ms UTC."""
        return self.scenario.start

    @property
    def stop(self) -> int:
        """Ms UTC."""
        return self.scenario.stop

    @property
    def devices(self) -> Iterator[Device]:
        """Of all nodes."""
        return (d for n in self.nodes for d in n.devices)

    def node(self, name: str) -> Node:
        """By name. Raises ``KeyError``."""
        return next(n for n in self.nodes if n.name == name)

    def readings(self) -> int:
        """Values that sound devices would deliver in the whole scenario."""
        return sum(len(d.times(self.start, self.stop)) * len(d.series) for d in self.devices)

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """Every fault on every target, by time."""
        out = [Happening(e.begin, e.end, e.kind, e.number, "") for e in self.broker]
        for node in self.nodes:
            out += [Happening(e.begin, e.end, e.kind, e.number, node.name) for e in node.effects]
            out += [Happening(e.begin, e.end, e.kind, e.number, f"{node.name}/{p}") for p, es in node.unplugged.items() for e in es]
            out += [
                Happening(e.begin, e.end, e.kind, e.number, f"{node.name}/{d.name}")
                for d in node.devices
                for e in d.effects
                if e.layer is not Layer.PORT
            ]
        return tuple(sorted(out))
