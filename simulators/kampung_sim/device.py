"""Simulated devices on real pseudo-terminals: genuine frames, from values over time."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import termios
import threading
import tty
from collections.abc import Callable, Mapping
from pathlib import Path

from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.clock import SampleClock
from kampung_bridge.profile import ModbusProfile, StreamProfile, load_profile
from kampung_bridge.responder import Responder

from kampung_sim.wire.frames import stream_frame

Values = Callable[[int], Mapping[str, float] | None]
"""Values by quantity at a time in milliseconds UTC; None while the device is silent."""

Frame = Callable[[Mapping[str, float], int], bytes | None]
"""Bytes of one frame out of values by quantity and a running number; None where a value is missing."""

UNREAD = 256
"""Bytes that may wait on a line nobody reads. A wire keeps none; a few let a reader be late."""


class Line:
    """One serial line: a pseudo-terminal whose end for the edge is found under a name that outlives it."""

    def __init__(self, link: Path) -> None:
        self.ours, self.theirs = os.openpty()
        tty.setraw(self.theirs)
        os.set_blocking(self.ours, False)
        self.link = link
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(self.theirs))

    def read(self, seconds: float) -> bytes:
        """What came within ``seconds``; empty when nothing did."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.ours, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send. What nobody reads is lost, as on a wire."""
        unread = struct.unpack("i", fcntl.ioctl(self.theirs, termios.FIONREAD, struct.pack("i", 0)))[0]
        if unread > UNREAD:
            termios.tcflush(self.theirs, termios.TCIFLUSH)
        try:
            os.write(self.ours, data)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EIO):
                raise

    def close(self) -> None:
        """Pull the plug."""
        self.link.unlink(missing_ok=True)
        os.close(self.ours)
        os.close(self.theirs)


class Device(threading.Thread):
    """A device that lives on its line until it is stopped."""

    def __init__(self, line: Line, clock: SampleClock) -> None:
        super().__init__(name=f"device-{line.link.name}", daemon=True)
        self.line = line
        self.clock = clock
        self.ended = threading.Event()

    def stop(self) -> None:
        """End the thread and pull the plug."""
        self.ended.set()
        if self.ident is not None:
            self.join()
        self.line.close()


class ModbusBus(Device):
    """Probes and relay boards on one RS485 bus, each with its own address, answering when they are asked."""

    def __init__(self, line: Line, clock: SampleClock, probes: Mapping[int, tuple[str, Values]]) -> None:
        super().__init__(line, clock)
        self.probes = [(Responder(_modbus(profile), address), values) for address, (profile, values) in probes.items()]

    @property
    def states(self) -> dict[int, dict[str, bool]]:
        """Address → output → whether it is on, of the devices that switch something."""
        return {responder.address: responder.states for responder, _ in self.probes if responder.states}

    def run(self) -> None:
        while not self.ended.is_set():
            asked = self.line.read(0.25)
            if not asked:
                continue
            now = self.clock.now_ms()
            for responder, values in self.probes:
                seen = values(now)
                if seen is not None and (answer := responder.answer(asked, seen)):
                    self.line.write(answer)


class Streaming(Device):
    """A device that sends a ``frame`` of its values every ``every`` ms (``rehearsal_every`` while time hurries)."""

    def __init__(self, line: Line, clock: SampleClock, values: Values, frame: Frame, *, every: int, rehearsal_every: int) -> None:
        super().__init__(line, clock)
        self.values = values
        self.frame = frame
        self.every = every
        self.rehearsal_every = rehearsal_every
        self.sent = 0
        """Frames so far."""

    def run(self) -> None:
        while not self.ended.is_set():
            now = self.clock.now_ms()
            seen = self.values(now)
            if seen is not None and (sent := self.frame(seen, self.sent)) is not None:
                self.line.write(sent)
                self.sent += 1
            self.line.read(0)
            self.clock.wait_until(now + (self.rehearsal_every if self.clock.rehearsing else self.every), self.ended)


class LevelSensor(Streaming):
    """An A02YYUW that streams the distance it sees, in metres."""

    def __init__(self, line: Line, clock: SampleClock, distance: Values, every: int, rehearsal_every: int) -> None:
        super().__init__(line, clock, distance, _distance, every=every, rehearsal_every=rehearsal_every)


def streaming(profile: str) -> Frame:
    """How a device of this profile puts its values into frames. Raises ``TypeError`` for one that does not stream."""
    found = load_profile(profile)
    if not isinstance(found, StreamProfile):
        raise TypeError(f"profile {profile!r} does not stream")
    return lambda values, number: stream_frame(found, values, number)


def _distance(values: Mapping[str, float], _: int) -> bytes:
    return encode_a02yyuw(round(min(max(values["distance"], 0.03), 4.5) * 1000))


def _modbus(profile: str) -> ModbusProfile:
    found = load_profile(profile)
    if not isinstance(found, ModbusProfile):
        raise TypeError(f"profile {profile!r} does not answer on a bus")
    return found
