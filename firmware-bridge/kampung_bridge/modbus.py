"""Modbus RTU, the asking side, without I/O (Modbus over Serial Line V1.02, Modbus Application Protocol V1.1b3).

Silence between frames is not trusted: USB adapters and networks tear frames apart and glue them together. A reply is found by
sliding over the bytes until address, function, byte count and CRC all fit what was asked, so bytes before it cost nothing.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from kampung_bridge.decoder import MAX_RAW, Counters, FrameError
from kampung_bridge.error import BadValueError

READ_COILS: Final = 1
READ_DISCRETE: Final = 2
READ_HOLDING: Final = 3
READ_INPUT: Final = 4
WRITE_COIL: Final = 5
WRITE_SINGLE: Final = 6
WRITE_SEVERAL: Final = 16
MAX_REGISTERS: Final = 125
MAX_WRITTEN: Final = 123
_KEPT = 512  # bytes without a reply kept for the explanation; two of the longest frames

EXCEPTIONS = {
    1: "illegal function", 2: "illegal data address", 3: "illegal data value", 4: "device failure", 5: "acknowledge",
    6: "device busy", 8: "memory parity error", 10: "gateway path unavailable", 11: "gateway target did not respond",
}  # fmt: skip


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


_CRC: Final = _table()


def crc16(data: bytes, crc: int = 0xFFFF) -> int:
    """CRC-16/MODBUS; it goes on the wire low byte first. SDI-12's is the same, begun with 0."""
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def seal(body: bytes) -> bytes:
    """The body with its CRC."""
    return body + crc16(body).to_bytes(2, "little")


def sealed(frame: bytes) -> bool:
    """Whether the last two bytes are the CRC of the others."""
    return crc16(frame[:-2]) == frame[-2] | frame[-1] << 8


def _word(name: str, value: int, low: int = 0, high: int = 0xFFFF) -> int:
    if not low <= value <= high:
        raise BadValueError(f"{name} {value} does not fit the frame; use {low} to {high}")
    return value


def read_request(address: int, function: int, start: int, count: int) -> bytes:
    """The 8 bytes that ask `address` for `count` registers (03, 04) or bits (01, 02) from `start`.

    Raises BadValueError on numbers Modbus does not have.
    """
    if not READ_COILS <= function <= READ_INPUT:
        raise BadValueError(f"function {function} does not read; use 1 to 4")
    head = bytes((_word("address", address, 1, 247), function))
    return seal(head + _word("start", start).to_bytes(2, "big") + _word("count", count, 1, MAX_REGISTERS).to_bytes(2, "big"))


def write_request(address: int, register: int, value: int, function: int = WRITE_SINGLE) -> bytes:
    """The 8 bytes that set one holding register (06) or coil (05: 0xFF00 on, 0 off); the device answers with the same 8 bytes."""
    if function not in (WRITE_COIL, WRITE_SINGLE):
        raise BadValueError(f"function {function} does not write one register; use 5 or 6")
    head = bytes((_word("address", address, 0, 247), function))
    return seal(head + _word("register", register).to_bytes(2, "big") + _word("value", value).to_bytes(2, "big"))


def write_several(address: int, register: int, values: Sequence[int]) -> bytes:
    """Function 16: sets neighbouring holding registers; the device answers with the first 6 bytes and their CRC."""
    count = _word("count", len(values), 1, MAX_WRITTEN)
    head = bytes((_word("address", address, 0, 247), WRITE_SEVERAL)) + _word("register", register).to_bytes(2, "big")
    data = b"".join(_word("value", value).to_bytes(2, "big") for value in values)
    return seal(head + count.to_bytes(2, "big") + bytes((2 * count,)) + data)


def words(data: bytes) -> tuple[int, ...]:
    """Registers, unsigned, from their big-endian bytes."""
    return tuple(data[i] << 8 | data[i + 1] for i in range(0, len(data) - 1, 2))


class Reply(NamedTuple):
    """The answer to a request: `registers` read, unsigned 16-bit, or for a write the register's number and its value."""

    raw: bytes
    address: int
    function: int
    registers: Sequence[int]


class ReplyDecoder:
    """A `Decoder` of the Reply to one read request; make one for each request, and call `finish` when its deadline has passed.

    `feed` gives the Reply, or an "exception" FrameError, with its last byte. Everything else on the line is looked at by
    `finish` only: an answer of another device must never make the decoder wait for bytes that the true reply is made of.
    """

    def __init__(self, address: int, function: int, byte_count: int, request: bytes = b"") -> None:
        self.counters = Counters()
        self._address, self._function, self._byte_count = address, function, byte_count
        self._request = request
        self._buffer = bytearray()
        self._passed_over = bytearray()

    def feed(self, data: bytes) -> list[Reply | FrameError]:
        out: list[Reply | FrameError] = []
        self._buffer += data
        buffer, start = self._buffer, 0
        while start < len(buffer):
            length = self._length_at(start)
            if length and len(buffer) - start < length:
                break
            frame = bytes(buffer[start : start + length])
            if length and sealed(frame):
                out.append(self._accept(frame))
                start += length
                continue
            self.counters.bad_checksums += bool(length)
            self._passed_over.append(buffer[start])
            start += 1
        del buffer[:start]
        del self._passed_over[:-_KEPT]
        return out

    def finish(self) -> list[Reply | FrameError]:
        left = bytes(self._passed_over + self._buffer)
        self._passed_over.clear()
        self._buffer.clear()
        return list(self._explain(left))

    def _length_at(self, start: int) -> int:
        """Length of the reply that may begin here (5 while unsure), or 0. Never more than the true reply has, so waiting is safe."""
        buffer = self._buffer
        if buffer[start] != self._address:
            return 0
        if len(buffer) - start < 2:
            return 5
        if buffer[start + 1] == self._function | 0x80:
            return 5
        if buffer[start + 1] != self._function or (len(buffer) - start > 2 and buffer[start + 2] != self._byte_count):
            return 0
        return 5 + self._byte_count

    def _accept(self, frame: bytes) -> Reply | FrameError:
        if frame[1] & 0x80:
            return _exception(frame)
        self.counters.frames += 1
        return Reply(frame, frame[0], frame[1], words(frame[3:-2]))

    def _explain(self, left: bytes) -> list[FrameError]:
        out: list[FrameError] = []
        garbage = bytearray()
        start = 0
        while start < len(left):
            frame = self._foreign_at(left, start)
            if frame:
                out.append(self._name(frame))
                start += len(frame)
            else:
                garbage.append(left[start])
                start += 1
        self.counters.garbage += len(garbage)
        if garbage:
            text = f"{len(garbage)} bytes in no frame"
            out.append(FrameError("checksum" if self.counters.bad_checksums else "garbage", text, bytes(garbage[:MAX_RAW])))
        return out

    def _foreign_at(self, left: bytes, start: int) -> bytes:
        if self._request and left.startswith(self._request, start):
            return self._request
        if len(left) - start < 5 or not 1 <= left[start] <= 247:
            return b""
        function = left[start + 1]
        lengths = (5,) if function & 0x80 else (5 + left[start + 2], 8) if 1 <= function <= 4 else (8,)
        for length in lengths:
            frame = left[start : start + length]
            if len(frame) == length and sealed(frame):
                return frame
        return b""

    def _name(self, frame: bytes) -> FrameError:
        address, function = frame[0], frame[1]
        if frame == self._request:
            return FrameError("echo", "our own request came back: switch the adapter's local echo off", frame)
        if len(frame) == 8 and not (1 <= function <= 4 and frame[2] == 3):
            return FrameError("other_master", f"somebody else asks device {address}: one master a bus", frame)
        if address != self._address:
            return FrameError("wrong_device", f"device {address} answered for {self._address}", frame[:MAX_RAW])
        if function & 0x7F != self._function:
            return FrameError("wrong_function", f"device {address} answered function {function}, not {self._function}", frame[:MAX_RAW])
        return FrameError("wrong_length", f"device {address} sent {frame[2]} bytes, not {self._byte_count}", frame[:MAX_RAW])


class WriteReplyDecoder(ReplyDecoder):
    """The same for one write: Replies of the device about this very register, whatever value they say; `wanted` is the right one."""

    def __init__(self, request: bytes) -> None:
        super().__init__(request[0], request[1], 3)  # 8 bytes, as a read's reply of 3 would have
        self._register = request[2:4]
        self.wanted = seal(request[:6])

    def _length_at(self, start: int) -> int:
        head = bytes(self._buffer[start : start + 4])
        if head[1:2] == bytes((self._function | 0x80,)) and head[0] == self._address:
            return 5
        wanted = bytes((self._address, self._function)) + self._register
        if not wanted.startswith(head):
            return 0
        return 5 if len(head) < 2 else 8

    def _accept(self, frame: bytes) -> Reply | FrameError:
        if frame[1] & 0x80:
            return _exception(frame)
        self.counters.frames += 1
        return Reply(frame, frame[0], frame[1], words(frame[2:-2]))

    def _name(self, frame: bytes) -> FrameError:
        if len(frame) != 8 or frame[1] != self._function:
            return super()._name(frame)
        if frame[0] != self._address:
            return FrameError("wrong_device", f"device {frame[0]} answered for {self._address}", frame)
        return FrameError("wrong_length", f"device {frame[0]} answered about register {frame[2] << 8 | frame[3]}", frame)


def _exception(frame: bytes) -> FrameError:
    number = frame[2]
    return FrameError("exception", f"device {frame[0]} refused: {EXCEPTIONS.get(number, 'unknown exception')} ({number})", frame, number)
