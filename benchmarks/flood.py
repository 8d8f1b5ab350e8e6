"""A flood runs down a river past three villages (scenario ``banjir-tiga-desa``): how long before it the lowest one is told.

The real programs (broker, regency, three kiosks on real lines, and what stands in for an SMS gateway), under a clock of their own that
runs 40 times as fast (``chaos/clockshift.c``): what the programs are late in true seconds counts 40 times, and what they do once a minute
they do once in 40 of the flood's, so that every figure is worse than it would be. Cases: links up; the upper village's link cut; with its
radio gone, too; both upper links cut, with radio and without. ``KAMPUNG_BENCH_CASES`` chooses some.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.chaos.wallclock import Pace, WallClock
from kampung_sim.process import Process, answers, free_port, listening
from kampung_sim.proxy import Mode, Proxy
from kampung_sim.scenario.load import load
from kampung_sim.scenario.plan import Node, Plan
from kampung_sim.wire.edge import configuration
from kampung_sim.wire.lines import Lines

from benchmarks.result import Result

RATE = int(os.environ.get("KAMPUNG_BENCH_RATE", "40"))
SCENARIO = "banjir-tiga-desa"
HULU, TENGAH, HILIR = "35.10.24.2008", "35.10.15.2012", "35.10.16.1010"
BANK = {"hulu": 3.0, "tengah": 3.0, "hilir": 2.6}
"""Metres to the top of the bank: Siaga 3 at half of it."""
FROM_MIN, TO_MIN = 40, 215
"""Of the scenario: before the rain, and past the lowest village's Siaga 3."""
LOOK_S = 0.2
PHONE = "0812-0000-1234"


@dataclass(frozen=True)
class Case:
    """``cut``: kiosks without a link; ``radio``: whether the gauges' radios are there."""

    key: str
    cut: tuple[str, ...]
    radio: bool


CASES = (
    Case("links up, no radio", (), False),
    Case("upper link cut, radio", ("hulu-1",), True),
    Case("upper link cut, no radio", ("hulu-1",), False),
    Case("both upper links cut, radio", ("hulu-1", "tengah-1"), True),
    Case("both upper links cut, no radio", ("hulu-1", "tengah-1"), False),
)


class Hurried:
    """The scenario's time as a sample clock of the lines."""

    rehearsing = False

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def now_ms(self) -> int:
        return self._pace.at()

    def wait_until(self, at_ms: int, stop: threading.Event, limit: float = 3600.0) -> bool:
        return stop.wait(min(max(0.0, (at_ms - self.now_ms()) / 1000 / self._pace.rate), limit))


def gauges(radio: bool) -> list[dict[str, Any]]:
    """As the regency's configuration has them."""
    source = "skenario banjir-tiga-desa"

    def way(gauge: str, least: int, most: int, heard: str) -> dict[str, Any]:
        return {"gauge": gauge, "minutes": [least, most], "source": source} | ({"radio": heard} if radio else {})

    def one(name: str, village: str, order: int, *ways: dict[str, Any]) -> dict[str, Any]:
        series = f"{name}-1.kali-1.water_level"
        return {"id": name, "river": "Kali Bomo", "village": village, "order": order, "series": series, "bank_full": BANK[name]} | (
            {"upstream": list(ways)} if ways else {}
        )

    from_hulu, from_tengah = "tengah-1.radio-hulu.water_level", "hilir-1.radio-tengah.water_level"
    return [
        one("hulu", HULU, 1),
        one("tengah", TENGAH, 2, way("hulu", 40, 70, from_hulu)),
        one("hilir", HILIR, 3, way("tengah", 50, 80, from_tengah), way("hulu", 90, 150, from_hulu)),
    ]


@contextmanager
def running(process: Process) -> Iterator[Process]:
    """Started and ready, and stopped at the end."""
    process.start()
    try:
        process.wait_ready(90)
        yield process
    finally:
        process.stop()


class Stage:
    """One run of one case."""

    def __init__(self, case: Case, folder: Path, plan: Plan) -> None:
        self.case, self._folder, self._plan = case, folder, plan
        self._loaded = load(Path(SCENARIO))
        self.mqtt, self.cloud, self.sms, self.smtp = free_port(), free_port(), free_port(), free_port()
        self.kiosks = {node.name: free_port() for node in plan.nodes}
        for sub in ("broker", "log"):
            (folder / sub).mkdir(parents=True)

    def run(self) -> dict[str, Any]:
        """What was told when: minutes of the scenario, by way."""
        with ExitStack() as stack:
            channels = SimulatedChannels("127.0.0.1", self.sms, self.smtp)
            channels.start()
            stack.callback(channels.stop)
            stack.enter_context(
                running(
                    self._program(
                        "broker", "kampung-cloud", ("broker", "--port", str(self.mqtt), "--data", str(self._folder / "broker")), {}
                    )
                )
            )
            pace = Pace.now(RATE, self._plan.start + FROM_MIN * 60_000)
            env = WallClock(self._folder, pace).env
            self._cloud_file()
            stack.enter_context(
                running(self._program("cloud", "kampung-cloud", ("serve", "--config", str(self._folder / "cloud.toml")), env))
            )
            self._people()
            for node in self._plan.nodes:
                proxy = Proxy(self.mqtt, seed=1)
                stack.callback(proxy.close)
                if node.name in self.case.cut:
                    proxy.set(Mode.CUT)
                for line in self._lines(node, pace):
                    line.start()
                    stack.callback(line.stop)
                self._edge_file(node, proxy.port)
                ready = ("run", "--config", str(self._folder / node.name / "edge.toml"))
                stack.enter_context(running(self._program(node.name, "kampung-edge", ready, env)))
            return self._watch(pace, channels)

    def _watch(self, pace: Pace, channels: SimulatedChannels) -> dict[str, Any]:
        seen: dict[str, float] = {}
        alarms: dict[str, str] = {}
        while (minute := (pace.at() - self._plan.start) / 60_000) < TO_MIN:
            for alarm in self._kiosk():
                if alarm["state"] == "firing" and alarm["rule"] not in alarms:
                    alarms[alarm["rule"]] = alarm["title"]["id"]
                    seen.setdefault("kiosk", minute)
                    seen[f"kiosk {alarm['rule']}"] = minute
            time.sleep(LOOK_S)
        got = [m for m in channels.ledger.listed("sms") if m.to.replace(" ", "").endswith(PHONE.replace("-", "")[1:])]
        times = [((pace.to + (m.at - pace.from_) * pace.rate) - self._plan.start) / 60_000 for m in got]
        if times:
            seen["phone"] = times[0]
        return {"seen": seen, "first": got[0].text if got else None, "messages": len(got), "alarms": alarms}

    def _kiosk(self) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.kiosks['hilir-1']}/api/content/alarms?missing=empty"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                body = answer.read()
        except OSError:
            return []
        return json.loads(body)["document"]["alarms"] if body else []

    def _program(self, name: str, program: str, arguments: tuple[str, ...], env: dict[str, str]) -> Process:
        ready = {"broker": lambda: listening(self.mqtt), "cloud": lambda: answers(f"http://127.0.0.1:{self.cloud}/api/v1/healthz")}
        port = self.kiosks.get(name)
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        return Process(
            name,
            command,
            self._folder / "log" / f"{name}.log",
            ready.get(name) or (lambda: answers(f"http://127.0.0.1:{port}/api/health")),
            env,
        )

    def _cloud_file(self) -> None:
        table = {
            "data": "cloud",
            "broker": {"url": f"mqtt://127.0.0.1:{self.mqtt}"},
            "telemetry": {"url": "duckdb:telemetry.duckdb"},
            "api": {"host": "127.0.0.1", "port": self.cloud},
            "channel": [{"name": "sms", "kind": "sms", "url": f"http://127.0.0.1:{self.sms}/sms", "recognises_key": True}],
            "gauge": gauges(self.case.radio),
        }
        (self._folder / "cloud.toml").write_text(tomlkit.dumps(table), encoding="utf-8")

    def _people(self) -> None:
        person = {
            "id": "petugas-hilir",
            "name": "Petugas (contoh)",
            "role": "petugas",
            "village": HILIR,
            "addresses": [{"channel": "sms", "address": PHONE}],
        }
        token = (self._folder / "cloud" / "token").read_text(encoding="utf-8").strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"people": [person]}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.cloud}/api/v1/people", body, headers, method="POST")
        urllib.request.urlopen(request, timeout=30).close()

    def _lines(self, node: Node, pace: Pace) -> Iterator[Lines]:
        folder = self._folder / node.name / "dev"
        folder.mkdir(parents=True)
        world = self._loaded.world()
        for port in node.ports:
            if self.case.radio or not any(d.profile == "kampung-gauge" for d in port.devices):
                yield Lines(folder, port, world, Hurried(pace), rate=pace.rate, witness=lambda *_: None)

    def _edge_file(self, node: Node, port: int) -> None:
        ports = tuple(p for p in node.ports if self.case.radio or not any(d.profile == "kampung-gauge" for d in p.devices))
        table: Any = tomlkit.parse(
            configuration(replace(node, ports=ports), mqtt=port, kiosk=self.kiosks[node.name], start=0, begun=0, seconds=0.0)
        )
        del table["rehearsal"]
        table["clock"] = {"synchronised": True}
        for line in table["port"]:
            for device in line["device"]:
                if device["profile"] == "xunchip-xm9505":
                    device["every"] = 60.0 / RATE  # asked by true seconds
        (self._folder / node.name / "edge.toml").write_text(tomlkit.dumps(table), encoding="utf-8")


def crossings(plan: Plan) -> dict[str, float]:
    """Minutes of the scenario at which the true water reaches Siaga 3, by kiosk."""
    world, out = load(Path(SCENARIO)).world(), {}
    t = np.arange(plan.start, plan.stop, 10_000, dtype=np.int64)
    for node in plan.nodes:
        gauge = next(d for d in node.devices if d.name == "kali-1")
        level = 4.4 - world.true(gauge, t)["distance"]
        out[node.name] = float(t[int(np.argmax(level >= BANK[node.name[:-2]] / 2))] - plan.start) / 60_000
    return out


def run() -> Iterator[Result]:
    """Minutes of warning before the water reaches Siaga 3 in the lowest village."""
    plan = load(Path(SCENARIO)).plan
    water = crossings(plan)
    yield Result("flood: Siaga 3 upstream to Siaga 3 here", water["hilir-1"] - water["hulu-1"], "min", None, None, 1)
    wanted = os.environ.get("KAMPUNG_BENCH_CASES", "")
    for number, case in enumerate(CASES):
        if wanted and str(number) not in wanted.split(","):
            continue
        with tempfile.TemporaryDirectory(prefix="flood-") as folder:
            found = Stage(case, Path(folder), plan).run()
            if keep := os.environ.get("KAMPUNG_BENCH_KEEP"):
                (Path(keep) / f"flood-{number}.json").write_text(
                    json.dumps(found | {"water": water}, indent=1, ensure_ascii=False), encoding="utf-8"
                )
        for way in ("kiosk", "phone"):
            told = found["seen"].get(way)
            lead = 0.0 if told is None else water["hilir-1"] - told
            yield Result(f"flood: warned by {way}, {case.key}", lead, "min before", None, None, 1)
