"""A run: the schedule is carried out, everything is healed, and the ledger is compared with what the cloud holds."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kampung_contract.errors import KampungError

from kampung_sim.chaos.brokers import Broker
from kampung_sim.chaos.catalogue import CLOCK, Fault, Target
from kampung_sim.chaos.ledger import Account, Told, compare
from kampung_sim.chaos.place import COMMIT_ALLOWANCE_MS, COMMIT_MS, Edge, Kiosks, Place
from kampung_sim.chaos.plan import Stroke, plan
from kampung_sim.chaos.program import Program
from kampung_sim.chaos.report import Report, figures
from kampung_sim.proxy import Mode

TICK_S = 0.02
MEND_S = 0.5
JUMP_MS = 2 * 3_600_000
PATIENCE_S = 5.0
"""A kill waits at most so long for its target to run."""


@dataclass(frozen=True)
class Options:
    """As the command line gives them. ``rate``: frames a second and sensor; ``drain``: seconds everything may take to arrive at the end."""

    seed: int
    seconds: float
    kills: int
    broker: Broker
    telemetry: str
    faults: tuple[str, ...]
    edges: int = 2
    sensors: int = 1
    rate: float = 20.0
    drain: float = 180.0
    hold: float | None = None


class NotDrained(KampungError):
    """Packs still wait at an edge although everything works."""

    code = "not_drained"


class Run:
    """``go`` once. ``ended`` stops it early."""

    def __init__(self, options: Options, folder: Path, say: Callable[[str], None], ended: threading.Event) -> None:
        self.options, self.folder, self._say, self._ended = options, folder, say, ended
        self.strokes = plan(options.seed, options.seconds, options.kills, options.faults, options.edges, hold=options.hold)
        self.done: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self._dice = random.Random(options.seed + 1)
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._ids = itertools.count()
        self._generation: Counter[str] = Counter()
        self._begun = 0.0
        self._mended = 0.0

    def go(self) -> Report | None:
        """None when it was stopped early. Raises ``KampungError`` when the village does not start or does not drain."""
        o = self.options
        self.place = Place(self.folder, o.broker, o.telemetry, Kiosks(o.edges, o.sensors, o.rate, o.seed, CLOCK in o.faults))
        try:
            self._say("Menyalakan broker, kabupaten dan kios …")
            self.place.start()
            first = time.time_ns() // 1_000_000
            self._begun = time.monotonic()
            self._faults()
            if self._ended.is_set():
                return None
            lasted = time.monotonic() - self._begun
            self._say("Semua dipulihkan; menunggu semua pembacaan tiba …")
            drained = self._heal_and_drain()
            if self._ended.is_set():
                return None
            return self._judge(first, lasted, drained)
        finally:
            self.place.close()

    def _faults(self) -> None:
        due = list(self.strokes)
        while (due or self._later) and not self._ended.is_set():
            now = time.monotonic() - self._begun
            while self._later and self._later[0][0] <= now:
                heapq.heappop(self._later)[2]()
            while due and due[0].at <= now and self._strike(due[0], now):
                due.pop(0)
            self._tend()
            self._ended.wait(TICK_S)

    def _tend(self) -> None:
        if time.monotonic() - self._mended < MEND_S:
            return
        self._mended = time.monotonic()
        for program in self.place.programs:
            if program.mend():
                self._tell(program.name, f"berhenti sendiri: {program.process.last_words()[-300:]}")
        for edge in self.place.edges:
            edge.look_at_disk()

    def _strike(self, stroke: Stroke, now: float) -> bool:
        """False when it is to be tried again: its target does not run."""
        fault, edge = stroke.fault, self.place.edges[stroke.edge]
        program = self._program(fault, edge)
        if not program.process.running and now - stroke.at < PATIENCE_S:
            return False
        if self._carry_out(stroke, edge, program):
            self.done[fault.name] += 1
            lasts = f", {stroke.seconds:.1f} s" if stroke.seconds and not fault.name.startswith("kill") else ""
            self._tell(program.name, f"{fault.words}{lasts}")
        else:
            self.skipped[fault.name] += 1
        return True

    def _program(self, fault: Fault, edge: Edge) -> Program:
        if fault.target is Target.EDGE:
            return edge.program
        return self.place.broker if fault.target is Target.BROKER else self.place.cloud

    def _carry_out(self, stroke: Stroke, edge: Edge, program: Program) -> bool:
        name = stroke.name
        if name.startswith("kill-"):
            if not program.kill():
                return False
            self._after(stroke.seconds, program.start)
        elif name.startswith("stop-"):
            pid = program.freeze()
            if pid is None:
                return False
            self._after(stroke.seconds, lambda: program.thaw(pid))
        elif name == "disk-full":
            pid = program.process.pid
            if pid is None or edge.refused_since is not None:
                return False
            edge.refused_since = time.time_ns() // 1_000_000
            edge.disk.fill(pid)
            self._after(stroke.seconds, edge.disk.free)
        elif name == CLOCK:
            self._jump(edge, stroke.seconds)
        elif name.startswith("spool-"):
            return self._damage(stroke, edge)
        else:
            self._link(edge, Mode(name), stroke.seconds)
        return True

    def _link(self, edge: Edge, mode: Mode, seconds: float) -> None:
        edge.proxy.set(mode, share=0.5 if self._dice.random() < 0.5 else 1.0)
        self._generation[edge.node] += 1
        mine = self._generation[edge.node]

        def mend() -> None:
            if self._generation[edge.node] == mine:
                edge.proxy.set(Mode.PASS)

        self._after(seconds, mend)

    def _jump(self, edge: Edge, seconds: float) -> None:
        if edge.clock is not None:
            shift = self._dice.choice((-1, 1)) * self._dice.randrange(5_000, JUMP_MS)
            edge.shifts.add(shift)
            edge.clock.jump(shift)
            self._after(seconds, lambda: edge.clock.jump(0) if edge.clock else None)

    def _damage(self, stroke: Stroke, edge: Edge) -> bool:
        edge.damaging = True
        killed = edge.program.kill()
        edge.damaging = False
        if not killed:
            return False
        data = bytearray(edge.spool.read_bytes()) if edge.spool.exists() else bytearray()
        if data and stroke.name == "spool-flip":
            for _ in range(max(4, len(data) // 20_000)):
                data[self._dice.randrange(len(data))] ^= 1 << self._dice.randrange(8)
        edge.spool.write_bytes(bytes(data) if stroke.name == "spool-flip" else bytes(data[: self._dice.randrange(len(data) + 1)]))
        self._after(stroke.seconds, edge.program.start)
        return True

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._later, (time.monotonic() - self._begun + seconds, next(self._ids), action))

    def _tell(self, name: str, what: str) -> None:
        self._say(f"  {time.monotonic() - self._begun:7.1f} s  {name:8} {what}")

    def _heal_and_drain(self) -> float:
        """Seconds until nothing waited any more. Raises ``NotDrained``."""
        place, begun = self.place, time.monotonic()
        for edge in place.edges:
            edge.proxy.set(Mode.PASS)
            edge.disk.free()
        for program in place.programs:
            program.thaw()
            program.start()
        while not all(p.ready for p in place.programs):
            self._wait_drain(begun, "tidak semua program siap")
        for sensor in (s for e in place.edges for s in e.sensors):
            sensor.silence()
        calm = 0.0
        while calm < 1.0 + COMMIT_MS / 1000:
            calm = calm + 0.2 if all(e.empty() for e in place.edges) else 0.0
            self._wait_drain(begun, "masih ada paket yang menunggu")
        return time.monotonic() - begun

    def _wait_drain(self, begun: float, what: str) -> None:
        self._tend()
        self._ended.wait(0.2)
        if self._ended.is_set():
            return
        if time.monotonic() - begun > self.options.drain:
            waiting = {e.node: e.health().get("spool") for e in self.place.edges}
            raise NotDrained(f"{what} setelah {self.options.drain:.0f} s: {waiting}; folder {self.folder}")

    def _judge(self, first: int, lasted: float, drained: float) -> Report:
        account = Account()
        nodes = {n["node"]: n for n in self.place.nodes()}
        last = time.time_ns() // 1_000_000 + 60_000
        for edge in self.place.edges:
            for sensor in edge.sensors:
                sensor.stop()
            epochs = [e["epoch"] for e in nodes.get(edge.node, {}).get("epochs", ())]
            for line in edge.lines:
                rows = self.place.rows(line.series, first - JUMP_MS - 60_000, last + JUMP_MS)
                compare(account, line, rows, Told(edge.deaths, len(epochs) > 1, shifts=frozenset(edge.shifts)))
        full = sum(s.full for e in self.place.edges for s in e.sensors)
        options = {**self.options.__dict__, "broker": self.options.broker.value, "faults": list(self.options.faults)}
        return Report(
            account=account,
            programs={p.name: figures(p) for p in self.place.programs},
            faults=dict(sorted(self.done.items())),
            skipped=dict(sorted(self.skipped.items())),
            options=options,
            seconds=round(lasted, 1),
            drained_s=round(drained, 1),
            line_full=full,
            window_ms=COMMIT_MS + COMMIT_ALLOWANCE_MS,
            complete={n: bool(seen.get("complete")) for n, seen in nodes.items()},
            packets_dropped=sum(e.proxy.dropped for e in self.place.edges),
        )
