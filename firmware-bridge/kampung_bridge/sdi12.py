"""SDI-12 replies (SDI-12 specification 1.4): `a+3.14-2.5<CR><LF>`, with or without three characters of CRC before the end.

A sensor answers `aR0!` (continuous) and `aD0!` (after `aM!` or `aC!`) with values, and `aM!`, `aC!` with `atttn`: seconds until it is
ready, and how many values. Asked with `aMC!`, `aCC!` or `aRC0!` it adds the CRC (section 4.4.12).
"""

import re
from typing import NamedTuple

from kampung_bridge.decoder import MAX_RAW, Frame, FrameError
from kampung_bridge.lines import LineDecoder
from kampung_bridge.modbus import crc16

_VALUE = rb"[+-](?:\d{1,7}(?:\.\d{0,7})?|\.\d{1,7})"
_VALUES = re.compile(rb"([0-9A-Za-z])((?:" + _VALUE + rb"){1,20})")
_BEGIN = re.compile(rb"[0-9A-Za-z](?=[+-])")
_WAIT = re.compile(rb"([0-9A-Za-z])(\d{3})(\d{1,3})")


class Wait(NamedTuple):
    """The answer to `aM!` or `aC!`: `values` values will be ready after `seconds`."""

    address: str
    seconds: int
    values: int


def sdi12_crc(body: bytes) -> bytes:
    """The three characters: CRC-16 (0xA001, from 0), six bits each, above 0x40."""
    crc = crc16(body, 0)
    return bytes((0x40 | crc >> 12, 0x40 | crc >> 6 & 0x3F, 0x40 | crc & 0x3F))


def encode_sdi12(address: str, values: list[float], crc: bool = False) -> bytes:
    """A reply with values, for simulated devices."""
    body = address.encode("ascii") + b"".join(b"%+.7g" % value for value in values)
    return body + (sdi12_crc(body) if crc else b"") + b"\r\n"


def parse_wait(line: bytes) -> Wait | None:
    """What `atttn`, `atttnn` or `atttnnn` announces; None for other lines."""
    match = _WAIT.fullmatch(line.strip())
    return Wait(match[1].decode("ascii"), int(match[2]), int(match[3])) if match else None


class Sdi12Decoder(LineDecoder):
    """Fields are "1", "2" …: the values in their order. The command's echo before a reply (`0R0!0+3.14`) is passed over."""

    fields = re.compile(r"[1-9]\d?")
    crc_needed = False

    def parse(self, line: bytes) -> tuple[int, Frame | FrameError] | None:
        body = line[line.rfind(b"!") + 1 :]
        if _WAIT.fullmatch(body) or re.fullmatch(rb"[0-9A-Za-z]", body):  # announced, or ready: nothing measured yet
            return 0, Frame(body, ())
        for begin in _BEGIN.finditer(line):
            match = _VALUES.match(line, begin.start(), max(0, len(line) - 3))
            if match and match.end() == len(line) - 3 and sdi12_crc(match[0]) == line[-3:]:
                start = 0 if line[: match.start()].endswith(b"!") else match.start()
                return start, self._frame(match, line[match.start() :])
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

    def _frame(self, match: re.Match[bytes], raw: bytes) -> Frame:
        values = [value[0] for value in re.finditer(_VALUE, match[2])]
        readings = [self.reading(str(n), value) for n, value in enumerate(values, 1)]
        return Frame(raw, tuple(reading for reading in readings if reading is not None))


class Sdi12CrcDecoder(Sdi12Decoder):
    """As `Sdi12Decoder`, and a reply without its CRC is an error."""

    crc_needed = True
