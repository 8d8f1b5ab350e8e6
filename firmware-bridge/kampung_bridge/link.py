"""The link to our own microcontrollers: `00 COBS(type seq length payload crc) 00`, CRC-16/MODBUS of all before it, low byte first.

A frame is short enough for one COBS block (payload ≤ 240). Between frames a microcontroller may print text: what stands between two
zeros and is no frame is text when it is printable, else garbage. Damage costs the frame it hits, and never the next one.

Types: 01 readings (n × channel u8, value s32 low byte first), 02 hello (protocol version u8, name in ASCII), 10 set an output
(output u8, state u8, seconds u16), 11 the answer, with the command's seq (output u8, result u8, state u8, seconds left u16), 12 the
kiosk lives (nothing): a node that hears no frame of the kiosk for a while switches its outputs off.
The firmware side is firmware-bridge/firmware/kampung_link.c; tests hold the two together.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from kampung_bridge.cobs import cobs_decode, cobs_encode
from kampung_bridge.decoder import MAX_RAW, Counters, Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.measure import Measure
from kampung_bridge.modbus import seal, sealed

READINGS: Final = 0x01
HELLO: Final = 0x02
SET_OUTPUT: Final = 0x10
OUTPUT_DONE: Final = 0x11
ALIVE: Final = 0x12
ALIVE_EVERY: Final = 10.0  # seconds; firmware waits for several before it calls the kiosk dead
MAX_PAYLOAD: Final = 240
_LONGEST = MAX_PAYLOAD + 6  # a COBS block
RESULTS = {0: "done", 1: "no such output", 2: "refused by its interlock", 3: "bad command"}
_TEXT = re.compile(rb"[\t\r\n -~]+")


class Message(NamedTuple):
    """A frame of the link, opened; `seq` counts modulo 256 on each side by itself."""

    kind: int
    seq: int
    payload: bytes


class OutputDone(NamedTuple):
    """The answer to `set_output`; `result` by RESULTS, `seconds` until the output goes off by itself."""

    seq: int
    output: int
    result: int
    state: int
    seconds: int


def encode_link(kind: int, seq: int, payload: bytes) -> bytes:
    """A frame with both its zeros; raises BadValueError for a payload that is too long or a number outside a byte."""
    if len(payload) > MAX_PAYLOAD:
        raise BadValueError(f"payload of {len(payload)} bytes does not fit the frame; use at most {MAX_PAYLOAD}")
    for number in (kind, seq):
        if not 0 <= number <= 255:
            raise BadValueError(f"{number} does not fit a byte; use 0 to 255")
    return b"\x00" + cobs_encode(seal(bytes((kind, seq, len(payload))) + payload)) + b"\x00"


def decode_link(block: bytes) -> Message | None:
    """What stands between two zeros; None when it is no frame."""
    body = cobs_decode(block)
    if body is None or len(body) < 5 or body[2] != len(body) - 5 or not sealed(body):
        return None
    return Message(body[0], body[1], body[3:-2])


def encode_readings(seq: int, values: Mapping[int, int]) -> bytes:
    """Channel → raw number, for simulated devices; raises BadValueError for what does not fit."""
    try:
        payload = b"".join(bytes((channel,)) + value.to_bytes(4, "little", signed=True) for channel, value in values.items())
    except (OverflowError, ValueError) as error:
        raise BadValueError(f"{dict(values)} does not fit the frame: channels 0 to 255, values of 32 bits") from error
    return encode_link(READINGS, seq, payload)


def set_output(seq: int, output: int, state: bool, seconds: int) -> bytes:
    """Switches an output on for at most `seconds` (1-65535; then it goes off by itself), or off."""
    if not 0 <= output <= 255:
        raise BadValueError(f"output {output} does not fit a byte; use 0 to 255")
    if not (1 if state else 0) <= seconds <= 0xFFFF:
        raise BadValueError(f"{seconds} s is no time to stay on; use 1 to 65535")
    return encode_link(SET_OUTPUT, seq, bytes((output, state)) + seconds.to_bytes(2, "little"))


def alive(seq: int) -> bytes:
    """Says that the kiosk lives."""
    return encode_link(ALIVE, seq, b"")


def output_done(message: Message) -> OutputDone | None:
    """The answer in a message, if it is one."""
    if message.kind != OUTPUT_DONE or len(message.payload) != 5:
        return None
    output, result, state, low, high = message.payload
    return OutputDone(message.seq, output, result, state, low | high << 8)


class LinkDecoder:
    """A `Decoder` of Frames. Fields are channels, "0" to "255". Printed text is a FrameError "text"."""

    fields = re.compile(r"\d{1,3}")

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self.counters = Counters()
        self.messages: list[Message] = []  # of the last `feed`, for whoever waits for an answer
        self._measures = {int(channel): measure for channel, measure in measures.items()}
        self._block = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        self.messages.clear()
        *blocks, rest = data.split(b"\x00")
        for block in blocks:
            self._extend(block, out)
            self._close(out)
        self._extend(rest, out)
        return out

    def finish(self) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        self._close(out)
        return out

    def _extend(self, block: bytes, out: list[Frame | FrameError]) -> None:
        """Bytes without a zero; what is longer than any frame is told in pieces."""
        self._block += block
        while len(self._block) > _LONGEST:
            self._overlong = True
            self._tell(bytes(self._block[:MAX_RAW]), out)
            del self._block[:MAX_RAW]

    def _close(self, out: list[Frame | FrameError]) -> None:
        block, overlong = bytes(self._block), self._overlong
        self._block.clear()
        self._overlong = False
        if not block:
            return
        message = None if overlong else decode_link(block)
        if message is None:
            for begin in range(0, len(block), MAX_RAW):
                self._tell(block[begin : begin + MAX_RAW], out)
            return
        self.counters.frames += 1
        self.messages.append(message)
        out.append(self._frame(message, block))

    def _frame(self, message: Message, block: bytes) -> Frame | FrameError:
        if message.kind != READINGS:
            return Frame(block, ())
        payload = message.payload
        if len(payload) % 5:
            return FrameError("wrong_length", f"{len(payload)} bytes of readings, not a multiple of 5", block[:MAX_RAW])
        values = [(payload[i], int.from_bytes(payload[i + 1 : i + 5], "little", signed=True)) for i in range(0, len(payload), 5)]
        return Frame(block, tuple(self._measures[channel].reading(raw) for channel, raw in values if channel in self._measures))

    def _tell(self, raw: bytes, out: list[Frame | FrameError]) -> None:
        self.counters.garbage += len(raw)
        if _TEXT.fullmatch(raw):
            out.append(FrameError("text", raw.decode("ascii").strip(), raw))
        else:
            out.append(FrameError("garbage", f"{len(raw)} bytes in no frame", raw))
