"""The readers people usually write for such devices, over pyserial: each reads one frame and gives its values, or None.

They are what ours are measured against: `read` for each part of a frame, the check, then the numbers in their units.
"""

from __future__ import annotations

import re
import struct
from functools import reduce
from operator import xor

from serial.serialutil import SerialBase

Values = tuple[float, ...] | None


def read_sds011(line: SerialBase) -> Values:
    """As the widely copied SDS011 readers do."""
    while line.read(1) != b"\xaa":
        pass
    rest = line.read(9)
    if rest[0] != 0xC0 or sum(rest[1:7]) & 0xFF != rest[7]:
        return None
    pm25, pm10 = struct.unpack("<HH", rest[1:5])
    return pm25 / 10, pm10 / 10


def read_pms(line: SerialBase) -> Values:
    """As the widely copied PMS readers do."""
    while line.read(1) != b"\x42":
        pass
    rest = line.read(31)
    if rest[0] != 0x4D or (0x42 + sum(rest[:-2])) & 0xFFFF != rest[-2] << 8 | rest[-1]:
        return None
    words = struct.unpack(">13H", rest[3:29])
    return float(words[3]), float(words[4]), float(words[5])


def read_a02yyuw(line: SerialBase) -> Values:
    """As DFRobot's example does."""
    while line.read(1) != b"\xff":
        pass
    rest = line.read(3)
    if (0xFF + rest[0] + rest[1]) & 0xFF != rest[2]:
        return None
    return ((rest[0] << 8 | rest[1]) / 1000,)


def read_nmea(line: SerialBase) -> Values:
    """`readline`, the exclusive-or, the fields."""
    body, _, check = line.readline().strip().lstrip(b"$").partition(b"*")
    if reduce(xor, body) != int(check, 16):
        return None
    fields = body.decode().split(",")
    return float(fields[1]), float(fields[3])


def read_sdi12(line: SerialBase) -> Values:
    """`readline`, the CRC as the specification's C code has it, the values."""
    text = line.readline().strip()
    crc = 0
    for byte in text[:-3]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    if bytes((0x40 | crc >> 12, 0x40 | crc >> 6 & 0x3F, 0x40 | crc & 0x3F)) != text[-3:]:
        return None
    return tuple(float(number) for number in re.findall(rb"[+-][0-9.]+", text[1:-3]))


def read_mysensors(line: SerialBase) -> Values:
    """`readline`, then split at the semicolons."""
    node, _child, _command, _ack, _kind, payload = line.readline().decode().strip().split(";")
    return (float(payload),) if int(node) < 255 else None


def read_link(line: SerialBase) -> Values:
    """`read_until` the zero, COBS undone, the CRC bit by bit."""
    block = b""
    while not block:
        block = line.read_until(b"\x00").rstrip(b"\x00")
    body, at = bytearray(), 0
    while at < len(block):
        code = block[at]
        body += block[at + 1 : at + code]
        at += code
        if code < 255 and at < len(block):
            body.append(0)
    crc = 0xFFFF
    for byte in body[:-2]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    if crc != body[-2] | body[-1] << 8:
        return None
    return tuple(struct.unpack("<i", body[i + 1 : i + 5])[0] / 100 for i in range(3, len(body) - 2, 5))


def take_ds18b20(record: bytes) -> Values:
    """The scratchpad as the usual drivers take it; its CRC bit by bit."""
    crc = 0
    for byte in record:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return None if crc else (struct.unpack("<h", record[:2])[0] / 16,)


def take_sht3x(record: bytes) -> Values:
    """The six bytes as the usual drivers take them; their CRCs bit by bit."""
    for word in (record[:3], record[3:]):
        crc = 0xFF
        for byte in word:
            crc ^= byte
            for _ in range(8):
                crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
        if crc:
            return None
    temperature, _, humidity, _ = struct.unpack(">HBHB", record)
    return -45 + 175 * temperature / 65535, 100 * humidity / 65535


LINES = {
    "a02yyuw": read_a02yyuw,
    "pms5003": read_pms,
    "sds011": read_sds011,
    "nmea-mwv": read_nmea,
    "sdi12-soil": read_sdi12,
    "mysensors": read_mysensors,
    "kampung-node": read_link,
}
RECORDS = {"ds18b20": take_ds18b20, "sht3x": take_sht3x}
