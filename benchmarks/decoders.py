"""Frames a second of each decoder, against peers that read the same bytes: pymodbus, minimalmodbus, and the usual pyserial loops."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator

import minimalmodbus
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.decoder import Frame
from kampung_bridge.ds18b20 import encode_ds18b20
from kampung_bridge.link import encode_readings
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request
from kampung_bridge.mysensors import encode_mysensors
from kampung_bridge.nmea import encode_nmea
from kampung_bridge.pms import encode_pms
from kampung_bridge.profile import StreamProfile, load_profile
from kampung_bridge.responder import encode_reply
from kampung_bridge.sdi12 import encode_sdi12
from kampung_bridge.sds011 import encode_sds011
from kampung_bridge.sht3x import encode_sht3x
from kampung_bridge.stream import STREAM_DECODERS
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from serial import serial_for_url
from serial.serialutil import SerialBase

from benchmarks.result import Result

CHUNK = 64  # bytes a read of a serial adapter gives
FRAMES: dict[str, list[bytes]] = {
    "a02yyuw": [encode_a02yyuw(n) for n in range(30, 4500)],
    "pms5003": [encode_pms([5, 8, 12, 5, 8, 11, 210, 70, 45, 30, n % 9, 0, 0x9700]) for n in range(2000)],
    "sds011": [encode_sds011(n, 2 * n) for n in range(4000)],
    "ds18b20": [encode_ds18b20(n) for n in range(300, 1300)],
    "sht3x": [encode_sht3x(26214 + n, 30000) for n in range(2000)],
    "nmea-mwv": [encode_nmea(f"WIMWV,{n % 360}.0,R,3.2,M,A") for n in range(2000)],
    "sdi12-soil": [encode_sdi12("0", [n / 10, 27.5], crc=True) for n in range(1000)],
    "mysensors": [encode_mysensors(12, 6, 0, f"{n / 10}") for n in range(3000)],
    "kampung-node": [encode_readings(n & 255, {1: 3000 + n, 2: 2750}) for n in range(1000)],
}


def rate(work: Callable[[], int], seconds: float = 0.6) -> tuple[float, int]:
    """Frames a second, and how many frames were read; the best of three runs, each of `seconds` or more."""
    best, total = 0.0, 0
    for _ in range(3):
        count, begun = 0, time.perf_counter()
        while (passed := time.perf_counter() - begun) < seconds:
            count += work()
        best, total = max(best, count / passed), total + count
    return best, total


def stream(name: str) -> tuple[float, int]:
    """Our decoder, fed as a serial line feeds it."""
    profile = load_profile(name)
    assert isinstance(profile, StreamProfile)
    line = b"".join(FRAMES[name])
    chunks = [line[i : i + CHUNK] for i in range(0, len(line), CHUNK)]

    def work() -> int:
        decoder = STREAM_DECODERS[profile.decoder](profile.fields)
        found = sum(isinstance(result, Frame) for chunk in chunks for result in decoder.feed(chunk))
        assert found >= len(FRAMES[name])
        return found

    return rate(work)


def looped(name: str, parse: Callable[[SerialBase], bool]) -> tuple[float, int, float]:
    """Ours, and a driver as usually written (`read` for each part of a frame), over pyserial's loop://: our rate, our count, their rate."""
    frames = FRAMES[name][:50]
    profile = load_profile(name)
    assert isinstance(profile, StreamProfile)
    with contextlib.closing(serial_for_url("loop://", timeout=1)) as line:

        def ours() -> int:
            line.write(b"".join(frames))
            decoder, found = STREAM_DECODERS[profile.decoder](profile.fields), 0
            while line.in_waiting:
                found += sum(isinstance(result, Frame) for result in decoder.feed(line.read(min(CHUNK, line.in_waiting))))
            assert found == len(frames)
            return found

        def theirs() -> int:
            line.write(b"".join(frames))
            found = sum(parse(line) for _ in frames)
            assert found == len(frames)
            return found

        best = peer = 0.0
        total = 0
        for _ in range(3):  # by turns, so that what else the machine does falls on both
            value, count = rate(ours, 0.2)
            best, total, peer = max(best, value), total + count, max(peer, rate(theirs, 0.2)[0])
        return best, total, peer


def parse_sds011(line: SerialBase) -> bool:
    """As the widely copied SDS011 readers do."""
    while line.read(1) != b"\xaa":
        pass
    rest = line.read(9)
    return rest[0] == 0xC0 and sum(rest[1:7]) & 0xFF == rest[7]


def parse_pms(line: SerialBase) -> bool:
    """As the widely copied PMS readers do."""
    while line.read(1) != b"\x42":
        pass
    rest = line.read(31)
    return rest[0] == 0x4D and (0x42 + sum(rest[:-2])) & 0xFFFF == rest[-2] << 8 | rest[-1]


def parse_a02yyuw(line: SerialBase) -> bool:
    """As DFRobot's example does."""
    while line.read(1) != b"\xff":
        pass
    rest = line.read(3)
    return (0xFF + rest[0] + rest[1]) & 0xFF == rest[2]


def modbus() -> Iterator[Result]:
    """One reply of four registers, whole; each reader made ready anew, as for each poll."""
    reply = encode_reply(17, 3, [312, 65511, 485, 56])
    request = read_request(17, 3, 0, 4)

    def ours() -> int:
        (result,) = ReplyDecoder(17, 3, 8, request).feed(reply)
        assert isinstance(result, Reply)
        return 1

    def pymodbus() -> int:
        _, pdu = FramerRTU(DecodePDU(False)).handleFrame(reply, 17, 0)
        assert pdu is not None
        return 1

    def minimal() -> int:
        return len(minimalmodbus._extract_payload(reply, 17, "rtu", 3)) // 8

    value, count = rate(ours)
    for name, peer in (("pymodbus", pymodbus), ("minimalmodbus", minimal)):
        other = rate(peer)[0]
        yield Result(f"modbus_reply_vs_{name}", value, "frames/s", value / other, f"{name}, {other:,.0f} frames/s", count)


def stray_byte() -> Iterator[Result]:
    """256 stray bytes before a valid reply, for every address: replies lost (must be 0), and what pymodbus loses of the same."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # it tells each loss
    lost = theirs = 0
    for address in range(1, 248):
        reply = encode_reply(address, 3, [312, 65511, 485, 56])
        framer = FramerRTU(DecodePDU(False))
        for stray in range(256):
            data = bytes((stray,)) + reply
            results = ReplyDecoder(address, 3, 8).feed(data)
            lost += not any(isinstance(result, Reply) and result.raw == reply for result in results)
            theirs += not _pymodbus_reads(framer, data, address)
    yield Result("modbus_lost_after_a_stray_byte", lost, "replies", lost / theirs, f"pymodbus, {theirs:,} lost", 247 * 256)


def _pymodbus_reads(framer: FramerRTU, data: bytes, address: int) -> bool:
    """Whether it gives the reply as it is fed what it has not used."""
    while data:
        try:
            used, pdu = framer.handleFrame(data, address, 0)
        except ModbusException:
            return False
        if pdu is not None:
            return True
        if not used:
            return False
        data = data[used:]
    return False


def run() -> Iterator[Result]:
    """Every decoder alone; those that have a usual reader, against it."""
    peers = {"sds011": parse_sds011, "pms5003": parse_pms, "a02yyuw": parse_a02yyuw}
    yield from modbus()
    yield from stray_byte()
    for name in FRAMES:
        value, count = stream(name)
        yield Result(f"{name}_frames", value, "frames/s", None, None, count)
        if name in peers:
            value, count, other = looped(name, peers[name])
            yield Result(
                f"{name}_on_a_line", value, "frames/s", value / other, f"the usual loop on the same line, {other:,.0f} frames/s", count
            )
