"""Simulated devices, read by somebody else's master."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import time
from pathlib import Path

import minimalmodbus
import pytest
import serial
from kampung_bridge.clock import SystemClock
from kampung_sim.device import LevelSensor, Line, ModbusBus


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """A line by name."""
    return Line(tmp_path / "bus")


def test_a_probe_answers_minimalmodbus(line: Line) -> None:
    """An independent master reads moisture and a temperature below zero; an address nobody has stays silent."""
    bus = ModbusBus(line, SystemClock(), {1: ("dfrobot-sen0600", lambda _: {"soil_moisture": 31.2, "soil_temperature": -1.5})})
    bus.start()
    try:
        probe = minimalmodbus.Instrument(str(line.link), 1)
        probe.serial.baudrate, probe.serial.timeout = 9600, 0.5
        assert probe.read_register(0, 1) == 31.2
        assert probe.read_register(1, 1, signed=True) == -1.5
        probe.address = 9
        with pytest.raises(minimalmodbus.NoResponseError):
            probe.read_register(0)
        probe.serial.close()
    finally:
        bus.stop()


def test_a_silent_probe_answers_nothing(line: Line) -> None:
    """A hole in the recording is a device that does not answer."""
    bus = ModbusBus(line, SystemClock(), {1: ("dfrobot-sen0600", lambda _: None)})
    bus.start()
    try:
        probe = minimalmodbus.Instrument(str(line.link), 1)
        probe.serial.timeout = 0.3
        with pytest.raises(minimalmodbus.NoResponseError):
            probe.read_register(0)
        probe.serial.close()
    finally:
        bus.stop()


def test_a_relay_board_is_switched_by_somebody_else_and_shows_it(line: Line) -> None:
    """Coils of a board beside a probe; while it has no power it hears nothing."""
    powered = {"relay": True}
    bus = ModbusBus(
        line,
        SystemClock(),
        {1: ("dfrobot-sen0600", lambda _: {"soil_moisture": 31.2}), 4: ("waveshare-relay-8", lambda _: {} if powered["relay"] else None)},
    )
    bus.start()
    try:
        board = minimalmodbus.Instrument(str(line.link), 4)
        board.serial.timeout = 0.5
        board.write_bit(2, 1)
        assert [name for name, on in bus.states[4].items() if on] == ["relay_3"]
        assert board.read_bits(0, 8, 1) == [0, 0, 1, 0, 0, 0, 0, 0]
        powered["relay"] = False
        with pytest.raises(minimalmodbus.NoResponseError):
            board.write_bit(2, 0)
        assert bus.states[4]["relay_3"]
        board.serial.close()
    finally:
        bus.stop()
    assert set(bus.states) == {4}


def test_the_level_sensor_streams_its_frame(line: Line) -> None:
    """FF 07 A1 A7 is 1,953 mm, as the maker prints it; what nobody read is not there later."""
    sensor = LevelSensor(line, SystemClock(), lambda _: {"distance": 1.953}, every=5, rehearsal_every=5)
    sensor.start()
    try:
        with serial.Serial(str(line.link), timeout=2) as port:
            assert bytes.fromhex("FF07A1A7") in port.read(12)
    finally:
        sensor.stop()
    assert not line.link.exists()


def test_a_line_nobody_reads_holds_little(line: Line) -> None:
    """A wire has no memory: an edge that comes back reads the present, not the past."""
    for _ in range(5_000):
        line.write(b"\xff\x07\xa1\xa7")
    descriptor = os.open(line.link, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    deadline = time.monotonic() + 5
    try:
        while not 0 < (held := waiting(descriptor)) <= 512:  # the kernel moves what was written a little later
            assert time.monotonic() < deadline, held
            line.write(b"\xff\x07\xa1\xa7")
    finally:
        os.close(descriptor)
        line.close()


def waiting(descriptor: int) -> int:
    """Bytes that may be read."""
    return int(struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, struct.pack("i", 0)))[0])
