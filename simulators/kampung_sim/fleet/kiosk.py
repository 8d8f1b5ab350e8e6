"""One simulated edge: readings into numbered packs, a spool that only a receipt empties, lanes, resending. No I/O; times are given."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, NamedTuple

import numpy as np
from kampung_contract import pack as wire
from kampung_contract.documents import Device as Introduction
from kampung_contract.documents import State, encode
from kampung_contract.pack import Clock, Column, Pack
from kampung_contract.receipt import Receipt
from kampung_contract.topics import Lane

from kampung_sim.fleet.ledger import Ledger
from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.faults.clock import told
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.plan import Device, Node
from kampung_sim.scenario.world import World

FRESH_MS = 60_000
"""Older readings go by the backfill lane, as an edge's."""
RESEND_S = 10.0
WINDOW = 256
VERSION = "kampung-sim fleet"


@dataclass(slots=True)
class Waiting:
    """A pack in the spool. ``made`` and ``sent`` in seconds of the run; ``sent`` 0 while it was not."""

    seq: int
    lane: Lane
    payload: bytes
    readings: int
    made: float
    sent: float = 0.0


class Measured(NamedTuple):
    """Readings of one series, arrays of one length: ``t`` as the edge's clock stamped them, ``true_t``, as sent and as they were."""

    name: str
    unit: str
    t: Times
    true_t: Times
    v: Numbers
    true_v: Numbers
    q: Any

    def only(self, which: Any) -> Measured:
        """Those at ``which``."""
        return Measured(self.name, self.unit, *(a[which] for a in self[2:]))

    def column(self) -> Column:
        """As it travels."""
        return wire.column(self.name, self.unit, list(zip(self.t.tolist(), self.v.tolist(), self.q.tolist(), strict=True)))


@dataclass(slots=True)
class Counts:
    """Of one kiosk, for the view. ``late`` is the longest wait for a receipt in seconds."""

    readings: int = 0
    packs: int = 0
    receipted: int = 0
    rejected: int = 0
    resent: int = 0
    bytes: int = 0
    late: float = 0.0


@dataclass
class Kiosk:
    """``now`` is scenario time in ms UTC, ``at`` seconds of the run. ``node`` may be replaced by one with more faults."""

    node: Node
    world: World
    ledger: Ledger
    since: int
    dice: Random
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.run = secrets.token_hex(4)
        self.boot = secrets.token_hex(3)
        self._begun = self.since
        self._seq = 0
        self._held: list[tuple[Lane, list[Measured]]] = []
        self.spool: OrderedDict[int, Waiting] = OrderedDict()
        self.credit = WINDOW
        self._beats = {d.every for d in self.node.devices}
        self._settled: list[tuple[str, int, str, int, float, float, str]] = []

    def inject(self, effect: Effect, port: str, device: str) -> None:
        """One fault more: on a device, on all of a line, or, where neither is named, on the kiosk itself."""
        if port or device:
            ports = tuple(
                replace(p, devices=tuple(d.with_effect(effect) if device == d.name or p.name == port else d for d in p.devices))
                for p in self.node.ports
            )
            self.node = replace(self.node, ports=ports)
        else:
            self.node = replace(self.node, effects=(*self.node.effects, effect))

    def faults(self, now: int) -> list[str]:
        """In force, in people's words."""
        found = [(e, "") for e in self.node.effects if e.on(now)]
        found += [(e, f" {d.name}") for d in self.node.devices for e in d.effects if e.on(now)]
        return list(dict.fromkeys(f"{e.about.words}{where}" for e, where in found))

    def active(self, layer: Layer, now: int) -> dict[str, Effect]:
        """Faults of its own in force, by kind."""
        return {e.kind: e for e in self.node.effects if e.layer is layer and e.on(now)}

    def prepare(self) -> None:
        """Have the world work out and keep what is behind the first readings, so that no later one waits for it."""
        for device in self.node.devices:
            self.world.read(device, device.times(self.since, self.since + device.every)[:1], frames=True)

    def read(self, now: int, at: float) -> None:
        """Take the readings that have come due up to ``now``."""
        start, self.since = self.since, now
        if not (self.node.effects or self._held or any(-(-start // every) * every < now for every in self._beats)):
            return  # most of the time, for most of thousands
        for a, b in self._powered(start, now):
            rows = [m for d in self.node.devices if (t := d.times(a, b)).size for m in self._of_device(d, t)]
            self._take(rows, now)
        if "disk-full" not in self.active(Layer.NODE, now):
            for lane, parts in self._held:
                self._number(lane, parts, at, now)
            self._held.clear()

    def _powered(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The parts of a span in which it had power."""
        for cut in sorted((e for e in self.node.effects if e.kind == "edge-power-cut"), key=lambda e: e.begin):
            if cut.end > start and cut.begin < stop:
                if cut.begin > start:
                    yield start, cut.begin
                if start < cut.end <= stop:
                    self.boot, self._begun = secrets.token_hex(3), cut.end
                start = max(start, cut.end)
        if start < stop:
            yield start, stop

    def _of_device(self, device: Device, t: Times) -> Iterator[Measured]:
        readings = self.world.read(device, t, frames=True)
        stamped, sent = told(self.node.of_layer(Layer.CLOCK), t), device.delivered(readings.sent)
        truth = sent if readings.sent is readings.true else device.delivered(readings.true)
        for quantity, (values, quality) in sent.items():
            there = ~np.isnan(values)
            if there.any():
                name = f"{device.name}/{quantity}"
                yield Measured(name, device.series[name], stamped, t, values, truth[quantity][0], quality).only(there)

    def _take(self, rows: list[Measured], now: int) -> None:
        """Into drafts by lane, each within the limits of a pack."""
        for lane in (Lane.LIVE, Lane.BACKFILL):
            parts: list[Measured] = []
            count = 0
            for row in rows:
                which = np.flatnonzero((now - row.true_t < FRESH_MS) == (lane is Lane.LIVE))
                while which.size:
                    room = wire.MAX_READINGS - count
                    parts.append(row.only(which[:room]))
                    count += min(room, which.size)
                    which = which[room:]
                    if count == wire.MAX_READINGS:
                        self._held.append((lane, parts))
                        parts, count = [], 0
            if parts:
                self._held.append((lane, parts))

    def _number(self, lane: Lane, parts: list[Measured], at: float, now: int) -> None:
        self._seq += 1
        seq = self._seq
        made = Pack(wire.VERSION, self.epoch, seq, self.boot, Clock(True, max(0, now - self._begun)), [m.column() for m in parts])
        for m in parts:
            self.ledger.column(self.node.name, m.name, seq, t=m.t, true_t=m.true_t, v=m.v, true_v=m.true_v, q=m.q)
        self.spool[seq] = Waiting(seq, lane, wire.encode(made), made.count, at)
        self.counts.readings += made.count
        self.counts.packs += 1

    def frame_faults(self, now: int) -> set[str]:
        """What happens to frames of any of its devices: it happens to its packs here."""
        return {e.kind for d in self.node.devices for e in d.effects if e.layer is Layer.FRAME and e.on(now)}

    def waits(self, at: float) -> bool:
        """Whether any pack is to be sent now: none was yet, or the receipt is overdue."""
        return any(not w.sent or at - w.sent >= RESEND_S for w in self.spool.values())

    def due(self, at: float) -> list[Waiting]:
        """Packs to send now: live first, oldest first, within the window; those without a receipt for too long again."""
        flying = [w for w in self.spool.values() if w.sent and at - w.sent < RESEND_S]
        room = min(self.credit, WINDOW) - len(flying)
        if room <= 0:
            return []
        waiting = [w for w in self.spool.values() if not w.sent or at - w.sent >= RESEND_S]
        return sorted(waiting, key=lambda w: (w.lane is not Lane.LIVE, w.seq))[:room]

    def sent(self, waiting: Waiting, at: float) -> None:
        """It is on its way."""
        self.counts.resent += waiting.sent > 0
        self.counts.bytes += len(waiting.payload)
        waiting.sent = at

    def cut(self) -> None:
        """The connection is gone: whatever was under way is sent again."""
        for waiting in self.spool.values():
            waiting.sent = 0.0

    def receipt(self, receipt: Receipt, at: float) -> None:
        """Forget what is stored; what the receipt names and we never sent changes nothing."""
        if receipt.epoch != self.epoch:
            return
        for first, last in receipt.ranges:
            numbers = range(first, last + 1) if last - first < len(self.spool) else [s for s in self.spool if first <= s <= last]
            for seq in numbers:
                self._settle(seq, at, "")
        for refused in receipt.rejected:
            self._settle(refused.seq, at, refused.code)
        if receipt.credit is not None:
            self.credit = max(1, receipt.credit)

    def _settle(self, seq: int, at: float, code: str) -> None:
        waiting = self.spool.pop(seq, None)
        if waiting is None:
            return
        self.counts.receipted += not code
        self.counts.rejected += bool(code)
        self.counts.late = max(self.counts.late, at - waiting.made)
        self._settled.append((self.node.name, seq, waiting.lane.value, waiting.readings, waiting.made, at, code))

    def settled(self) -> list[tuple[str, int, str, int, float, float, str]]:
        """Packs that were receipted or rejected since the last call, for the ledger."""
        out, self._settled = self._settled, []
        return out

    def unsettled(self) -> list[tuple[str, int, str, int, float, float, str]]:
        """Packs still in the spool, for the ledger."""
        return [(self.node.name, w.seq, w.lane.value, w.readings, w.made, float("nan"), "") for w in self.spool.values()]

    def state(self, online: bool = True) -> bytes:
        """Birth or last will."""
        devices = [Introduction(d.name, d.profile, d.title, "synthetic", d.note) for d in self.node.devices]
        return encode(
            State(online, self.epoch, self.run, VERSION, self._seq, len(self.spool) if online else 0, True, devices if online else [])
        )
