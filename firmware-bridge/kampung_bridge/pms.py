"""Plantower dust sensors: `42 4D`, length, big-endian words, sum of all bytes before as a word (PMS3003, 5003, 5003T, 7003).

Words are counted from 1 as in Plantower's data manuals. Words 1-3 are for factory calibration ("CF=1"), 4-6 for the open air: those
are read. A frame may begin after any number of stray 42: every position is tried.
"""

import struct
from typing import Final

from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.reading import SUSPECT
from kampung_bridge.sliding import SlidingDecoder

HEAD = b"\x42\x4d"
_DUST: Final = ("pm1", "pm25", "pm10")


def encode_pms(words: list[int], error: int = 0) -> bytes:
    """A frame for simulated devices, of the 9 (PMS3003) or 13 words of data; `error` replaces the low byte of the 13th.

    Raises BadValueError for another number of words, or a word outside 0-65535.
    """
    if len(words) not in (9, 13):
        raise BadValueError(f"{len(words)} words make no frame; a PMS3003 sends 9, the others 13")
    wrong = [word for word in words if not 0 <= word <= 0xFFFF]
    if wrong:
        raise BadValueError(f"word {wrong[0]} does not fit the frame; use 0 to 65535")
    data = b"".join(word.to_bytes(2, "big") for word in words)
    if error:
        data = data[:-1] + bytes((error,))
    body = HEAD + (len(data) + 2).to_bytes(2, "big") + data
    return body + (sum(body) & 0xFFFF).to_bytes(2, "big")


def pms_command(command: int, data: int) -> bytes:
    """`42 4D cmd dh dl sum`: E1 mode (0 asked, 1 by itself), E2 read once, E4 sleep (0) or wake (1)."""
    body = HEAD + bytes((command, data >> 8 & 0xFF, data & 0xFF))
    return body + (sum(body) & 0xFFFF).to_bytes(2, "big")


class Pms5003Decoder(SlidingDecoder):
    """13 words of data."""

    fields = frozenset(_DUST)
    head = HEAD + b"\x00\x1c"
    length = 32
    layout = struct.Struct(">10x3H16x")
    order: tuple[str, ...] = _DUST

    def fault(self, window: bytes) -> str | None:
        sent = window[-2] << 8 | window[-1]
        total = sum(window) - window[-2] - window[-1] & 0xFFFF
        return None if total == sent else f"sum is {sent:04X}, expected {total:04X}"


class Pms7003Decoder(Pms5003Decoder):
    """As the PMS5003; word 13 is version and error code."""

    def convert(self, window: bytes, quality: int) -> Frame | FrameError:
        return self.frame(window, max(quality, SUSPECT) if window[29] else quality)


class Pms5003tDecoder(Pms7003Decoder):
    """Temperature (signed tenths of a degree) and humidity (tenths of a per cent) are words 11 and 12; the PMS5003 counts there."""

    fields = frozenset({*_DUST, "temperature", "humidity"})
    layout = struct.Struct(">10x3H8xhH4x")
    order = (*_DUST, "temperature", "humidity")


class Pms3003Decoder(Pms5003Decoder):
    """9 words of data, no particle counts."""

    head = HEAD + b"\x00\x14"
    length = 24
    layout = struct.Struct(">10x3H8x")
