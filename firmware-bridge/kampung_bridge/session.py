"""What happens on an open line: a Modbus bus is polled, a stream is listened to. One step at a time, each with a deadline."""

import math
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from kampung_bridge.clock import SampleClock
from kampung_bridge.decoder import Decoder, Frame, FrameError
from kampung_bridge.device import Device
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request
from kampung_bridge.profile import Block, ModbusProfile, Serial, StreamProfile
from kampung_bridge.reading import Reading
from kampung_bridge.stream import STREAM_DECODERS

READ_SLICE = 0.1  # seconds a read may block; the line is opened with it
IDLE_SLICE = 0.5  # seconds between two looks at a line nobody talks on: an unplugged adapter shows itself there
CHUNK = 4096
STREAM_SILENCE = 10.0  # seconds of true time
ASK_EVERY = 0.2  # seconds between two questions to a stream that answers only when asked


class Line(Protocol):
    """What is used of pyserial. Everything may raise OSError (SerialException is one) or termios.error: the line is lost."""

    @property
    def in_waiting(self) -> int: ...

    def read(self, size: int = 1) -> bytes: ...

    def write(self, data: bytes) -> int | None: ...

    def reset_input_buffer(self) -> None: ...

    def close(self) -> None: ...


class Sink(Protocol):
    """Where a session reports to: its port."""

    def heard(self, device: Device, readings: Sequence[Reading], at_ms: int, deliver: bool) -> None: ...

    def complained(self, device: Device, error: FrameError) -> None: ...

    def failed(self, device: Device, detail: str, at_once: bool = False) -> None: ...

    def garbage(self, count: int) -> None: ...


class Session(Protocol):
    """Serves an open line."""

    def step(self, stop: threading.Event) -> None:
        """At most a second or so of work or waiting. Raises what the Line raises."""


class BusSession:
    """Polls Modbus devices in the order their polls fall due: the longest overdue first, so no device starves another.

    A dead device costs its neighbours its reply deadline, and after a few failures is asked more and more rarely.
    """

    def __init__(self, line: Line, devices: Sequence[Device], serial: Serial, clock: SampleClock, sink: Sink) -> None:
        self._line, self._devices, self._clock, self._sink = line, devices, clock, sink
        self._character = (1 + serial.data_bits + (serial.parity != "N") + serial.stop_bits) / serial.baud
        self._gap = max(3.5 * self._character, 0.00175)  # Modbus over Serial Line V1.02, 2.5.1.1
        self._busy_until = 0.0  # monotonic: the last byte seen, or sent

    def step(self, stop: threading.Event) -> None:
        now = self._clock.now_ms()
        awake = [device for device in self._devices if device.resting() == 0]
        device = min(awake, key=lambda d: d.due_ms(now), default=None)
        if device is not None and device.due_ms(now) <= now:
            device.polled(now)
            self._poll(device, stop)
            return
        rest = min((d.resting() for d in self._devices if d not in awake), default=IDLE_SLICE)
        limit = min(IDLE_SLICE, rest)
        if device is None:
            stop.wait(limit)
        else:
            self._clock.wait_until(device.due_ms(now), stop, limit)
        self._discard()

    def _discard(self) -> None:
        """Nobody was asked, so nobody should speak; a late reply must not answer the next request."""
        if waiting := self._line.in_waiting:
            self._sink.garbage(len(self._line.read(min(waiting, CHUNK))))
            self._line.reset_input_buffer()
            self._busy_until = time.monotonic()

    def _poll(self, device: Device, stop: threading.Event) -> None:
        profile = device.config.model
        assert isinstance(profile, ModbusProfile)
        for block in profile.blocks:
            reply = self._ask(device, profile, block, stop)
            if reply is None:
                return
            self._sink.heard(device, block.readings(reply.registers), self._clock.now_ms(), deliver=True)

    def _ask(self, device: Device, profile: ModbusProfile, block: Block, stop: threading.Event) -> Reply | None:
        address = device.config.bus_address
        request = read_request(address, block.function, block.start, block.size)
        decoder = ReplyDecoder(address, block.function, 2 * block.size, request)
        self._discard()
        stop.wait(max(0.0, self._busy_until + self._gap - time.monotonic()))
        self._line.write(request)
        on_the_wire = (len(request) + 5 + 2 * block.size) * self._character
        deadline = time.monotonic() + on_the_wire + (device.config.timeout or profile.timeout)
        reply, refusal = None, None
        while reply is None and refusal is None and not stop.is_set() and time.monotonic() < deadline:
            data = self._line.read(max(1, min(self._line.in_waiting, CHUNK)))
            for result in decoder.feed(data):
                if isinstance(result, Reply):
                    reply = result
                else:
                    refusal = result
        self._busy_until = time.monotonic()
        errors = [refusal] if refusal else []
        errors += [result for result in decoder.finish() if isinstance(result, FrameError)]
        for error in errors:
            self._sink.complained(device, error)
        self._sink.garbage(decoder.counters.garbage)
        if reply is None and not stop.is_set():
            detail = errors[0].detail if errors else f"no reply from address {address}"
            if not errors:
                self._sink.complained(device, FrameError("no_reply", detail))
            self._sink.failed(device, detail)
        return reply


class StreamSession:
    """Listens to the one device of a line; one that must be asked is asked each `every` seconds (of true time, at most 5 a second)."""

    def __init__(self, line: Line, device: Device, clock: SampleClock, sink: Sink) -> None:
        profile = device.config.model
        assert isinstance(profile, StreamProfile)
        self._line, self._device, self._clock, self._sink = line, device, clock, sink
        self._decoder: Decoder[Frame] = STREAM_DECODERS[profile.decoder](profile.outputs)
        self._request = bytes.fromhex(profile.request)
        self._ask_every, self._asked = max(ASK_EVERY, device.config.every), -math.inf
        self._garbage = 0
        self._silence = max(STREAM_SILENCE, 3 * device.config.every)
        self._last = time.monotonic()

    def step(self, stop: threading.Event) -> None:
        if self._request and time.monotonic() - self._asked >= self._ask_every:
            self._asked = time.monotonic()
            self._line.write(self._request)
        data = self._line.read(max(1, min(self._line.in_waiting, CHUNK)))
        for result in self._decoder.feed(data):
            if isinstance(result, FrameError):
                self._sink.complained(self._device, result)
                continue
            now = self._clock.now_ms()
            self._last = time.monotonic()
            self._sink.heard(self._device, result.readings, now, deliver=self._device.wants(result.readings, now))
        self._sink.garbage(self._decoder.counters.garbage - self._garbage)
        self._garbage = self._decoder.counters.garbage
        if time.monotonic() - self._last > self._silence:
            self._last = time.monotonic()
            self._sink.failed(self._device, f"no valid frame for {self._silence:.0f} s", at_once=True)
