"""SDI-12 replies (SDI-12 specification 1.4): `a+3.14-2.5<CR><LF>`, with or without three characters of CRC before the end.

A sensor answers `aR0!` (continuous) and `aD0!` … `aD9!` (after `aM!` or `aC!`) with values, and `aM!`, `aC!` with `atttn`: seconds until
it is ready, and how many values. Asked with `aMC!`, `aCC!` or `aRC0!` it adds the CRC (section 4.4.12). `a` alone is a sensor that is
there, or the service request of one that has measured, or data that are none. The bus itself is served by sdi12_bus.py.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from kampung_bridge.decoder import MAX_RAW, Frame, FrameError
from kampung_bridge.lines import LineDecoder
from kampung_bridge.measure import Measure
from kampung_bridge.modbus import crc16
from kampung_bridge.reading import Reading

ADDRESS: Final = r"[0-9A-Za-z]"
COMMAND: Final = r"(?:[MC]C?[1-9]?|RC?[0-9])"  # a measurement, without address and "!"
MAX_PAGES: Final = 10  # aD0! to aD9!
_VALUE = rb"[+-](?:\d{1,7}(?:\.\d{0,7})?|\.\d{1,7})"
_VALUES = re.compile(rb"([0-9A-Za-z])((?:" + _VALUE + rb"){1,20})")
_BEGIN = re.compile(rb"[0-9A-Za-z](?=[+-])")
_WAIT = re.compile(rb"([0-9A-Za-z])(\d{3})(\d{1,2})")
_READY = re.compile(rb"[0-9A-Za-z]")


class Wait(NamedTuple):
    """The answer to `aM!` or `aC!`: `values` values will be ready after `seconds`."""

    address: str
    seconds: int
    values: int


class Answer(NamedTuple):
    """What a sensor said: values, as they are written, or none (`a` alone); or how long to wait for them."""

    address: str
    values: tuple[bytes, ...] = ()
    wait: Wait | None = None


def sdi12_crc(body: bytes) -> bytes:
    """The three characters: CRC-16 (0xA001, from 0), six bits each, above 0x40."""
    crc = crc16(body, 0)
    return bytes((0x40 | crc >> 12, 0x40 | crc >> 6 & 0x3F, 0x40 | crc & 0x3F))


def encode_sdi12(address: str, values: Sequence[float], crc: bool = False) -> bytes:
    """A reply with values, or with none, for simulated devices."""
    body = address.encode("ascii") + b"".join(b"%+.7g" % value for value in values)
    return body + (sdi12_crc(body) if crc else b"") + b"\r\n"


def parse_wait(line: bytes) -> Wait | None:
    """What `atttn` or `atttnn`, without its end, announces; None for other lines."""
    match = _WAIT.fullmatch(line)
    return Wait(match[1].decode("ascii"), int(match[2]), int(match[3])) if match else None


class Sdi12Decoder(LineDecoder):
    """Fields are "1", "2" …: the values in their order. The command's echo before a reply (`0R0!0+3.14`) is passed over."""

    fields = re.compile(r"[1-9]\d?")
    crc_needed = False

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        super().__init__(measures)
        self.answers: list[Answer] = []  # of the last `feed`, for whoever asked

    def feed(self, data: bytes) -> list[Frame | FrameError]:
        self.answers.clear()
        return super().feed(data)

    def parse(self, line: bytes) -> tuple[int, Frame | FrameError] | None:
        body = line[line.rfind(b"!") + 1 :]
        wait = parse_wait(body)
        if wait or _READY.fullmatch(body):  # announced, or ready: nothing measured yet
            self.answers.append(Answer(wait.address if wait else body.decode("ascii"), wait=wait))
            return 0, Frame(body, ())
        for begin in _BEGIN.finditer(line):
            match = _VALUES.match(line, begin.start(), max(0, len(line) - 3))
            if match and match.end() == len(line) - 3 and sdi12_crc(match[0]) == line[-3:]:
                start = 0 if line[: match.start()].endswith(b"!") else match.start()
                return start, self._frame(match, line[match.start() :])
        if len(body) == 4 and _READY.match(body) and sdi12_crc(body[:1]) == body[1:]:  # asked for a CRC, and no values
            self.answers.append(Answer(body[:1].decode("ascii")))
            return 0, Frame(body, ())
        whole = _VALUES.fullmatch(body)
        if whole and not self.crc_needed:
            return 0, self._frame(whole, body)
        if whole:
            return 0, FrameError("checksum", "no CRC; ask with aRC0!, aMC! or aCC!", body[:MAX_RAW])
        begun = _VALUES.match(body)
        if begun and len(body) - begun.end() == 3:
            text = f"CRC is {body[-3:].decode('ascii', 'replace')}, expected {sdi12_crc(begun[0]).decode('ascii')}"
            return 0, FrameError("checksum", text, body[:MAX_RAW])
        return None

    def readings(self, values: Sequence[bytes]) -> tuple[Reading, ...]:
        """Of a measurement's values, of all its replies together."""
        readings = [self.reading(str(n), value) for n, value in enumerate(values, 1)]
        return tuple(reading for reading in readings if reading is not None)

    def _frame(self, match: re.Match[bytes], raw: bytes) -> Frame:
        values = tuple(value[0] for value in re.finditer(_VALUE, match[2]))
        self.answers.append(Answer(match[1].decode("ascii"), values))
        return Frame(raw, self.readings(values))


class Sdi12CrcDecoder(Sdi12Decoder):
    """As `Sdi12Decoder`, and a reply without its CRC is an error."""

    crc_needed = True
