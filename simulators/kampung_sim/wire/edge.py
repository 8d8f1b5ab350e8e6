"""An edge of a scenario: its configuration, its process, its link, its disk and its clock."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from kampung_contract.times import text

from kampung_sim.chaos.disk import Disk
from kampung_sim.chaos.wallclock import WallClock
from kampung_sim.process import Process, answers, free_port
from kampung_sim.proxy import Mode, Proxy
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.faults.clock import told
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.plan import Node


def configuration(node: Node, *, mqtt: int, kiosk: int, start: int, begun: int, seconds: float) -> str:
    """The edge's file as a technician would write it. The sensors' clock runs from ``start`` and meets the present."""
    ports = []
    for port in node.ports:
        devices = []
        for device in port.devices:
            every = device.every / 1000
            table: dict[str, Any] = {"name": device.name, "profile": device.profile, "every": every, "rehearsal_every": every}
            config = device.config.model_dump(by_alias=True, exclude_defaults=True, mode="json")
            table |= {key: config[key] for key in ("address", "timeout", "adjust", "derive") if key in config}
            table |= {"title": device.title, "origin": "synthetic", "note": device.note or "Simulasi"}
            devices.append(table)
        ports.append({"name": port.name, "url": f"dev/{port.name}", "device": devices})
    return tomlkit.dumps(
        {
            "village": node.address.village,
            "node": node.name,
            "data": "data",
            "broker": {"url": f"mqtt://127.0.0.1:{mqtt}"},
            "kiosk": {"host": "127.0.0.1", "port": kiosk},
            "rehearsal": {"start": text(start), "begun": text(begun), "seconds": seconds},
            "port": ports,
        }
    )


class Edge:
    """One kiosk with everything that can go wrong with it. ``apply`` once a second."""

    def __init__(self, folder: Path, node: Node, broker: int, *, rate: float, clocks: bool) -> None:
        self.node, self.folder, self._rate = node, folder, rate
        self.kiosk_port = free_port()
        (folder / "dev").mkdir(parents=True, exist_ok=True)
        self.proxy = Proxy(broker, seed=sum(node.name.encode()))
        self.disk = Disk(folder / "data")
        self.clock = WallClock(folder) if clocks else None
        program = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(folder / "edge.toml")]
        ready = f"http://127.0.0.1:{self.kiosk_port}/api/health"
        self.process = Process(
            f"edge {node.name}", program, folder / "edge.log", lambda: answers(ready), self.clock.env if self.clock else None
        )
        self._was: dict[str, Effect] = {}
        self.restarts = 0

    @property
    def url(self) -> str:
        """The kiosk's page."""
        return f"http://127.0.0.1:{self.kiosk_port}/"

    def write(self, start: int, begun: int, seconds: float) -> None:
        """Its configuration."""
        words = configuration(self.node, mqtt=self.proxy.port, kiosk=self.kiosk_port, start=start, begun=begun, seconds=seconds)
        (self.folder / "edge.toml").write_text(words, encoding="utf-8")

    def apply(self, now: int) -> list[str]:
        """Bring link, process, disk and clock to what the faults of this moment make of them; says what of it cannot be done."""
        on = {e.kind: e for e in self.node.effects if e.on(now)}
        troubles: list[str] = []
        self._link(on)
        self._power(on)
        if ("disk-full" in on) != ("disk-full" in self._was):
            if "disk-full" in on and self.process.pid:
                self.disk.fill(self.process.pid)
            else:
                self.disk.free()
        clock = [e for e in self.node.effects if e.layer is Layer.CLOCK]
        if self.clock is not None:
            off = int(told(clock, np.array([now], np.int64))[0]) - now
            self.clock.jump(round(off / self._rate))
        elif any(e.on(now) for e in clock):
            troubles.append("the clock of a running edge cannot be moved: start with a scenario that has a clock fault")
        self._was = on
        return troubles

    def _link(self, on: dict[str, Effect]) -> None:
        if "link-down" in on:
            wanted: tuple[Mode, dict[str, Any]] = (Mode.CUT, {})
        elif "slow-link" in on:
            wanted = Mode.SLOW, {"rate": round(on["slow-link"].get("rate") * self._rate)}
        elif "lossy-link" in on:
            wanted = Mode.LOSSY, {}
        else:
            wanted = Mode.PASS, {}
        if self.proxy.mode is not wanted[0]:
            self.proxy.set(wanted[0], **wanted[1])

    def _power(self, on: dict[str, Effect]) -> None:
        if "edge-power-cut" in on:
            self.process.kill()
        elif not self.process.running:
            self.restarts += 1
            self.process.start()

    def stop(self) -> None:
        """The end."""
        self.disk.free()
        self.process.stop()
        self.proxy.close()
        self.disk.close()
