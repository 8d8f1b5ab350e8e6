"""Modbus RTU, the answering side, without I/O: what a simulated device needs to stand on a bus."""

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from kampung_bridge.decoder import MAX_RAW, Counters, FrameError
from kampung_bridge.modbus import (
    MAX_REGISTERS,
    MAX_WRITTEN,
    READ_COILS,
    READ_DISCRETE,
    WRITE_COIL,
    WRITE_SEVERAL,
    WRITE_SINGLE,
    seal,
    sealed,
    words,
)
from kampung_bridge.output import ModbusOutput
from kampung_bridge.profile import ModbusProfile

REQUEST_LENGTH = 8
_FUNCTIONS = frozenset({1, 2, 3, 4, WRITE_COIL, WRITE_SINGLE, WRITE_SEVERAL})


class Request(NamedTuple):
    """`value` is how many to read or (16) write, else the value to write."""

    raw: bytes
    address: int
    function: int
    register: int
    value: int

    @property
    def written(self) -> tuple[int, ...]:
        """The values of 05, 06 and 16; none of a read."""
        if self.function < WRITE_COIL:
            return ()
        return words(self.raw[7:-2]) if self.function == WRITE_SEVERAL else (self.value,)


def encode_bits(address: int, function: int, bits: Sequence[bool]) -> bytes:
    """The answer to a read of coils or discrete inputs; the first bit is the lowest of the first byte."""
    number = sum(1 << place for place, bit in enumerate(bits) if bit)
    data = number.to_bytes((len(bits) + 7) // 8, "little")
    return seal(bytes((address, function, len(data))) + data)


def encode_reply(address: int, function: int, registers: Sequence[int]) -> bytes:
    """The answer to a read; registers are taken modulo 65 536, so that signed values may be given as they are."""
    data = b"".join((register & 0xFFFF).to_bytes(2, "big") for register in registers)
    return seal(bytes((address, function, len(data))) + data)


def encode_exception(address: int, function: int, number: int) -> bytes:
    """The refusal of a request, with a Modbus exception code (2 = illegal data address)."""
    return seal(bytes((address, function | 0x80, number)))


class RequestDecoder:
    """A `Decoder` of Requests (functions 01 to 06 and 16) for the given addresses; without any, for all, broadcast included."""

    def __init__(self, addresses: Collection[int] = ()) -> None:
        self.counters = Counters()
        self._addresses = frozenset(addresses) or frozenset(range(248))
        self._buffer = b""
        self._stray = bytearray()

    def feed(self, data: bytes) -> list[Request | FrameError]:
        out: list[Request | FrameError] = []
        line, start = self._buffer + data, 0
        while len(line) - start >= REQUEST_LENGTH:
            length = self._length(line[start : start + REQUEST_LENGTH])
            if len(line) - start < length:
                break
            frame = line[start : start + length]
            if length and sealed(frame):
                out += self._close_stray()
                out.append(Request(frame, frame[0], frame[1], frame[2] << 8 | frame[3], frame[4] << 8 | frame[5]))
                self.counters.frames += 1
                start += length
                continue
            self.counters.bad_checksums += bool(length)
            self._stray.append(line[start])
            start += 1
            if len(self._stray) == MAX_RAW:
                out += self._close_stray()
        self._buffer = line[start:]
        return out

    def _length(self, head: bytes) -> int:
        """Of the request that seems to begin with these bytes; 0 for none."""
        if head[0] not in self._addresses or head[1] not in _FUNCTIONS:
            return 0
        if head[1] != WRITE_SEVERAL:
            return REQUEST_LENGTH
        count = head[4] << 8 | head[5]
        return 9 + 2 * count if 1 <= count <= MAX_WRITTEN and head[6] == 2 * count else 0

    def finish(self) -> list[Request | FrameError]:
        self._stray += self._buffer
        self._buffer = b""
        return self._close_stray()

    def _close_stray(self) -> list[Request | FrameError]:
        raw = bytes(self._stray)
        self._stray.clear()
        self.counters.garbage += len(raw)
        return [FrameError("garbage", f"{len(raw)} bytes in no request", raw)] if raw else []


class Responder:
    """A simulated device of a profile: requests in, answers out. Its outputs switch, run their timers by `now` (seconds), and are read."""

    def __init__(self, profile: ModbusProfile, address: int | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.profile = profile
        self.address = profile.address if address is None else address
        self._requests = RequestDecoder({self.address})
        self._now = now
        self._off_at = {output.name: -math.inf for output in profile.outputs}

    @property
    def states(self) -> dict[str, bool]:
        """Output → whether it is on."""
        now = self._now()
        return {name: now < off_at for name, off_at in self._off_at.items()}

    def answer(self, data: bytes, values: Mapping[str, float]) -> bytes:
        """The bytes to send back for what was received; `values` by quantity, in the profile's units.

        Registers the profile does not name, or whose quantity is missing in `values`, are refused with exception 2, values no output
        knows with 3, functions nobody writes with 1. Raises BadValueError when a value does not fit its register.
        """
        out = b""
        for request in self._requests.feed(data):
            if isinstance(request, Request):
                out += self._write(request) if request.written else self._read(request, values)
        return out

    def _read(self, request: Request, values: Mapping[str, float]) -> bytes:
        if not 1 <= request.value <= MAX_REGISTERS:
            return encode_exception(self.address, request.function, 3)
        image = self.profile.image(values) | self._image()
        wanted = [(request.function, request.register + i) for i in range(request.value)]
        if any(cell not in image for cell in wanted):
            return encode_exception(self.address, request.function, 2)
        if request.function in (READ_COILS, READ_DISCRETE):
            return encode_bits(self.address, request.function, [bool(image[cell]) for cell in wanted])
        return encode_reply(self.address, request.function, [image[cell] for cell in wanted])

    def _image(self) -> dict[tuple[int, int], int]:
        """Where the outputs' states are read; what lies between them reads as 0."""
        states, reads = self.states, [(output.name, output.read) for output in self.profile.outputs]
        image: dict[tuple[int, int], int] = {(read.function, read.start + i): 0 for _, read in reads for i in range(read.count)}
        return image | {(read.function, read.at): read.on if states[name] else read.off for name, read in reads}

    def _write(self, request: Request) -> bytes:
        refusal = 1
        for output in self.profile.outputs:
            places: list[tuple[int, int]] = [(output.function, output.address)]
            if output.timer is not None:
                places.append((output.timer.function, output.timer.address))
            if (request.function, request.register) in places:
                off_at = self._obeyed(output, request)
                if off_at is not None:
                    self._off_at[output.name] = off_at
                    return seal(request.raw[:6])
                refusal = 3
            elif request.function in dict(places):
                refusal = max(refusal, 2)
        return encode_exception(self.address, request.function, refusal)

    def _obeyed(self, output: ModbusOutput, request: Request) -> float | None:
        """When it goes off after this request to its register; None when the value means nothing to it."""
        at, value, timer = (request.function, request.register), request.written[-1], output.timer
        if at == (output.function, output.address) and value in (output.off, output.or_off):
            return -math.inf
        if at == (output.function, output.address) and value == output.on:
            return math.inf
        if timer is not None and at == (timer.function, timer.address) and request.written[:-1] == timer.before:
            steps = value - timer.base
            return self._now() + steps * timer.step if 1 <= steps <= timer.most else None
        return None
