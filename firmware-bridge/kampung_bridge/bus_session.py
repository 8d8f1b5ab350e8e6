"""A Modbus bus: devices are polled one after another, and switched in between."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kampung_bridge.clock import SampleClock
from kampung_bridge.decoder import MAX_RAW, FrameError
from kampung_bridge.device import Device, next_due
from kampung_bridge.modbus import READ_INPUT, Reply, ReplyDecoder, WriteReplyDecoder, read_request
from kampung_bridge.output import ModbusOutput, Switched
from kampung_bridge.profile import Block, ModbusProfile, Serial
from kampung_bridge.session import CHUNK, IDLE_SLICE, TRIES, Line, Sink
from kampung_bridge.switching import Order, answered, no_reply, overtaken, refused, told_otherwise

GIVE_WAY = 0.3  # seconds an exchange may still wait for its reply while something more urgent waits


class Heard(NamedTuple):
    """What came of one request: the reply asked for, else a refusal, else whatever was on the line."""

    reply: Reply | None
    other: Reply | None  # a valid reply that is not the one asked for
    refusal: FrameError | None
    errors: list[FrameError]


class BusSession:
    """Polls Modbus devices as their polls fall due; of several, the one polled longest ago, so no device starves another.

    A dead device costs its neighbours its reply deadline, and after a few failures is asked more and more rarely.
    """

    def __init__(self, line: Line, devices: Sequence[Device], serial: Serial, clock: SampleClock, sink: Sink) -> None:
        self._line, self._devices, self._clock, self._sink, self._board = line, devices, clock, sink, sink.board
        self._character = (1 + serial.data_bits + (serial.parity != "N") + serial.stop_bits) / serial.baud
        self._gap = max(3.5 * self._character, 0.00175)  # Modbus over Serial Line V1.02, 2.5.1.1
        self._busy_until = 0.0  # monotonic: the last byte seen, or sent
        self._answered: tuple[Device, ReplyDecoder] | None = None  # by the last request
        self._again: list[Reply] = []  # further replies to it: one device too many

    def step(self, stop: threading.Event) -> None:
        now = self._clock.now_ms()
        awake = [device for device in self._devices if device.resting() == 0]
        device = next_due(awake, now)
        if device is not None and device.due_ms(now) <= now:
            device.polled(now)
            self._poll(device, stop)
            return
        rest = min((d.resting() for d in self._devices if d not in awake), default=IDLE_SLICE)
        limit = min(IDLE_SLICE, rest)
        if device is None:
            self._board.wake.wait(limit)
        else:
            self._clock.wait_until(device.due_ms(now), self._board.wake, limit)
        self._discard()

    def _discard(self) -> None:
        """Nobody was asked, so nobody should speak; a late reply must not answer the next request."""
        if waiting := self._line.in_waiting:
            late = self._line.read(min(waiting, CHUNK))
            self._sink.garbage(len(late))
            self._line.reset_input_buffer()
            self._busy_until = time.monotonic()
            if self._answered is not None:
                self._again += [result for result in self._answered[1].feed(late) if isinstance(result, Reply)]
        if self._again and self._answered is not None:
            reply = self._again[0]
            text = f"two devices answer as address {reply.address}: connect one of them alone and give it another address"
            self._sink.complained(self._answered[0], FrameError("collision", text, reply.raw[:MAX_RAW]))
        self._answered, self._again = None, []

    def _poll(self, device: Device, stop: threading.Event) -> None:
        profile = device.config.model
        assert isinstance(profile, ModbusProfile)
        for block in profile.blocks:
            reply = self._ask(device, block, stop)
            if reply is None:
                return
            self._sink.heard(device, block.readings(reply.registers), self._clock.now_ms(), deliver=True)
        if not profile.blocks:  # nothing to measure, but whether it lives is worth knowing
            self._alive(device, profile.outputs[0], stop)

    def _ask(self, device: Device, block: Block, stop: threading.Event) -> Reply | None:
        address = device.config.bus_address
        request = read_request(address, block.function, block.start, block.size)
        return self._answer(device, request, ReplyDecoder(address, block.function, 2 * block.size, request), 5 + 2 * block.size, stop)

    def _alive(self, device: Device, output: ModbusOutput, stop: threading.Event) -> None:
        request, decoder = self._reading_back(device, output)
        if self._answer(device, request, decoder, 5 + output.read.byte_count, stop):
            self._sink.heard(device, (), self._clock.now_ms(), deliver=False)

    def _answer(self, device: Device, request: bytes, decoder: ReplyDecoder, length: int, stop: threading.Event) -> Reply | None:
        """Of a poll: a missing one counts against the device, unless a switch was in a hurry."""
        begun, wait = time.monotonic(), self._wait(device, len(request) + length)

        def over() -> bool:
            passed = time.monotonic() - begun
            return stop.is_set() or passed > wait or (self._board.pressing and passed > GIVE_WAY)

        heard = self._exchange(device, request, decoder, over)
        if heard.reply is None and time.monotonic() - begun <= wait and not heard.refusal:
            device.put_off()
        elif heard.reply is None and not stop.is_set():
            self._missed(device, heard)
        return heard.reply

    def _missed(self, device: Device, heard: Heard) -> str:
        detail = heard.errors[0].detail if heard.errors else f"no reply from address {device.config.bus_address}"
        if not heard.errors:
            self._sink.complained(device, FrameError("no_reply", detail))
        self._sink.failed(device, detail)
        return detail

    def _wait(self, device: Device, size: int) -> float:
        """Seconds for `size` bytes both ways and the device's own patience."""
        profile = device.config.model
        assert isinstance(profile, ModbusProfile)
        return size * self._character + self._gap + (device.config.timeout or profile.timeout)

    def _exchange(
        self,
        device: Device,
        request: bytes,
        decoder: ReplyDecoder,
        over: Callable[[], bool],
        wanted: Callable[[Reply], bool] = lambda _: True,
    ) -> Heard:
        self._discard()
        time.sleep(max(0.0, self._busy_until + self._gap - time.monotonic()))
        self._line.write(request)
        reply, other, refusal = None, None, None
        while reply is None and refusal is None and not over():
            data = self._line.read(max(1, min(self._line.in_waiting, CHUNK)))
            for result in decoder.feed(data):
                if isinstance(result, FrameError):
                    refusal = result
                elif wanted(result):
                    self._again += [result] if reply else []
                    reply = reply or result
                else:
                    other = result
        self._busy_until = time.monotonic()
        errors = [refusal] if refusal else []
        errors += [result for result in decoder.finish() if isinstance(result, FrameError)]
        for error in errors:
            self._sink.complained(device, error)
        asked = reply is not None and reply.function <= READ_INPUT  # a write's echo by the adapter looks like its reply
        self._answered = (device, decoder) if asked else None
        self._sink.garbage(decoder.counters.garbage)
        return Heard(reply, other, refusal, errors)

    # Switching: write, hear the same bytes back, read the state. An adapter's local echo looks like the second, never like the third.

    def switch(self, device: Device, order: Order, stop: threading.Event) -> Switched:
        assert isinstance(order.output, ModbusOutput)
        result = no_reply(order, "there was no time left for it")
        for request in order.output.requests(device.config.bus_address, order.on, order.seconds):
            for _ in range(TRIES):
                if order.remaining <= 0 or stop.is_set():
                    return result
                if self._board.overtaken(order):
                    return overtaken(order)
                result = self._switch_once(device, order, order.output, request, stop)
                if result.code != "no_reply":
                    break
            if result.code != "wrong_state":
                break
        return result

    def _switch_once(self, device: Device, order: Order, output: ModbusOutput, request: bytes, stop: threading.Event) -> Switched:
        decoder = WriteReplyDecoder(request)
        over = self._over(device, order, len(request) + len(decoder.wanted), stop)
        heard = self._exchange(device, request, decoder, over, lambda reply: reply.raw == decoder.wanted)
        if heard.refusal:
            return refused(order, heard.refusal, device.config.profile)
        if heard.reply is None and heard.other is not None:
            return told_otherwise(order, f"it answered {heard.other.registers[1]:04X} hex to {decoder.wanted[4:6].hex().upper()}")
        if heard.reply is None:
            return no_reply(order, self._missed(device, heard))
        return self._read_back(device, order, output, stop)

    def _read_back(self, device: Device, order: Order, output: ModbusOutput, stop: threading.Event) -> Switched:
        since, result = time.monotonic(), no_reply(order, "its state could not be read back")
        for _ in range(TRIES):
            if order.remaining <= 0:
                break
            request, decoder = self._reading_back(device, output)
            over = self._over(device, order, len(request) + 5 + output.read.byte_count, stop)
            heard = self._exchange(device, request, decoder, over)
            if heard.reply is None:
                result = no_reply(order, f"its state could not be read back ({self._missed(device, heard)})")
                continue
            self._sink.heard(device, (), self._clock.now_ms(), deliver=False)
            state = output.read.state(heard.reply.raw[3:-2])
            expired = order.on and state is False and output.hardware_timer and time.monotonic() - since > (order.seconds or math.inf)
            if state is order.on or expired:
                return answered(order, output.time_on(order.seconds))
            result = told_otherwise(order, f"it reads {'neither on nor off' if state is None else 'on' if state else 'off'}")
        return result

    def _reading_back(self, device: Device, output: ModbusOutput) -> tuple[bytes, ReplyDecoder]:
        read, address = output.read, device.config.bus_address
        request = read.request(address)
        return request, ReplyDecoder(address, read.function, read.byte_count, request)

    def _over(self, device: Device, order: Order, size: int, stop: threading.Event) -> Callable[[], bool]:
        """At most half of the order's time, so that a second try fits; a switch-off of the same output does not wait for it either."""
        begun = time.monotonic()
        wait = min(order.remaining / TRIES, self._wait(device, size))

        def over() -> bool:
            passed = time.monotonic() - begun
            return stop.is_set() or passed >= wait or (passed > GIVE_WAY and self._board.overtaken(order))

        return over
