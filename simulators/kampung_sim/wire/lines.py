"""A node's serial lines with their devices, driven by the scenario's world; what went out whole is told to a witness."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kampung_bridge.clock import SampleClock
from kampung_bridge.profile import ModbusProfile, StreamProfile
from kampung_bridge.responder import Responder
from kampung_bridge.sdi12_responder import Sdi12Responder

from kampung_sim.device import Line
from kampung_sim.scenario.faults.frame import Frames
from kampung_sim.scenario.plan import Device, Port
from kampung_sim.scenario.world import World
from kampung_sim.wire.frames import sdi12_numbers, stream_frame

Witness = Callable[[Device, int, Mapping[str, float]], None]
"""A frame of a device left undamaged at a time of the scenario, with these values by quantity of its profile."""

FASTEST_S = 0.05
PLUG_S = 0.25


class Wired:
    """One device: its values and faults. ``device`` may be replaced by one with more faults."""

    def __init__(self, world: World, device: Device) -> None:
        self._world = world
        self.measured: Mapping[str, float] = {}
        self.set(device)

    def set(self, device: Device) -> None:
        """With the faults it has now."""
        self.device = device
        self.values = self._world.values(device)
        self.frames: Frames = self._world.frames(device)


class Lines(threading.Thread):
    """One serial line from the moment it is started; unplugged and plugged in as its faults say."""

    def __init__(self, folder: Path, port: Port, world: World, clock: SampleClock, *, rate: float, witness: Witness) -> None:
        super().__init__(name=f"line-{folder.name}-{port.name}", daemon=True)
        self.port, self._link, self._clock, self._witness = port, folder / port.name, clock, witness
        self._rate = rate
        self.wired = [Wired(world, d) for d in port.devices]
        self._ended = threading.Event()
        self._line: Line | None = None
        model = port.devices[0].config.model
        self._responders = {
            w.device.name: Responder(w.device.config.model, w.device.config.bus_address)
            for w in self.wired
            if isinstance(w.device.config.model, ModbusProfile)
        }
        self._sensors = {
            w.device.name: Sdi12Responder(w.device.config.sdi12_address, lambda _, w=w: self._measure(w))  # type: ignore[misc]
            for w in self.wired
            if w.device.config.sdi12_address
        }
        self._next = 0.0
        self._seq = 0
        if isinstance(model, ModbusProfile):
            self._step: Callable[[Line], None] = self._bus
        elif model.sdi12 is not None:
            self._step = self._sdi12
        else:
            stream_frame(model, {})  # whether it has frames at all is said before anything runs
            self._step = self._stream

    def run(self) -> None:
        while not self._ended.is_set():
            now = self._clock.now_ms()
            out = any(e.kind == "port-unplugged" and e.on(now) for w in self.wired for e in w.device.effects)
            if out and self._line is not None:
                self._line.close()
                self._line = None
            elif not out and self._line is None:
                self._line = Line(self._link)
            if self._line is None:
                self._ended.wait(PLUG_S)
                continue
            self._step(self._line)
        if self._line is not None:
            self._line.close()

    def stop(self) -> None:
        """Pull the plug for good."""
        self._ended.set()
        if self.ident is not None:
            self.join(5)

    def _send(self, line: Line, wired: Wired, frame: bytes, now: int, values: Mapping[str, float]) -> None:
        sent = wired.frames.send(frame, now)
        if frame in sent:
            self._witness(wired.device, now, values)
        for part in sent:
            line.write(part)

    def _bus(self, line: Line) -> None:
        asked = line.read(PLUG_S)
        if not asked:
            return
        now = self._clock.now_ms()
        for wired in self.wired:
            values = wired.values(now)
            answer = self._responders[wired.device.name].answer(asked, values or {})
            if answer and values is not None:
                self._send(line, wired, answer, now, values)

    def _stream(self, line: Line) -> None:
        (wired,) = self.wired
        model = wired.device.config.model
        assert isinstance(model, StreamProfile)
        asked = line.read(max(0.0, min(PLUG_S, self._next - time.monotonic())))
        if time.monotonic() < self._next and not (model.request and bytes.fromhex(model.request) in asked):
            return
        if model.request and not asked:
            self._next = time.monotonic() + PLUG_S
            return
        self._next = time.monotonic() + max(FASTEST_S, min(1.0, wired.device.every / 4000 / self._rate))
        now = self._clock.now_ms()
        values = wired.values(now)
        frame = stream_frame(model, values, self._seq) if values is not None else None
        self._seq += 1
        if frame is not None and values is not None:
            self._send(line, wired, frame, now, values)

    def _sdi12(self, line: Line) -> None:
        asked = line.read(PLUG_S)
        now = self._clock.now_ms()
        for wired in self.wired:
            answer = self._sensors[wired.device.name].answer(asked, time.monotonic()) if asked else b""
            if answer and wired.values(now) is not None:
                self._send(line, wired, answer, now, wired.measured)

    def _measure(self, wired: Wired) -> list[float]:
        model, now = wired.device.config.model, self._clock.now_ms()
        assert isinstance(model, StreamProfile)
        wired.measured = wired.values(now) or {}
        return sdi12_numbers(model, wired.measured)
