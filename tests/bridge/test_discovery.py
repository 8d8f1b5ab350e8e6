"""Devices nobody listed are found beside those that are, taken only when it is sure what they are, and told when it is not."""

import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.clock import SystemClock
from kampung_bridge.config import DeviceConfig, PortConfig
from kampung_bridge.discovery import Explorer, Finding, findings
from kampung_bridge.port import Event, Port
from kampung_bridge.probing import Guess
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.reading import Reading
from kampung_bridge.responder import Responder
from pydantic import ValidationError

AIR = {"air_temperature": 27.5, "relative_humidity": 81.0}
SOIL = {"soil_moisture": 31.0, "soil_temperature": 26.0}
SDS011 = bytes.fromhex("AAC0D4043A0AA1601DAB")
PMS = bytes.fromhex("424d001c00000008000800000008000800d20046002d001e00000000970002c5")
CLOCK = SystemClock()


class Bus:
    """Simulated devices on one wire, and everything they were asked."""

    def __init__(self, **devices: tuple[int, dict[str, float]]) -> None:
        self._responders = []
        self.asked: list[bytes] = []
        for profile, (address, values) in devices.items():
            model = load_profile(profile.replace("_", "-"))
            assert isinstance(model, ModbusProfile)
            self._responders.append((Responder(model, address), values))

    def answer(self, data: bytes) -> bytes:
        self.asked.append(data)
        return b"".join(responder.answer(data, values) for responder, values in self._responders)


class Watched:
    """A port that discovers, and what it told."""

    def __init__(
        self, url: object, devices: Any = (), discover: object = True, known: Any = (), baud: int | None = None, **more: object
    ) -> None:
        self.readings: list[tuple[str, str, float]] = []
        self.events: list[Event] = []
        self.found: list[Finding] = []
        self.more = {"addresses": (3, 4), "listen": 0.15, "silent": 0.4, "again": 0.5, **more}
        file = PortConfig.model_validate({"url": str(url), "discover": discover, "device": devices, "baud": baud})
        config = file.model_copy(update={"devices": (*file.devices, *(DeviceConfig.model_validate(k) for k in known))})
        self.port = Port(
            config, CLOCK, lambda d, q, v, *_: self.readings.append((d, q, v)), self.events.append,
            backoff=(0.02, 0.05), garbage_after=0.2, explorer=Explorer(file, self.take, **self.more),  # type: ignore[arg-type]
        )  # fmt: skip

    def take(self, finding: Finding) -> DeviceConfig | None:
        self.found.append(finding)
        if not finding.sure:
            return None
        profile = finding.guesses[0].profile
        name = f"{profile}-{finding.address or 0}"
        return DeviceConfig.model_validate({"name": name, "profile": profile, "address": finding.address, "every": 1.0})

    def names(self) -> set[str]:
        return {name for name, _, _ in self.readings}


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def start(*arguments: object, **more: object) -> Watched:
        made.append(Watched(*arguments, **more))  # type: ignore[arg-type]
        made[-1].port.start()
        return made[-1]

    yield start
    for one in made:
        one.port.stop()
        assert not one.port._thread.is_alive()


@pytest.fixture
def talk(plug) -> Iterator[Callable[..., None]]:
    """talk(name, frame): a wire on which a device sends by itself."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def begin(name: str, frame: bytes) -> object:
        wire = plug(name)

        def send() -> None:
            while not stop.wait(0.03):
                wire.send(frame)

        threads.append(threading.Thread(target=send))
        threads[-1].start()
        return wire

    yield begin
    stop.set()
    for thread in threads:
        thread.join()


def guess(profile: str, score: float, registers: int = 2, address: int | None = 3) -> Guess:
    return Guess(profile, 9600, address, score, "a test", tuple(Reading(f"q{i}", 1.0, "m") for i in range(registers)))


def test_what_is_sure() -> None:
    """Alone in the lead, plausible, and with more than a register to show; a technician's word settles the rest."""
    (lone,) = findings([guess("a", 0.9), guess("b", 0.75)])
    assert (lone.sure, lone.guesses[0].profile) == (True, "a")
    (alike,) = findings([guess("a", 0.9), guess("b", 0.85), guess("c", 0.2)])
    assert (alike.sure, alike.why) == (False, "a fits no better than b")
    assert findings([guess("a", 0.9), guess("b", 0.85)], named=("b",))[0].sure
    assert "fits only to 70%" in findings([guess("a", 0.7)])[0].why
    assert "single register" in findings([guess("a", 0.9, registers=1)])[0].why
    assert findings([guess("a", 0.9, registers=1)], named=("a",))[0].sure
    assert findings([guess("a", 0.9, registers=1, address=None)])[0].sure
    assert findings([guess("a", 0.9)], named=("b",)) == []
    assert [f.address for f in findings([guess("a", 0.9, address=1), guess("a", 0.9, address=2)])] == [1, 2]


def test_beside_a_configured_device(plug, watch, eventually) -> None:
    """It goes on undisturbed, nobody asks it anything else, and nothing is ever written."""
    bus = Bus(xy_md02=(1, AIR), dfrobot_sen0600=(3, SOIL))
    air = {"name": "air-1", "profile": "xy-md02", "every": 0.8}
    one = watch(plug("bus", bus.answer).path, [air], discover=["dfrobot-sen0600", "seeed-101990667"])
    eventually(lambda: "dfrobot-sen0600-3" in one.names(), 15)
    eventually(lambda: one.port.stats().discovery.state == "done", 15)
    assert one.names() == {"air-1", "dfrobot-sen0600-3"}
    assert ("dfrobot-sen0600-3", "soil_moisture", 31.0) in one.readings
    stats = one.port.stats()
    assert {d.name: (d.state, d.errors) for d in stats.devices} == {"air-1": ("up", 0), "dfrobot-sen0600-3": ("up", 0)}
    assert (stats.errors, stats.garbage, stats.discovery.unsure) == (0, 0, ())
    assert {data for data in bus.asked if data[0] == 1} == {bytes.fromhex("010400010002200B")}  # its own poll
    assert {data[1] for data in bus.asked} == {3, 4}
    assert not [e for e in one.events if e.kind in ("device_lost", "port_lost", "garbage")]


def test_a_busy_bus_is_left_alone(plug, watch, eventually) -> None:
    """Without room between two polls nothing is asked, and that is said."""
    bus = Bus(xy_md02=(1, AIR), dfrobot_sen0600=(3, SOIL))
    one = watch(plug("bus", bus.answer).path, [{"name": "air-1", "profile": "xy-md02", "every": 0.05}])
    eventually(lambda: len(one.readings) > 40, 15)
    assert {data[0] for data in bus.asked} == {1}
    assert (one.port.stats().discovery.state, one.port.stats().discovery.asked) == ("asking", 0)


def test_an_empty_line_is_looked_at_over_the_baud_rates(plug, watch, eventually) -> None:
    """A device that speaks 4800 only; what else hangs there is found beside it afterwards."""
    bus = Bus(dfrobot_sen0600=(3, SOIL), xy_md02=(4, AIR))
    wires: list = []

    def at_4800(data: bytes) -> bytes:
        speed = termios.tcgetattr(wires[0]._master)[5]
        return bus.answer(data) if speed == termios.B4800 else b""

    wires.append(plug("bus", at_4800))
    one = watch(wires[0].path, discover=["dfrobot-sen0600", "xy-md02"])
    eventually(lambda: one.names() == {"dfrobot-sen0600-3", "xy-md02-4"}, 30)
    assert one.port.config.serial.baud == 4800
    assert one.port.stats().state == "up"
    assert not [e for e in one.events if e.kind != "device_lost"]


def test_a_stream_is_found(talk, watch, eventually) -> None:
    one = watch(talk("dust", SDS011).path)
    eventually(lambda: ("sds011-0", "pm25", 123.6) in one.readings, 15)


def test_what_is_ambiguous_is_told_and_not_guessed(talk, watch, eventually) -> None:
    """Two makers, one frame, other units: nothing is read until somebody says which it is."""
    wire = talk("level", encode_a02yyuw(200))
    one = watch(wire.path, again=60.0)
    eventually(lambda: one.port.stats().discovery.unsure, 15)
    (finding,) = one.port.stats().discovery.unsure
    assert not finding.sure
    assert "fits no better than" in finding.why
    assert {"a02yyuw", "sen0627"} <= {g.profile for g in finding.guesses}
    assert one.readings == []
    eventually(lambda: one.port.stats().garbage > 100, 15)
    assert "garbage" not in one.port.stats().detail
    one.port.stop()
    named = watch(wire.path, discover=["sen0627"])
    eventually(lambda: ("sen0627-0", "distance") in {r[:2] for r in named.readings}, 15)


def test_plantower_is_settled_by_a_name(talk, watch, eventually) -> None:
    one = watch(talk("dust", PMS).path, discover=["pms5003"])
    eventually(lambda: ("pms5003-0", "pm25", 8.0) in one.readings, 15)


def test_another_device_after_a_replug(plug, watch, eventually) -> None:
    """At port_back the line is searched again: at the same address there is something else now."""
    wire = plug("bus", Bus(dfrobot_sen0600=(3, SOIL)).answer)
    one = watch(wire.path, discover=["dfrobot-sen0600", "xy-md02"])
    eventually(lambda: "dfrobot-sen0600-3" in one.names(), 15)
    wire.close()
    eventually(lambda: any(e.kind == "port_lost" for e in one.events), 15)
    plug("bus", Bus(xy_md02=(3, AIR)).answer)
    eventually(lambda: "xy-md02-3" in one.names(), 30)
    assert [d.config.name for d in one.port._devices] == ["xy-md02-3"]


def test_a_remembered_device_that_is_gone(plug, watch, eventually) -> None:
    """Asked as before, and while it is silent the line is looked at anew: it stands at another address now."""
    known = [{"name": "dfrobot-sen0600-4", "profile": "dfrobot-sen0600", "address": 4, "every": 1.0}]
    one = watch(plug("bus", Bus(dfrobot_sen0600=(3, SOIL)).answer).path, known=known, discover=["dfrobot-sen0600"])
    eventually(lambda: "dfrobot-sen0600-3" in one.names(), 30)
    assert "dfrobot-sen0600-4" not in one.names()


def test_a_remembered_device_is_read_at_once(plug, watch, eventually) -> None:
    known = [{"name": "tanah", "profile": "dfrobot-sen0600", "address": 3, "every": 1.0}]
    one = watch(plug("bus", Bus(dfrobot_sen0600=(3, SOIL)).answer).path, known=known, silent=60.0, discover=["xy-md02"])
    eventually(lambda: one.names() == {"tanah"}, 10)
    eventually(lambda: one.port.stats().discovery.state == "done", 20)
    assert one.found == []


def test_a_look_ends_when_the_port_is_stopped(plug, watch, eventually) -> None:
    one = watch(plug("silence").path, listen=0.3)
    eventually(lambda: one.port.stats().discovery.state == "looking", 10)
    one.port.stop(3.0)
    assert not one.port._thread.is_alive()


def test_a_line_that_is_not_there(tmp_path, watch, eventually) -> None:
    """Told as lost, and looked at when it comes."""
    one = watch(tmp_path / "nothing")
    eventually(lambda: any(e.kind == "port_lost" for e in one.events), 10)
    assert one.port.stats().state == "down"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"url": "/dev/a"}, "has no device; add"),
        ({"url": "/dev/a", "discover": []}, r"discover = \[\] can find nothing"),
        ({"url": "/dev/a", "discover": ["sds-011"]}, "did you mean sds011"),
        ({"url": "/dev/serial/by-id/*", "device": [{"name": "a", "profile": "xy-md02"}]}, "is a pattern"),
        ({"url": "/dev/a", "discover": True, "device": [{"name": "a", "profile": "a02yyuw"}]}, "nothing else to discover"),
    ],
)
def test_a_configuration_that_cannot_be(table: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PortConfig.model_validate(table)


def test_file_descriptors_stay_flat(plug, watch, eventually) -> None:
    """Look after look at a line where nothing speaks."""
    path = plug("silence").path
    before = len([*Path("/proc/self/fd").iterdir()])
    one = watch(path, listen=0.02, again=0.0, addresses=range(1, 2), discover=["xy-md02"], baud=9600)
    eventually(lambda: one.port._explorer._looks >= 6, 30)
    one.port.stop()
    assert len([*Path("/proc/self/fd").iterdir()]) == before
