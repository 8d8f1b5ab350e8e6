"""An SDI-12 bus on an open line: measurements are started, waited for, and fetched (SDI-12 specification 1.4).

While a sensor measures after `aM!`, a word to anybody would stop it: the bus is its own until it asks for service, or its time is over.
After `aC!` sensors measure side by side and announce nothing. Whoever has waited longest is served next, so no sensor starves another.
The serial adapter makes the break that wakes the bus, and turns 1200 7E1 into its own settings.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

from kampung_bridge.clock import SampleClock
from kampung_bridge.decoder import FrameError
from kampung_bridge.device import Device, next_due
from kampung_bridge.output import Switched
from kampung_bridge.profile import Sdi12Bus, StreamProfile
from kampung_bridge.sdi12 import MAX_PAGES, Answer, Sdi12Decoder
from kampung_bridge.session import CHUNK, IDLE_SLICE, Line, Sink
from kampung_bridge.stream import STREAM_DECODERS
from kampung_bridge.switching import Order, no_reply

CHARACTER = 10 / 1200  # seconds, on the wire behind the adapter
LONGEST = 82  # characters of a reply: address, 75 of values, CRC, CR LF
SHORT = 9  # `atttnn`, CR LF
TRIES = 3  # the specification asks for no fewer
GRACE = 0.5  # seconds a sensor may be late
AFTERWARDS = 0.03  # seconds in which a second sensor with the same address still begins


class Heard(NamedTuple):
    """What came of one command: the answer of the sensor that was meant, or what was wrong. `service`: it asked for service at once."""

    answer: Answer | None
    error: FrameError | None
    service: bool = False


@dataclass
class Visit:
    """A measurement under way, from its start to its last value. `ready` is monotonic time."""

    device: Device
    decoder: Sdi12Decoder
    wanted: int
    ready: float
    values: list[bytes] = field(default_factory=list)


def ask(line: Line, address: str, command: str, decoder: Sdi12Decoder, *, timeout: float, stop: Event | None = None) -> Heard:
    """Sends `command` once, such as "M" to sensor `address`, and waits for its line. Raises what the Line raises."""
    line.reset_input_buffer()
    decoder.finish()
    line.write(f"{address}{command}!".encode("ascii"))
    spoken = SHORT if command[:1] in ("M", "C", "") else LONGEST
    deadline = time.monotonic() + timeout + (len(command) + 2 + spoken) * CHARACTER
    answers: list[Answer] = []
    errors: list[FrameError] = []
    while time.monotonic() < deadline and not (stop and stop.is_set()):
        _listen(line, decoder, answers, errors)
        if answers or any(error.code == "checksum" for error in errors):
            break
    if answers:
        time.sleep(AFTERWARDS)
        while line.in_waiting and time.monotonic() < deadline:
            _listen(line, decoder, answers, errors)
    return _judge(address, answers, errors)


def _listen(line: Line, decoder: Sdi12Decoder, answers: list[Answer], errors: list[FrameError]) -> None:
    results = decoder.feed(line.read(max(1, min(line.in_waiting, CHUNK))))
    errors += [result for result in results if isinstance(result, FrameError)]
    answers += decoder.answers


def _judge(address: str, answers: Sequence[Answer], errors: Sequence[FrameError]) -> Heard:
    own = [answer for answer in answers if answer.address == address]
    if own and own[0].wait and Answer(address) in own[1:]:
        own.remove(Answer(address))
        service = True
    else:
        service = False
    if len(own) > 1:
        text = f"two sensors answer as {address}: connect one of them alone and give it another address ({address}A1! makes it 1)"
        return Heard(None, FrameError("collision", text))
    if own:
        return Heard(own[0], None, service)
    damaged = [error for error in errors if error.code == "checksum"]
    if damaged:
        return Heard(None, damaged[0])
    if answers:
        return Heard(None, FrameError("wrong_device", f"sensor {answers[0].address} answered for {address}"))
    if errors:
        text = f"sensor {address} answers unreadably ({errors[0].detail}): two sensors with one address, or a bad line"
        return Heard(None, FrameError("garbage", text, errors[0].raw))
    return Heard(None, FrameError("no_reply", f"no reply from sensor {address}"))


class Sdi12Session:
    """Serves the sensors of one bus in the order their polls fall due; see `session.Session`."""

    def __init__(self, line: Line, devices: Sequence[Device], clock: SampleClock, sink: Sink) -> None:
        self._line, self._devices, self._clock, self._sink, self._board = line, devices, clock, sink, sink.board
        self._visits: list[Visit] = []  # under way, in the order of their start
        self._holder: Visit | None = None  # the one the bus waits for

    def step(self, stop: Event) -> None:
        if self._holder is not None:
            self._await_service(self._holder)
            return
        now, true_now = self._clock.now_ms(), time.monotonic()
        ready = min(self._visits, key=lambda visit: visit.ready, default=None)
        if ready is not None and ready.ready <= true_now:
            self._visits.remove(ready)
            self._fetch(ready, stop)
            return
        busy = {visit.device.name for visit in self._visits}
        idle = [device for device in self._devices if device.name not in busy and device.resting() == 0]
        due = next_due(idle, now)
        if due is not None and due.due_ms(now) <= now:
            due.polled(now)
            self._start(due, stop)
            return
        rests = [device.resting() for device in self._devices if device.name not in busy]
        limit = min([IDLE_SLICE, *(rest for rest in rests if rest > 0), *(visit.ready - true_now for visit in self._visits)])
        if due is None:
            self._board.wake.wait(max(0.0, limit))
        else:
            self._clock.wait_until(due.due_ms(now), self._board.wake, max(0.0, limit))
        self._discard()

    def switch(self, device: Device, order: Order, stop: Event) -> Switched:
        """SDI-12 sensors have no outputs."""
        return no_reply(order, "an SDI-12 sensor switches nothing")

    def _discard(self) -> None:
        """Nobody was asked, so nobody should speak."""
        if waiting := self._line.in_waiting:
            self._sink.garbage(len(self._line.read(min(waiting, CHUNK))))

    def _start(self, device: Device, stop: Event) -> None:
        decoder, bus = _decoder(device), _bus(device)
        heard = self._ask(device, bus.command, decoder, stop)
        if heard.answer is None:
            self._failed(device, heard, stop)
            return
        if bus.command.startswith("R"):
            self._deliver(Visit(device, decoder, len(heard.answer.values), 0.0, list(heard.answer.values)))
            return
        wait = heard.answer.wait
        if wait is None or wait.values == 0:
            text = "announces no values" if wait else "announced nothing"
            self._failed(device, Heard(None, FrameError("payload", f"sensor {device.config.sdi12_address} {text}")), stop)
            return
        visit = Visit(device, decoder, wait.values, time.monotonic() + (0 if heard.service else wait.seconds))
        if bus.command.startswith("M") and wait.seconds and not heard.service:
            self._holder = visit
        else:
            self._visits.append(visit)

    def _await_service(self, visit: Visit) -> None:
        """`a<CR><LF>` when it has measured; without it, its time and some grace are waited for."""
        data = self._line.read(max(1, min(self._line.in_waiting, CHUNK)))
        for result in visit.decoder.feed(data):
            if isinstance(result, FrameError):
                self._sink.complained(visit.device, result)
        done = any(answer.address == visit.device.config.sdi12_address and not answer.wait for answer in visit.decoder.answers)
        if done or time.monotonic() > visit.ready + GRACE:
            self._holder = None
            visit.ready = 0.0
            self._visits.append(visit)

    def _fetch(self, visit: Visit, stop: Event) -> None:
        """All its pages: a reply holds as many values as its length allows."""
        for page in range(MAX_PAGES):
            heard = self._ask(visit.device, f"D{page}", visit.decoder, stop)
            if heard.answer is None:
                self._failed(visit.device, heard, stop)
                return
            visit.values += heard.answer.values
            if len(visit.values) >= visit.wanted or not heard.answer.values:
                break
        self._deliver(visit)

    def _deliver(self, visit: Visit) -> None:
        address, count = visit.device.config.sdi12_address, len(visit.values)
        if not count:
            self._fail(visit.device, FrameError("payload", f"sensor {address} sent no values: its measurement was broken off"))
            return
        if count != visit.wanted:
            self._sink.complained(
                visit.device, FrameError("wrong_length", f"sensor {address} announced {visit.wanted} values and sent {count}")
            )
        self._sink.heard(visit.device, visit.decoder.readings(visit.values), self._clock.now_ms(), deliver=True)

    def _ask(self, device: Device, command: str, decoder: Sdi12Decoder, stop: Event) -> Heard:
        heard, timeout = Heard(None, None), device.config.timeout or _bus(device).timeout
        for attempt in range(TRIES):
            garbage = decoder.counters.garbage
            heard = ask(self._line, device.config.sdi12_address, command, decoder, timeout=timeout, stop=stop)
            self._sink.garbage(decoder.counters.garbage - garbage)
            if heard.answer is not None or stop.is_set() or (heard.error and heard.error.code == "collision"):
                break
            if heard.error and attempt < TRIES - 1 and heard.error.code != "no_reply":
                self._sink.complained(device, heard.error)
        return heard

    def _failed(self, device: Device, heard: Heard, stop: Event) -> None:
        if heard.error is not None and not stop.is_set():
            self._fail(device, heard.error)

    def _fail(self, device: Device, error: FrameError) -> None:
        self._sink.complained(device, error)
        self._sink.failed(device, error.detail)


def _profile(device: Device) -> StreamProfile:
    profile = device.config.model
    assert isinstance(profile, StreamProfile)
    return profile


def _bus(device: Device) -> Sdi12Bus:
    bus = _profile(device).sdi12
    assert bus is not None
    return bus


def _decoder(device: Device) -> Sdi12Decoder:
    profile = _profile(device)
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)
    assert isinstance(decoder, Sdi12Decoder)
    return decoder
