"""Frames a second of each decoder, against peers that read the same bytes: pymodbus, minimalmodbus, and the usual pyserial readers."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import tty
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
from kampung_bridge.session import CHUNK as READ
from kampung_bridge.sht3x import encode_sht3x
from kampung_bridge.stream import STREAM_DECODERS
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from serial import serial_for_url
from serial.serialutil import SerialBase

from benchmarks.decoder_peers import LINES, RECORDS
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


def rate(work: Callable[[], int], seconds: float = 1.0) -> tuple[float, int]:
    """Frames a second in the quickest of many runs of `work`, and how many frames were read."""
    (mine, count), _ = race(work, lambda: 0, seconds)
    return mine, count


def race(ours: Callable[[], int], theirs: Callable[[], int], seconds: float = 2.0) -> tuple[tuple[float, int], float]:
    """((frames a second, how many), their frames a second), each in its quickest run, taken by turns: what else the machine does
    falls on both, and the quickest run is the one it fell on least.
    """
    best, total = [0.0, 0.0], 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for n, work in enumerate((ours, theirs)):
            begun = time.perf_counter()
            count = work()
            best[n] = max(best[n], count / (time.perf_counter() - begun))
            total += count if n == 0 else 0
    return (best[0], total), best[1]


def stream(name: str) -> Result:
    """Our decoder, fed as a serial line feeds it; a sensor's record also against the usual driver."""
    profile = load_profile(name)
    assert isinstance(profile, StreamProfile)
    frames = FRAMES[name][:500]
    line = b"".join(frames)
    chunks = [line[i : i + CHUNK] for i in range(0, len(line), CHUNK)]

    def ours() -> int:
        decoder = STREAM_DECODERS[profile.decoder](profile.fields)
        found = sum(isinstance(result, Frame) for chunk in chunks for result in decoder.feed(chunk))
        assert found >= len(frames)
        return found

    if name not in RECORDS:
        value, count = rate(ours)
        return Result(f"{name}_frames", value, "frames/s", None, None, count)
    take = RECORDS[name]

    def theirs() -> int:
        assert all(take(record) is not None for record in frames)
        return len(frames)

    (value, count), other = race(ours, theirs)
    return Result(f"{name}_frames", value, "frames/s", value / other, f"the usual driver, {other:,.0f} frames/s", count)


@contextlib.contextmanager
def loop() -> Iterator[tuple[SerialBase, Callable[[bytes], object]]]:
    """pyserial's own loop://, (the line, what puts bytes on it). Each byte goes through a queue, which is nine tenths of the time."""
    with contextlib.closing(serial_for_url("loop://", timeout=1)) as line:
        yield line, line.write


@contextlib.contextmanager
def pty() -> Iterator[tuple[SerialBase, Callable[[bytes], object]]]:
    """A pseudo-terminal, which is to pyserial what a USB adapter is."""
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        with contextlib.closing(serial_for_url(os.ttyname(slave), timeout=1)) as line:
            yield line, lambda data: os.write(master, data)
    finally:
        os.close(master)
        os.close(slave)


def on_a_line(name: str, title: str, line: SerialBase, put: Callable[[bytes], object]) -> Result:
    """Ours, read as a port's thread reads, and the usual reader, on the same bytes."""
    frames = FRAMES[name][:50]
    sent = b"".join(frames)
    profile = load_profile(name)
    assert isinstance(profile, StreamProfile)
    read = LINES[name]
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)  # for as long as the line is open, as a port does

    def ours() -> int:
        put(sent)
        found = heard = 0
        while heard < len(sent):  # also the line end behind the last frame, which would be the other reader's first line
            data = line.read(max(1, min(line.in_waiting, READ)))
            heard += len(data)
            found += sum(isinstance(result, Frame) for result in decoder.feed(data))
        assert found == len(frames)
        return found

    def theirs() -> int:
        put(sent)
        assert all(read(line) is not None for _ in frames)
        return len(frames)

    (value, count), other = race(ours, theirs)
    peer = f"the usual reader on the same {title}, {other:,.0f} frames/s"
    return Result(f"{name}_on_a_{title}", value, "frames/s", value / other, peer, count)


def modbus() -> Iterator[Result]:
    """One reply of four registers, whole; each reader made ready anew, as for each poll."""
    reply = encode_reply(17, 3, [312, 65511, 485, 56])
    request = read_request(17, 3, 0, 4)

    def ours() -> int:
        for _ in range(100):
            (result,) = ReplyDecoder(17, 3, 8, request).feed(reply)
            assert isinstance(result, Reply)
        return 100

    def pymodbus() -> int:
        for _ in range(100):
            _, pdu = FramerRTU(DecodePDU(False)).handleFrame(reply, 17, 0)
            assert pdu is not None
        return 100

    def minimal() -> int:
        return sum(len(minimalmodbus._extract_payload(reply, 17, "rtu", 3)) for _ in range(100)) // 8

    for name, peer in (("pymodbus", pymodbus), ("minimalmodbus", minimal)):
        (value, count), other = race(ours, peer)
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
    """Every decoder alone, and against the usual reader on the same bytes."""
    yield from modbus()
    yield from stray_byte()
    for name in FRAMES:
        yield stream(name)
    for title, kind in (("loop", loop), ("pty", pty)):
        for name in LINES:
            with kind() as (line, put):
                yield on_a_line(name, title, line, put)
