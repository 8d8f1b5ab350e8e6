"""Ports in a configuration: what is accepted, and how what is wrong is told."""

import tomllib

import pytest
from kampung_bridge.config import DeviceConfig, PortConfig, Ports
from kampung_bridge.device import Device, transform
from kampung_bridge.reading import FAIL, GOOD, Reading
from pydantic import BaseModel, ValidationError


class Village(BaseModel):
    """As the edge's configuration uses it."""

    port: Ports = ()


GOOD_ONE = """
[[port]]
url = "/dev/serial/by-id/usb-rs485"
[[port.device]]
name = "soil-1"
profile = "dfrobot-sen0600"
every = 10
rehearsal_every = 1800
[port.device.adjust.soil_moisture]
gain = 1.1
[[port.device]]
name = "air-1"
profile = "xy-md02"
address = 2

[[port]]
url = "socket://192.0.2.7:4001"
name = "Kali Bomo"
[[port.device]]
name = "river-1"
profile = "a02yyuw"
[port.device.derive]
quantity = "water_level"
from = "distance"
gain = -1
offset = 3.0
unit = "m"
"""


def read(text: str) -> tuple[PortConfig, ...]:
    return Village.model_validate(tomllib.loads(text)).port


def test_a_good_configuration() -> None:
    bus, river = read(GOOD_ONE)
    assert [(d.name, d.bus_address) for d in bus.devices] == [("soil-1", 1), ("air-1", 2)]
    assert (bus.title, bus.serial.baud, river.title) == ("/dev/serial/by-id/usb-rs485", 9600, "Kali Bomo")
    assert bus.devices[0].quantities == {"soil_moisture": "%", "soil_temperature": "Cel"}
    assert river.devices[0].quantities == {"water_level": "m"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"dfrobot-sen0600"', '"sen0600"', "there is no device profile 'sen0600'; did you mean dfrobot-sen0600"),
        ("address = 2", "address = 1", "soil-1 and air-1 both have address 1"),
        ('"socket://192.0.2.7:4001"', '"/dev/serial/by-id/../by-id/usb-rs485"', "configured twice"),
        ('"river-1"', '"soil-1"', "device name 'soil-1' is used 2 times"),
        ('"socket://', '"sokcet://', "pyserial has no 'sokcet://'"),
        ('from = "distance"', 'from = "depth"', "a02yyuw has no quantity 'depth'; it has distance"),
        ("every = 10\n", "every = 0\n", "every = 0 would poll soil-1 without pause"),
        ('profile = "a02yyuw"', 'profile = "a02yyuw"\naddress = 3', "has no address"),
        ('profile = "xy-md02"\naddress = 2', 'profile = "a02yyuw"', "needs port /dev/serial/by-id/usb-rs485 alone"),
        ("rehearsal_every = 1800", "rehersal_every = 1800", "rehersal_every"),
        ('name = "soil-1"', 'name = "Soil 1"', "name"),
        ("adjust.soil_moisture", "adjust.moisture", "has no quantity 'moisture'"),
        ("address = 2", 'address = "2"', "address = '2' is no Modbus address; use a number from 1 to 247"),
        ("address = 2", "address = 248", "use a Modbus address"),
        ('profile = "xy-md02"\naddress = 2', 'profile = "sdi12-soil"', "air-1 speaks SDI-12 and soil-1 Modbus: they need a port each"),
        ('unit = "m"', 'unit = "m"\n[[port.device]]\nname="x"\nprofile="xy-md02"', "alone"),
        ('quantity = "water_level"', 'quantity = "distance"\nkeep = true', "would deliver 'distance' twice"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, message: str) -> None:
    assert old in GOOD_ONE
    with pytest.raises(ValidationError, match=message):
        read(GOOD_ONE.replace(old, new))


def test_calibrated_then_derived_and_the_quality_stays() -> None:
    level = {"quantity": "water_level", "from": "distance", "gain": -1, "offset": 3.0, "unit": "m"}
    config = DeviceConfig.model_validate({"name": "r", "profile": "a02yyuw", "adjust": {"distance": {"offset": 0.01}}, "derive": level})
    distance = Reading("distance", 1.24, "m", FAIL)
    assert transform(config, [distance]) == [Reading("water_level", 1.75, "m", FAIL)]
    both = config.model_copy(update={"derive": (config.derive[0].model_copy(update={"keep": True}),)})
    assert transform(both, [distance]) == [Reading("distance", 1.25, "m", FAIL), Reading("water_level", 1.75, "m", FAIL)]


class Clock:
    """A clock set by hand."""

    rehearsing = False

    def __init__(self, now: int) -> None:
        self.now = now

    def now_ms(self) -> int:
        return self.now

    def wait_until(self, *_: object) -> bool:
        return False


def test_polls_keep_their_grid_and_those_missed_are_not_made_up_for() -> None:
    device = Device(DeviceConfig(name="s", profile="xy-md02", every=10, rehearsal_every=600), clock := Clock(1000))
    assert device.due_ms(1000) == 1000, "the first is due at once"
    device.polled(1000)
    assert device.due_ms(1500) == 10_000, "then on whole multiples, together with every other device of that interval"
    device.polled(10_004)
    assert device.due_ms(10_004) == 20_000
    device.polled(50_000)
    assert device.due_ms(50_000) == 60_000
    assert device.due_ms(49_000) == 49_000, "the clock was set back"
    clock.rehearsing = True
    assert device.due_ms(50_000) == 600_000


def test_a_stream_waits_half_an_interval_more_for_a_good_frame() -> None:
    device = Device(DeviceConfig(name="r", profile="a02yyuw", every=10), Clock(0))
    good, failed = [Reading("distance", 1.0, "m", GOOD)], [Reading("distance", 0.0, "m", FAIL)]
    assert device.wants(failed, 0)
    assert not device.wants(good, 9_999)
    assert not device.wants(failed, 14_000)
    assert device.wants(good, 14_100)
    assert device.wants(failed, 29_100)


SENSORS = """
[[port]]
url = "/dev/serial/by-id/usb-sdi12"
[[port.device]]
name = "soil-0"
profile = "sdi12-soil"
every = 60
[[port.device]]
name = "soil-a"
profile = "campbell-cs650"
address = "a"
[[port.device]]
name = "air-3"
profile = "campbell-hygrovue5"
address = 3
"""


def test_sdi12_sensors_share_a_port() -> None:
    (bus,) = read(SENSORS)
    assert [(d.name, d.sdi12_address, d.bus_address) for d in bus.devices] == [("soil-0", "0", 0), ("soil-a", "a", 0), ("air-3", "3", 0)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("address = 3", "address = 0", "soil-0 and air-3 both have address 0"),
        ("address = 3", 'address = "a"', "soil-a and air-3 both have address a"),
        ("address = 3", "address = 12", "address = 12 is no SDI-12 address; use one of 0-9, A-Z, a-z"),
        ("address = 3", 'address = "aa"', "or an SDI-12 address"),
        ("every = 60", "every = 0", "would poll soil-0 without pause"),
        ('"campbell-hygrovue5"\naddress = 3', '"a02yyuw"', "air-3 sends by itself and needs port /dev/serial/by-id/usb-sdi12 alone"),
    ],
)
def test_what_is_wrong_on_an_sdi12_bus_is_told(old: str, new: str, message: str) -> None:
    assert old in SENSORS
    with pytest.raises(ValidationError, match=message):
        read(SENSORS.replace(old, new))
