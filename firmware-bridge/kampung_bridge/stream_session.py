"""A line with one device that sends by itself; our own microcontroller is also switched."""

import math
import secrets
import threading
import time

from kampung_bridge.clock import SampleClock
from kampung_bridge.decoder import Decoder, Frame, FrameError
from kampung_bridge.device import Device
from kampung_bridge.link import ALIVE_EVERY, LinkDecoder, OutputDone, alive, output_done
from kampung_bridge.output import LinkOutput, Switched
from kampung_bridge.profile import StreamProfile
from kampung_bridge.session import CHUNK, TRIES, Line, Sink
from kampung_bridge.stream import STREAM_DECODERS
from kampung_bridge.switching import Order, no_reply, node_said, overtaken

STREAM_SILENCE = 10.0  # seconds of true time
ASK_EVERY = 0.2  # seconds between two questions to a stream that answers only when asked
LINK_PATIENCE = 1.0  # seconds a microcontroller has for its answer to a switch


class StreamSession:
    """Listens to the one device of a line; one that must be asked is asked each `every` seconds (of true time, at most 5 a second)."""

    def __init__(self, line: Line, device: Device, clock: SampleClock, sink: Sink) -> None:
        profile = device.config.model
        assert isinstance(profile, StreamProfile)
        self._line, self._device, self._clock, self._sink, self._board = line, device, clock, sink, sink.board
        self._seq, self._beats, self._beat = secrets.randbelow(256), bool(profile.outputs), -math.inf
        self._decoder: Decoder[Frame] = STREAM_DECODERS[profile.decoder](profile.fields)
        self._request = bytes.fromhex(profile.request)
        self._ask_every, self._asked = max(ASK_EVERY, device.config.every), -math.inf
        self._garbage = 0
        self._silence = max(STREAM_SILENCE, 3 * device.config.every)
        self._last = time.monotonic()

    def step(self, stop: threading.Event) -> None:
        if self._request and time.monotonic() - self._asked >= self._ask_every:
            self._asked = time.monotonic()
            self._line.write(self._request)
        if self._beats and time.monotonic() - self._beat >= ALIVE_EVERY:
            self._beat = time.monotonic()
            self._line.write(alive(self._next_seq()))
        self._listen()
        if time.monotonic() - self._last > self._silence:
            self._last = time.monotonic()
            self._sink.failed(self._device, f"no valid frame for {self._silence:.0f} s", at_once=True)

    def _next_seq(self) -> int:
        self._seq = (self._seq + 1) & 0xFF
        return self._seq

    def _listen(self) -> None:
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

    def switch(self, device: Device, order: Order, stop: threading.Event) -> Switched:
        """The answer carries the command's number, so neither an echo nor a late answer to another one is taken for it."""
        assert isinstance(order.output, LinkOutput)
        seq, begun = self._next_seq(), time.monotonic()
        patience = min(LINK_PATIENCE, order.remaining / TRIES)
        for attempt in range(TRIES):
            if self._board.overtaken(order):
                return overtaken(order)
            self._line.write(order.output.request(seq, order.on, order.seconds))
            while not stop.is_set() and time.monotonic() < begun + (attempt + 1) * patience:
                self._listen()
                done = self._answer(seq, order.output.number)
                if done is not None:
                    return node_said(order, done)
        return no_reply(order, f"no answer to {TRIES} commands")

    def _answer(self, seq: int, number: int) -> OutputDone | None:
        assert isinstance(self._decoder, LinkDecoder)
        for message in self._decoder.messages:
            done = output_done(message)
            if done is not None and (done.seq, done.output) == (seq, number):
                return done
        return None
