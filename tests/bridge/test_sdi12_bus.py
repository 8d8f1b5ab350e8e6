"""An SDI-12 bus on a real pty: measurements side by side and one after the other, CRCs, many values, and what goes wrong."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from kampung_bridge.clock import SystemClock
from kampung_bridge.config import PortConfig
from kampung_bridge.main import app
from kampung_bridge.measure import Measure
from kampung_bridge.port import Event, Port
from kampung_bridge.profile import Sdi12Bus, StreamProfile, load_profile
from kampung_bridge.reading import GOOD
from kampung_bridge.sdi12 import encode_sdi12, sdi12_crc
from kampung_bridge.sdi12_responder import Sdi12Responder
from typer.testing import CliRunner

Values = Callable[[int], Sequence[float]]


class Bus:
    """Simulated sensors on a wire, which hear every command, and what was said to them."""

    def __init__(self, plug: Callable, *sensors: Sdi12Responder) -> None:
        self.sensors, self.commands, self._lock = list(sensors), b"", threading.Lock()
        self.spoil: Callable[[bytes], bytes] = lambda reply: reply
        self.wire = plug("sdi12", self._answer)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _answer(self, data: bytes) -> bytes:
        with self._lock:
            self.commands += data
            return self.spoil(b"".join(sensor.answer(data, time.monotonic()) for sensor in self.sensors))

    def _serve(self) -> None:
        while not self._over.wait(0.01):
            with self._lock:
                calls = b"".join(sensor.service(time.monotonic()) for sensor in self.sensors)
            if calls:
                self.wire.send(calls)

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    @property
    def said(self) -> list[str]:
        return [command + "!" for command in self.commands.decode("ascii").split("!")[:-1]]


class Listener:
    """A port on a bus, and what it says."""

    def __init__(self, bus: Bus, *devices: dict) -> None:
        self.readings: list[tuple] = []
        self.events: list[Event] = []
        self.errors: list[tuple[str, str]] = []
        config = PortConfig.model_validate({"url": str(bus.wire.path), "device": [{"every": 0.02, **device} for device in devices]})
        self.port = Port(
            config,
            SystemClock(),
            lambda *reading: self.readings.append(reading),
            self.events.append,
            on_frame_error=lambda _, error: self.errors.append((error.code, error.detail)),
        )
        self.port.start()

    def values(self, name: str) -> list[tuple]:
        return [reading[1:5] for reading in self.readings if reading[0] == name]


@pytest.fixture
def bus(plug) -> Iterator[Callable[..., Bus]]:
    made: list[Bus] = []

    def make(*sensors: Sdi12Responder) -> Bus:
        made.append(Bus(plug, *sensors))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    made: list[Listener] = []

    def make(bus: Bus, *devices: dict) -> Listener:
        made.append(Listener(bus, *devices))
        return made[-1]

    yield make
    for one in made:
        one.port.stop()


def soil(_: int) -> Sequence[float]:
    return (31.2, 27.5)


SOIL = {"name": "soil-0", "profile": "sdi12-soil"}
PLAIN = {"name": "plain-1", "profile": "sdi12-soil-plain", "address": "1"}


def test_a_measurement_side_by_side_with_a_crc(bus, listen, eventually) -> None:
    wire = bus(Sdi12Responder("0", soil))
    heard = listen(wire, SOIL)
    eventually(lambda: len(heard.readings) >= 6)
    assert wire.said[:2] == ["0CC!", "0D0!"]
    assert set(heard.values("soil-0")) == {("soil_moisture", 31.2, "%", GOOD), ("soil_temperature", 27.5, "Cel", GOOD)}
    assert (heard.port.stats().state, heard.port.stats().errors, heard.port.stats().detail) == ("up", 0, "")


def test_a_service_request_ends_the_wait(bus, listen, eventually) -> None:
    """It announces 999 s and is ready at once: nobody waits 999 s."""
    sensor = Sdi12Responder("1", soil, seconds=1)
    wire = bus(sensor)
    wire.spoil = lambda reply: reply.replace(b"10012\r\n", b"19992\r\n")
    heard = listen(wire, PLAIN)
    eventually(lambda: heard.readings, 5)
    assert wire.said[:2] == ["1M!", "1D0!"]


def test_without_a_service_request_its_time_is_waited_for(bus, listen, eventually) -> None:
    sensor = Sdi12Responder("1", soil, seconds=1)
    sensor.service = lambda now: b""  # its request is lost
    wire = bus(sensor)
    begun = time.monotonic()
    heard = listen(wire, PLAIN)
    eventually(lambda: heard.readings, 8)
    assert time.monotonic() - begun >= 1
    assert heard.errors == []


def test_nobody_is_spoken_to_while_a_sensor_measures_alone(bus, listen, eventually) -> None:
    """A word to another one would break its measurement off: the simulated sensor then sends no values."""
    wire = bus(Sdi12Responder("1", soil, seconds=1), Sdi12Responder("0", soil))
    heard = listen(wire, PLAIN, SOIL)
    eventually(lambda: len(heard.values("plain-1")) >= 4 and len(heard.values("soil-0")) >= 4, 10)
    assert heard.errors == []
    begins = [n for n, command in enumerate(wire.said[:-1]) if command == "1M!"]
    assert {wire.said[n + 1] for n in begins} <= {"1D0!"}


def test_sensors_measure_side_by_side(bus, listen, eventually) -> None:
    """Five that take two seconds each are all begun before the first is fetched."""
    sensors = [Sdi12Responder(address, soil, seconds=2) for address in "01aZ9"]
    wire = bus(*sensors)
    heard = listen(wire, *({**SOIL, "name": f"soil-{s.address.lower()}", "address": s.address, "every": 60} for s in sensors))
    eventually(lambda: len(heard.readings) >= 10, 30)
    assert sorted(wire.said[:5]) == sorted(f"{sensor.address}CC!" for sensor in sensors)  # a full minute may begin them once more


def test_no_sensor_starves_another(bus, listen, eventually) -> None:
    """Three at once, one of them dead: the others are served alike."""
    wire = bus(Sdi12Responder("0", soil), Sdi12Responder("2", soil))
    dead = {**SOIL, "name": "soil-1", "address": "1", "timeout": 0.05}
    heard = listen(wire, SOIL, dead, {**SOIL, "name": "soil-2", "address": "2"})
    eventually(lambda: [(e.kind, e.device) for e in heard.events] == [("device_lost", "soil-1")], 15)
    assert ("no_reply", "no reply from sensor 1") in heard.errors
    eventually(lambda: len(heard.values("soil-0")) > 20, 10)
    assert abs(len(heard.values("soil-0")) - len(heard.values("soil-2"))) <= 8
    assert heard.port.stats().detail == "soil-1: no reply from sensor 1"


def test_values_of_many_replies_are_joined(bus, listen, eventually, monkeypatch) -> None:
    """Twelve values, five a reply: aD0!, aD1!, aD2!."""
    fields = {str(n): Measure(quantity=f"value_{n}", unit="1", span=(-1e6, 1e6)) for n in range(1, 13)}
    profile = load_profile("sdi12-soil")
    assert isinstance(profile, StreamProfile)
    many = profile.model_copy(update={"fields": fields, "sdi12": Sdi12Bus(command="CC3")})
    monkeypatch.setattr("kampung_bridge.config.load_profile", lambda _: many)
    wire = bus(Sdi12Responder("0", lambda number: [number * 100 + n for n in range(1, 13)], page=5))
    heard = listen(wire, SOIL)
    eventually(lambda: len(heard.readings) >= 12)
    assert wire.said[:4] == ["0CC3!", "0D0!", "0D1!", "0D2!"]
    assert heard.values("soil-0")[:12] == [(f"value_{n}", 300.0 + n, "1", GOOD) for n in range(1, 13)]
    assert heard.errors == []


@pytest.mark.parametrize("command", ["R0", "RC4", "M", "MC", "MC2", "C", "CC9"])
def test_every_measurement_command(command: str, bus, listen, eventually, monkeypatch) -> None:
    profile = load_profile("sdi12-soil")
    assert isinstance(profile, StreamProfile)
    update = {"sdi12": Sdi12Bus(command=command), "decoder": "sdi12-crc" if "C" in command[1:] else "sdi12"}
    monkeypatch.setattr("kampung_bridge.config.load_profile", lambda _: profile.model_copy(update=update))
    number = int(command[-1]) if command[-1].isdigit() else 0
    wire = bus(Sdi12Responder("0", lambda asked: (31.2 + asked, 27.5)))
    heard = listen(wire, SOIL)
    eventually(lambda: len(heard.readings) >= 4)
    assert wire.said[0] == f"0{command}!"
    assert heard.values("soil-0")[0] == ("soil_moisture", round(31.2 + number, 1), "%", GOOD)
    assert heard.errors == []


def test_a_damaged_reply_is_asked_for_again(bus, listen, eventually) -> None:
    """The first of each three data replies has a wrong digit: its CRC tells, and the values come with the next."""
    wire = bus(Sdi12Responder("0", soil))
    count = [0]

    def spoil(reply: bytes) -> bytes:
        if b"+" not in reply:
            return reply
        count[0] += 1
        return reply.replace(b"31.2", b"91.2") if count[0] % 3 == 1 else reply

    wire.spoil = spoil
    heard = listen(wire, SOIL)
    eventually(lambda: len(heard.readings) >= 8)
    assert {value for quantity, value, _, _ in heard.values("soil-0") if quantity == "soil_moisture"} == {31.2}
    assert {code for code, _ in heard.errors} == {"checksum"}
    assert [event.kind for event in heard.events] == []


@pytest.mark.parametrize(
    ("spoil", "code", "detail"),
    [
        (lambda reply: b"", "no_reply", "no reply from sensor 0"),
        (lambda reply: reply + reply, "collision", "two sensors answer as 0: connect one of them alone and give it another address"),
        (lambda reply: bytes(byte & 0x55 for byte in reply[:-2]) + b"\r\n", "garbage", "two sensors with one address, or a bad line"),
        (lambda reply: b"7" + reply[1:], "wrong_device", "sensor 7 answered for 0"),
        (lambda reply: b"00000\r\n", "payload", "sensor 0 announces no values"),
        (lambda reply: b"0\r\n", "payload", "sensor 0 announced nothing"),
        (lambda reply: b"00002\r\n" if b"+" not in reply else b"0" + sdi12_crc(b"0") + b"\r\n", "payload", "sent no values"),
        (lambda reply: encode_sdi12("0", [31.2, 27.5]) if b"+" in reply else reply, "checksum", "no CRC; ask with aRC0!, aMC! or aCC!"),
    ],
)
def test_health_names_what_is_wrong(spoil, code: str, detail: str, bus, listen, eventually) -> None:
    wire = bus(Sdi12Responder("0", soil))
    wire.spoil = spoil
    heard = listen(wire, {**SOIL, "timeout": 0.2})
    eventually(lambda: [event.kind for event in heard.events] == ["device_lost"], 30)
    assert detail in heard.events[0].detail
    assert any(code == c and detail in d for c, d in heard.errors), heard.errors
    assert heard.readings == []


def test_fewer_values_than_announced_are_told_and_kept(bus, listen, eventually) -> None:
    wire = bus(Sdi12Responder("0", lambda _: (31.2,)))
    wire.spoil = lambda reply: reply.replace(b"00001\r\n", b"00002\r\n").replace(b"000001\r\n", b"000002\r\n")
    heard = listen(wire, SOIL)
    eventually(lambda: heard.readings)
    eventually(lambda: heard.errors)
    assert heard.values("soil-0")[0] == ("soil_moisture", 31.2, "%", GOOD)
    assert heard.errors[0] == ("wrong_length", "sensor 0 announced 2 values and sent 1")


def test_the_adapters_echo_does_not_disturb(bus, listen, eventually) -> None:
    """Many adapters repeat on the receiving side what they send."""
    wire = bus(Sdi12Responder("0", soil))
    answer = wire.wire.answer
    wire.wire.answer = lambda data: data + answer(data)
    heard = listen(wire, SOIL)
    eventually(lambda: len(heard.readings) >= 4)
    assert heard.errors == []


def test_a_bus_is_unplugged_in_a_measurement_and_comes_back(plug, bus, listen, eventually) -> None:
    wire = bus(Sdi12Responder("1", soil, seconds=1))
    heard = listen(wire, PLAIN)
    eventually(lambda: "1M!" in wire.said)
    wire.wire.close()
    eventually(lambda: [event.kind for event in heard.events] == ["port_lost"])
    again = bus(Sdi12Responder("1", soil))
    eventually(lambda: len(heard.readings) >= 2, 10)
    assert again.said[0] == "1M!"


def test_probe_finds_sensors_and_says_who_they_are(bus) -> None:
    """One is known by its maker's name, the other only by what it sends."""
    campbell = Sdi12Responder("3", lambda _: (27.4, 88.1), seconds=1)
    campbell.identification = "13CampbellHygrV5 100"
    wire = bus(Sdi12Responder("0", soil), campbell)
    done = CliRunner().invoke(app, ["probe", str(wire.wire.path), "--baud", "9600", "--seconds", "0.05"])
    assert done.exit_code == 0, done.output
    assert "SDI-12 address 0: 14KAMPUNG SIM   100" in done.stdout
    assert "SDI-12 address 3: 13CampbellHygrV5 100" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines() if "%  " in line]
    assert rows[0][:4] == ["100%", "campbell-hygrovue5", "9600", "3"]
    assert "by its maker: air_temperature 27.4 Cel, relative_humidity 88.1 %RH" in done.stdout
    assert ["sdi12-soil", "9600", "0"] in [row[1:4] for row in rows]


def test_probe_hears_colliding_sensors(bus) -> None:
    wire = bus(Sdi12Responder("0", soil))
    wire.spoil = lambda reply: reply * 2
    done = CliRunner().invoke(app, ["probe", str(wire.wire.path), "--baud", "9600", "--seconds", "0.05"])
    assert "SDI-12 address 0: two sensors answer as 0" in done.stdout
