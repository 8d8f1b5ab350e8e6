"""Modbus RTU, the answering side, without I/O: what a simulated device needs to stand on a bus."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from kampung_bridge.decoder import MAX_RAW, Counters, FrameError
from kampung_bridge.modbus import MAX_REGISTERS, READ_HOLDING, READ_INPUT, WRITE_SINGLE, seal, sealed
from kampung_bridge.profile import ModbusProfile

REQUEST_LENGTH = 8


class Request(NamedTuple):
    """`value` is the number of registers for functions 03 and 04, the value to write for 06."""

    raw: bytes
    address: int
    function: int
    register: int
    value: int


def encode_reply(address: int, function: int, registers: Sequence[int]) -> bytes:
    """The answer to a read; registers are taken modulo 65 536, so that signed values may be given as they are."""
    data = b"".join((register & 0xFFFF).to_bytes(2, "big") for register in registers)
    return seal(bytes((address, function, len(data))) + data)


def encode_exception(address: int, function: int, number: int) -> bytes:
    """The refusal of a request, with a Modbus exception code (2 = illegal data address)."""
    return seal(bytes((address, function | 0x80, number)))


class RequestDecoder:
    """A `Decoder` of Requests (functions 03, 04, 06) for the given addresses; without any, for all, broadcast included."""

    def __init__(self, addresses: Collection[int] = ()) -> None:
        self.counters = Counters()
        self._addresses = frozenset(addresses) or frozenset(range(248))
        self._buffer = b""
        self._stray = bytearray()

    def feed(self, data: bytes) -> list[Request | FrameError]:
        out: list[Request | FrameError] = []
        line, start = self._buffer + data, 0
        while len(line) - start >= REQUEST_LENGTH:
            frame = line[start : start + REQUEST_LENGTH]
            looks = frame[0] in self._addresses and frame[1] in (READ_HOLDING, READ_INPUT, WRITE_SINGLE)
            if looks and sealed(frame):
                out += self._close_stray()
                out.append(Request(frame, frame[0], frame[1], frame[2] << 8 | frame[3], frame[4] << 8 | frame[5]))
                self.counters.frames += 1
                start += REQUEST_LENGTH
                continue
            self.counters.bad_checksums += looks
            self._stray.append(line[start])
            start += 1
            if len(self._stray) == MAX_RAW:
                out += self._close_stray()
        self._buffer = line[start:]
        return out

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
    """A simulated device of a profile: requests in, answers out. It writes nothing: function 06 is refused."""

    def __init__(self, profile: ModbusProfile, address: int | None = None) -> None:
        self.profile = profile
        self.address = profile.address if address is None else address
        self._requests = RequestDecoder({self.address})

    def answer(self, data: bytes, values: Mapping[str, float]) -> bytes:
        """The bytes to send back for what was received; `values` by quantity, in the profile's units.

        Registers the profile does not name, or whose quantity is missing in `values`, are refused with exception 2. Raises
        BadValueError when a value does not fit its register.
        """
        out = b""
        for request in self._requests.feed(data):
            if isinstance(request, Request):
                out += self._reply(request, values)
        return out

    def _reply(self, request: Request, values: Mapping[str, float]) -> bytes:
        if request.function == WRITE_SINGLE:
            return encode_exception(self.address, request.function, 1)
        if not 1 <= request.value <= MAX_REGISTERS:
            return encode_exception(self.address, request.function, 3)
        image = self.profile.image(values)
        wanted = [(request.function, request.register + i) for i in range(request.value)]
        if any(cell not in image for cell in wanted):
            return encode_exception(self.address, request.function, 2)
        return encode_reply(self.address, request.function, [image[cell] for cell in wanted])
