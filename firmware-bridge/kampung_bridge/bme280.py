"""Bosch BME280 from its registers: compensation in double precision, Bosch's own formula (BME280 data sheet BST-BME280-DS002,
section 8.1 "Compensation formulas in double precision floating point"; calibration words: section 4.2.2, table 16).

The registers carry no check: they must come through one (our link), or as one line a record (`kampung-bridge decode`).
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from kampung_bridge.decoder import MAX_RAW, Counters, Frame, FrameError
from kampung_bridge.measure import Measure

CALIBRATION = 33  # registers 88-A1 (26 bytes), then E1-E7 (7 bytes)
LENGTH = CALIBRATION + 8  # then F7-FE: pressure, temperature, humidity
_SKIPPED = (0x80000, 0x80000, 0x8000)  # what a measurement that was switched off reads


class Calibration(NamedTuple):
    """The words Bosch calls dig_T1 … dig_H6."""

    t: tuple[int, int, int]
    p: tuple[int, int, int, int, int, int, int, int, int]
    h: tuple[int, int, int, int, int, int]


def parse_calibration(registers: bytes) -> Calibration:
    """From the 33 bytes at 88-A1 and E1-E7."""
    words = struct.unpack("<HhhHhhhhhhhh", registers[:24])
    h1 = registers[25]
    h2, h3, e4, e5, e6, h6 = struct.unpack("<hBbBbb", registers[26:33])
    return Calibration(words[:3], words[3:], (h1, h2, h3, e4 * 16 + (e5 & 0x0F), e6 * 16 + (e5 >> 4), h6))


def parse_raw(registers: bytes) -> tuple[int, int, int]:
    """Pressure, temperature (20 bits) and humidity (16 bits) from the 8 bytes at F7-FE."""
    d = registers
    return d[0] << 12 | d[1] << 4 | d[2] >> 4, d[3] << 12 | d[4] << 4 | d[5] >> 4, d[6] << 8 | d[7]


def temperature(raw: int, c: Calibration) -> tuple[float, float]:
    """(°C, t_fine)."""
    var1 = (raw / 16384.0 - c.t[0] / 1024.0) * c.t[1]
    var2 = (raw / 131072.0 - c.t[0] / 8192.0) ** 2 * c.t[2]
    return (var1 + var2) / 5120.0, var1 + var2


def pressure(raw: int, fine: float, c: Calibration) -> float:
    """Pa; 0 when the calibration would divide by zero."""
    p = c.p
    var1 = fine / 2.0 - 64000.0
    var2 = var1 * var1 * p[5] / 32768.0 + var1 * p[4] * 2.0
    var2 = var2 / 4.0 + p[3] * 65536.0
    var1 = (p[2] * var1 * var1 / 524288.0 + p[1] * var1) / 524288.0
    var1 = (1.0 + var1 / 32768.0) * p[0]
    if var1 == 0.0:
        return 0.0
    value = (1048576.0 - raw - var2 / 4096.0) * 6250.0 / var1
    var1 = p[8] * value * value / 2147483648.0
    return value + (var1 + value * p[7] / 32768.0 + p[6]) / 16.0


def humidity(raw: int, fine: float, c: Calibration) -> float:
    """%RH, held within 0-100 as Bosch does."""
    h = c.h
    value = fine - 76800.0
    value = (raw - (h[3] * 64.0 + h[4] / 16384.0 * value)) * (
        h[1] / 65536.0 * (1.0 + h[5] / 67108864.0 * value * (1.0 + h[2] / 67108864.0 * value))
    )
    value *= 1.0 - h[0] * value / 524288.0
    return min(100.0, max(0.0, value))


class Bme280Decoder:
    """A `Decoder` of Frames with the fields "temperature" (°C), "pressure" (Pa) and "humidity" (%RH), from records of 41 bytes.

    A record has no head and no check, so nothing can tell where one begins but `finish`, the end of a line.
    """

    fields = frozenset({"temperature", "pressure", "humidity"})
    records = True  # each line of hex is one record

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self.counters = Counters()
        self._measures = measures
        self._held = b""

    def feed(self, data: bytes) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        line = self._held + data
        while len(line) >= LENGTH:
            out.append(self._convert(line[:LENGTH]))
            line = line[LENGTH:]
        self._held = line
        return out

    def finish(self) -> list[Frame | FrameError]:
        left, self._held = self._held, b""
        if not left:
            return []
        self.counters.garbage += len(left)
        return [FrameError("wrong_length", f"{len(left)} bytes, a record has {LENGTH}: 88-A1, E1-E7, F7-FE", left[:MAX_RAW])]

    def _convert(self, record: bytes) -> Frame | FrameError:
        calibration, raw = parse_calibration(record), parse_raw(record[CALIBRATION:])
        if not calibration.t[0] or not calibration.p[0] or calibration.t[0] == 0xFFFF:
            self.counters.garbage += len(record)
            return FrameError("garbage", "no calibration: dig_T1 and dig_P1 are never 0 or FFFF", record)
        if raw[1] == _SKIPPED[1]:
            return FrameError("power_on", "no temperature was measured (80000 hex is the reset value); start a measurement first", record)
        celsius, fine = temperature(raw[1], calibration)
        values = {"temperature": celsius}
        if raw[0] != _SKIPPED[0]:
            values["pressure"] = pressure(raw[0], fine, calibration)
        if raw[2] != _SKIPPED[2]:
            values["humidity"] = humidity(raw[2], fine, calibration)
        self.counters.frames += 1
        return Frame(record, tuple(self._measures[field].reading(round(value, 4)) for field, value in values.items()))
