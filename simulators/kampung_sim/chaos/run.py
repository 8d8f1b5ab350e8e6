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
from kampung_sim.chaos.catalogue import CLOCK, DAMAGE, FAULTS, Target
from kampung_sim.chaos.edge import COMMIT_MS, WINDOW_MS, Edge, Kiosks
from kampung_sim.chaos.judge import judge
from kampung_sim.chaos.place import Place
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
    """As the command line gives them. ``rates``: frames a second and sensor, dealt to the edges in turn; ``drain``: seconds everything may
    take to arrive at the end."""

    seed: int
    seconds: float
    kills: int
    broker: Broker
    telemetry: str
    faults: tuple[str, ...]
    edges: int = 2
    sensors: int = 1
    rates: tuple[float, ...] = (20.0,)
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
        self._begun = 0.0
        self._mended = 0.0

    def go(self) -> Report | None:
        """None when it was stopped early. Raises ``KampungError`` when the village does not start or does not drain."""
        o = self.options
        killed = any(FAULTS[n].target is Target.EDGE and (n.startswith("kill-") or n in DAMAGE) for n in o.faults)
        kiosks = Kiosks(o.edges, o.sensors, o.rates, o.seed, CLOCK in o.faults, killed)
        self.place = Place(self.folder, o.broker, o.telemetry, kiosks)
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

    def _strike(self, stroke: Stroke, now: float) -> bool:
        """False when it is to be tried again: its target does not run."""
        fault, edge = stroke.fault, self.place.edges[stroke.edge]
        program = self._program(fault.target, edge)
        if not program.process.running and now - stroke.at < PATIENCE_S:
            return False
        if self._carry_out(stroke, edge, program):
            self.done[fault.name] += 1
            lasts = f", {stroke.seconds:.1f} s" if stroke.seconds and not fault.name.startswith("kill") else ""
            self._tell(program.name, f"{fault.words}{lasts}")
        else:
            self.skipped[fault.name] += 1
        return True

    def _program(self, target: Target, edge: Edge) -> Program:
        match target:
            case Target.EDGE:
                return edge.program
            case Target.BROKER:
                return self.place.broker
            case Target.CLOUD:
                return self.place.cloud
            case Target.ENGINE:
                assert self.place.engine is not None, "parse_faults lets nobody kill an engine that is no program"
                return self.place.engine

    def _carry_out(self, stroke: Stroke, edge: Edge, program: Program) -> bool:
        name, fault = stroke.name, stroke.fault
        if fault.mode is not None:
            link = edge.link if fault.target is Target.EDGE else self.place.link
            self._after(stroke.seconds, link.fault(fault.mode, share=0.5 if self._dice.random() < 0.5 else 1.0))
        elif name.startswith("kill-"):
            if not program.kill():
                return False
            self._after(stroke.seconds, program.start)
        elif name.startswith("stop-"):
            pid = program.freeze()
            if pid is None:
                return False
            self._after(stroke.seconds, lambda: program.thaw(pid))
        elif name == "disk-full":
            if not edge.fill():
                return False
            self._after(stroke.seconds, edge.free)
        elif name == CLOCK:
            self._jump(edge, stroke.seconds)
        else:
            mend = edge.link.fault(Mode.CUT, share=1.0)  # so that there is something in the spool
            self._after(stroke.seconds, lambda: self._damage(name, edge, mend))
        return True

    def _damage(self, name: str, edge: Edge, mend: Callable[[], None]) -> None:
        if not edge.damage(name, self._dice):
            self.skipped[name] += 1
        self._after(self._dice.uniform(0, 0.2), edge.program.start)
        mend()

    def _jump(self, edge: Edge, seconds: float) -> None:
        if edge.clock is not None:
            shift = self._dice.choice((-1, 1)) * self._dice.randrange(5_000, JUMP_MS)
            edge.shifts.add(shift)
            edge.clock.jump(shift)
            self._after(seconds, lambda: edge.clock.jump(0) if edge.clock else None)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._later, (time.monotonic() - self._begun + seconds, next(self._ids), action))

    def _tell(self, name: str, what: str) -> None:
        self._say(f"  {time.monotonic() - self._begun:7.1f} s  {name:8} {what}")

    def _heal_and_drain(self) -> float:
        """Seconds until nothing waited any more. Raises ``NotDrained``."""
        place, begun = self.place, time.monotonic()
        for link in place.links:
            link.heal()
        for edge in place.edges:
            edge.free()
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
        last = time.time_ns() // 1_000_000 + 60_000
        account, damages, complete = judge(self.place, first - JUMP_MS - 60_000, last + JUMP_MS)
        return Report(
            account=account,
            damages=damages,
            programs={p.name: figures(p) for p in self.place.programs},
            faults=dict(sorted(self.done.items())),
            skipped=dict(sorted(self.skipped.items())),
            options={**self.options.__dict__, "broker": self.options.broker.value},
            seconds=round(lasted, 1),
            drained_s=round(drained, 1),
            line_full=sum(s.full for e in self.place.edges for s in e.sensors),
            window_ms=WINDOW_MS,
            complete=complete,
            windows_ms=sorted(d.at - d.safe for e in self.place.edges for d in e.deaths),
            packets_dropped=sum(link.dropped for link in self.place.links),
        )
