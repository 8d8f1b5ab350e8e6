"""A port on a real pty: polls, streams, loss and return, garbage, dead neighbours."""

import asyncio
import math
import os
import select
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator
from itertools import pairwise

import psutil
import pytest
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.clock import SampleClock, SystemClock
from kampung_bridge.config import PortConfig
from kampung_bridge.modbus import read_request
from kampung_bridge.port import Event, Port
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.responder import RequestDecoder, Responder, encode_exception, encode_reply
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

PROBE = {"name": "soil-1", "profile": "dfrobot-sen0600", "every": 0.02}
GAUGE = {"name": "river-1", "profile": "a02yyuw", "every": 0}
VALUES = {"soil_moisture": 31.2, "soil_temperature": -2.5, "air_temperature": 30.5, "relative_humidity": 91.0}


class Listener:
    """Starts ports and keeps what they say."""

    def __init__(self) -> None:
        self.readings: list[tuple] = []
        self.events: list[Event] = []
        self.errors: list[str] = []
        self.ports: list[Port] = []

    def listen(self, path: object, *devices: dict, clock: SampleClock | None = None, **options: object) -> Port:
        config = PortConfig.model_validate({"url": str(path), "device": list(devices)})
        port = Port(
            config,
            clock or SystemClock(),
            lambda *reading: self.readings.append(reading),
            self.events.append,
            on_frame_error=lambda _device, error: self.errors.append(error.code),
            **{"backoff": (0.01, 0.05), **options},
        )
        self.ports.append(port)
        port.start()
        return port

    def of(self, device: str) -> list[tuple]:
        return [reading for reading in self.readings if reading[0] == device]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    for port in listener.ports:
        port.stop()
        assert not port._thread.is_alive()


def simulated(*addresses: int, profile: str = "dfrobot-sen0600") -> Callable[[bytes], bytes]:
    model = load_profile(profile)
    assert isinstance(model, ModbusProfile)
    responders = [Responder(model, address) for address in addresses]
    return lambda data: b"".join(responder.answer(data, VALUES) for responder in responders)


def test_a_probe_simulated_by_pymodbus_is_read(plug, listener, eventually) -> None:
    """An independent implementation answers, behind two ptys joined by a pump."""
    master, slave = os.openpty()
    tty.setraw(slave)
    wire = plug("probe", lambda data: bytes(0 * os.write(master, data)))
    ready, stop = threading.Event(), threading.Event()

    def pump() -> None:
        while not stop.is_set():
            if select.select([master], [], [], 0.05)[0]:
                wire.send(os.read(master, 4096))

    async def serve() -> None:
        registers = SimData(0, values=[312, 65511], datatype=DataType.REGISTERS)
        server = ModbusSerialServer([SimDevice(1, simdata=[registers])], port=os.ttyname(slave), baudrate=9600)
        await server.serve_forever(background=True)
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.02)
        await server.shutdown()

    threads = [threading.Thread(target=pump), threading.Thread(target=lambda: asyncio.run(serve()))]
    for thread in threads:
        thread.start()
    try:
        assert ready.wait(60)
        port = listener.listen(wire.path, PROBE)
        eventually(lambda: len(listener.readings) >= 20)
        assert {r[1:5] for r in listener.readings} == {("soil_moisture", 31.2, "%", 1), ("soil_temperature", -2.5, "Cel", 1)}
        assert (port.stats().state, port.stats().errors, port.stats().detail) == ("up", 0, "")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for fd in (master, slave):
            os.close(fd)


def test_a_serial_server_on_the_network_is_a_port_too(listener, eventually) -> None:
    """socket://, as RS485-to-Ethernet boxes offer; the box goes away and comes back."""
    probe = simulated(1)

    def box(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            for _ in range(5):
                connection.sendall(probe(connection.recv(256)))

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        listener.listen(f"socket://127.0.0.1:{server.getsockname()[1]}", PROBE)
        box(server)
        box(server)
    eventually(lambda: len(listener.readings) >= 16)
    eventually(lambda: listener.kinds()[:3] == ["port_lost", "port_back", "port_lost"])


def test_two_models_share_a_bus(plug, listener, eventually) -> None:
    """Function 03 and function 04 devices with different addresses on one pair of wires."""
    probe, air = simulated(1), simulated(2, profile="xy-md02")
    wire = plug("bus", lambda data: probe(data) + air(data))
    listener.listen(wire.path, PROBE, {"name": "air-1", "profile": "xy-md02", "address": 2, "every": 0.02})
    eventually(lambda: len(listener.of("soil-1")) >= 10 and len(listener.of("air-1")) >= 10)
    assert ("air-1", "relative_humidity", 91.0, "%RH", 1) in {r[:5] for r in listener.readings}
    assert abs(len(listener.of("soil-1")) - len(listener.of("air-1"))) <= 4


def test_a_bus_too_slow_for_its_intervals_serves_all_alike(plug, listener, eventually) -> None:
    """Each of four is asked for 50 times a second, and an answer takes 20 ms: a quarter of what the line can, for each."""
    probes = simulated(1, 2, 3, 4)

    def slow(data: bytes) -> bytes:
        time.sleep(0.02)
        return probes(data)

    devices = [{**PROBE, "name": f"soil-{address}", "address": address} for address in (1, 2, 3, 4)]
    listener.listen(plug("bus", slow).path, *devices)
    eventually(lambda: len(listener.readings) >= 120, 10)
    counts = [len(listener.of(device["name"])) for device in devices]
    assert max(counts) - min(counts) <= 8, counts


def test_a_port_is_lost_and_comes_back_for_ever(plug, listener, eventually) -> None:
    """Unplugged 20 times (500 with KAMPUNG_LONG set), each second time in the middle of a reply: told once as lost and once as back,
    within 5 s; no thread and no file descriptor is left behind.
    """
    cycles = 500 if os.environ.get("KAMPUNG_LONG") else 20
    process = psutil.Process()
    wire = plug("probe", simulated(1))
    port = listener.listen(wire.path, PROBE)
    counts = []
    for cycle in range(cycles):
        seen = len(listener.readings)
        eventually(lambda seen=seen: len(listener.readings) > seen + 1)
        counts.append((process.num_fds(), threading.active_count()))
        if cycle % 2:
            garbage = port.stats().garbage
            wire.answer = lambda data: simulated(1)(data)[:5]
            eventually(lambda garbage=garbage: port.stats().garbage > garbage)
        wire.close()
        eventually(lambda: port.stats().state == "down")
        wire = plug("probe", simulated(1))
        eventually(lambda cycle=cycle: listener.kinds().count("port_back") == cycle + 1)
    assert [kind for kind in listener.kinds() if kind.startswith("port")] == ["port_lost", "port_back"] * cycles
    assert len(set(counts)) == 1, counts


def test_an_unplugged_line_nobody_is_asked_on_is_noticed(plug, listener, eventually) -> None:
    """The next poll is an hour away."""
    wire = plug("probe", simulated(1))
    listener.listen(wire.path, {**PROBE, "every": 3600})
    eventually(lambda: listener.readings)
    wire.close()
    eventually(lambda: listener.kinds() == ["port_lost"], 3)


def test_a_port_that_is_not_there_yet_is_awaited(tmp_path, plug, listener, eventually) -> None:
    port = listener.listen(tmp_path / "late", GAUGE)
    eventually(lambda: listener.kinds() == ["port_lost"])
    assert "could not open port" in port.stats().detail
    wire = plug("late")
    eventually(lambda: listener.kinds() == ["port_lost", "port_back"])
    wire.send(encode_a02yyuw(1953))
    eventually(lambda: listener.of("river-1"))
    assert listener.readings[0][:5] == ("river-1", "distance", 1.953, "m", 1)


def test_two_ports_cannot_hold_one_line(plug, listener, eventually) -> None:
    wire = plug("probe", simulated(1))
    listener.listen(wire.path, PROBE)
    eventually(lambda: listener.readings)
    second = listener.listen(wire.path, GAUGE)
    eventually(lambda: "exclusively lock" in second.stats().detail)


def test_garbage_is_told_once_and_so_is_its_end(plug, listener, eventually) -> None:
    wire = plug("gauge")
    port = listener.listen(wire.path, GAUGE, garbage_after=0.3)
    eventually(lambda: port.stats().state == "up")
    begun = time.monotonic()
    while time.monotonic() - begun < 0.8:
        wire.send(bytes(range(64)))
        time.sleep(0.02)
    assert listener.kinds() == ["garbage"]
    assert "check baud rate and wiring" in listener.events[0].detail
    assert port.stats().detail == listener.events[0].detail
    assert port.stats().garbage > 1000
    wire.send(encode_a02yyuw(1000) * 2)
    eventually(lambda: listener.kinds() == ["garbage", "garbage_over"])
    assert port.stats().detail == ""


def test_a_babbling_bus_neither_hangs_nor_crashes(plug, listener, eventually) -> None:
    """Each request is answered by 300 bytes of nonsense and then the true reply."""
    probe = simulated(1)
    wire = plug("bus", lambda data: bytes(range(256)) + bytes(44) + probe(data))
    port = listener.listen(wire.path, PROBE)
    eventually(lambda: len(listener.readings) >= 10)
    assert port.stats().garbage >= 300


def test_a_dead_device_costs_its_neighbour_only_its_deadline(plug, listener, eventually) -> None:
    wire = plug("bus", simulated(1))
    dead = {"name": "soil-9", "profile": "dfrobot-sen0600", "address": 9, "every": 0.02, "timeout": 0.05}
    port = listener.listen(wire.path, PROBE, dead)
    eventually(lambda: listener.kinds() == ["device_lost"])
    assert listener.events[0].device == "soil-9"
    before, begun = len(listener.of("soil-1")), time.monotonic()
    time.sleep(1.0)
    polls = (len(listener.of("soil-1")) - before) / 2
    assert polls / (time.monotonic() - begun) > 20, "50 a second are asked for, and soil-9 may take two deadlines"
    assert port.stats().detail == "soil-9: no reply from address 9"
    both = simulated(1, 9)
    wire.answer = both
    eventually(lambda: listener.kinds() == ["device_lost", "device_back"])


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        (encode_exception(1, 3, 2), "exception", "device 1 refused: illegal data address (2)"),
        (encode_reply(5, 3, [1, 2]), "wrong_device", "device 5 answered for 1"),
        (read_request(1, 3, 0, 2), "echo", "our own request came back: switch the adapter's local echo off"),
    ],
)
def test_health_names_what_is_wrong(answer: bytes, code: str, detail: str, plug, listener, eventually) -> None:
    requests = RequestDecoder()
    wire = plug("bus", lambda data: answer if requests.feed(data) else b"")
    port = listener.listen(wire.path, {**PROBE, "timeout": 0.1})
    eventually(lambda: listener.kinds() == ["device_lost"])
    assert (listener.events[0].detail, port.stats().detail) == (detail, f"soil-1: {detail}")
    assert code in listener.errors
    assert listener.readings == []


@pytest.mark.parametrize("apart", [0.0, 0.03])
def test_two_devices_with_one_address_are_told(apart: float, plug, listener, eventually) -> None:
    """Both answer, one behind the other; at once or while nobody was asked."""
    first, second = simulated(1), simulated(1)

    late: list[threading.Timer] = []

    def both(data: bytes) -> bytes:
        reply = second(data)
        if apart and reply:
            late.append(threading.Timer(apart, wire.send, [reply]))
            late[-1].start()
            return first(data)
        return first(data) + reply

    wire = plug("bus", both)
    port = listener.listen(wire.path, {**PROBE, "every": 0.2})
    eventually(lambda: listener.errors.count("collision") >= 2)
    eventually(lambda: port.stats().devices[0].detail.startswith("two devices answer as address 1: connect one of them alone"))
    port.stop()
    for timer in late:
        timer.join()
    assert {r[2] for r in listener.readings} == {31.2, -2.5}


def test_a_stream_is_thinned(plug, listener, eventually) -> None:
    """Frames each 5 ms, one reading each 100 ms, and a frame without an echo does not take its place."""
    wire = plug("gauge")
    level = {"quantity": "water_level", "from": "distance", "gain": -1, "offset": 3.0, "unit": "m"}
    port = listener.listen(wire.path, {**GAUGE, "every": 0.1, "derive": level})
    eventually(lambda: port.stats().state == "up")
    begun = time.monotonic()
    while time.monotonic() - begun < 1.0:
        wire.send(encode_a02yyuw(0) + encode_a02yyuw(1250))
        time.sleep(0.01)
    eventually(lambda: port.stats().frames > 100)
    assert {r[:5] for r in listener.readings[1:]} == {("river-1", "water_level", 1.75, "m", 1)}
    assert 7 <= len(listener.readings) <= 11


def test_a_callback_that_raises_does_not_end_the_port(plug, eventually, caplog) -> None:
    wire, seen = plug("probe", simulated(1)), []

    def broken(*reading: object) -> None:
        seen.append(reading)
        raise RuntimeError("full")

    config = PortConfig.model_validate({"url": str(wire.path), "device": [PROBE]})
    port = Port(config, SystemClock(), broken, lambda _: None)
    port.start()
    eventually(lambda: len(seen) > 10)
    port.stop()
    assert "a callback failed" in caplog.text


class Stepping(SystemClock):
    """A rehearsal that goes from one wait to the next without delay, whatever the machine does, and ends in the present."""

    def __init__(self, start: int) -> None:
        self.now: int | None = start

    @property
    def rehearsing(self) -> bool:  # type: ignore[override]
        return self.now is not None

    def now_ms(self) -> int:
        return super().now_ms() if self.now is None else self.now

    def wait_until(self, at_ms: int, stop: threading.Event, limit: float = math.inf) -> bool:
        if self.now is None:
            return super().wait_until(at_ms, stop, limit)
        self.now = max(self.now, at_ms) if at_ms < super().now_ms() else None
        return stop.is_set()


def test_a_month_is_rehearsed_through_a_real_line(plug, listener, eventually) -> None:
    """30 days at 720 polls, each of them made; then live time and live intervals."""
    now, month, step = SystemClock().now_ms(), 30 * 86_400_000, 3_600_000
    clock = Stepping(now - month)
    wire = plug("probe", simulated(1))
    listener.listen(wire.path, {**PROBE, "every": 0.2, "rehearsal_every": step / 1000}, clock=clock)
    eventually(lambda: not clock.rehearsing, 60)
    times = [r[5] for r in listener.readings if r[1] == "soil_moisture"]
    assert 719 <= len(times) <= 722
    assert times[0] - (now - month) <= step
    past = [t for t in times if t <= now]
    assert {b - a for a, b in pairwise(past[1:])} == {step}
    live = len(times)
    eventually(lambda: sum(r[1] == "soil_moisture" for r in listener.readings) >= live + 5)
    last = [r[5] for r in listener.readings if r[1] == "soil_moisture"][-1]
    assert abs(last - SystemClock().now_ms()) < 5_000
