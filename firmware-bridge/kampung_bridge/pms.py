"""Plantower dust sensors: `42 4D`, length, big-endian words, sum of all bytes before as a word (PMS3003, 5003, 5003T, 7003).

Words are counted from 1 as in Plantower's data manuals. Words 1-3 are for factory calibration ("CF=1"), 4-6 for the open air: those
are read. A frame may begin after any number of stray 42: every position is tried.
"""

from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.reading import SUSPECT
from kampung_bridge.sliding import SlidingDecoder

HEAD = b"\x42\x4d"
_DUST = {"pm1": 4, "pm25": 5, "pm10": 6}


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
    reports_errors = False  # the low byte of word 13 is documented as an error code

    def fault(self, window: bytes) -> str | None:
        total = sum(window[:-2]) & 0xFFFF
        sent = window[-2] << 8 | window[-1]
        return None if total == sent else f"sum is {sent:04X}, expected {total:04X}"

    def convert(self, window: bytes, quality: int) -> Frame | FrameError:
        if self.reports_errors and window[29]:
            quality = max(quality, SUSPECT)
        raw = {field: self.word(window, index) for field, index in _DUST.items()} | self.further(window)
        return Frame(window, tuple(self.measures[field].reading(value, quality) for field, value in raw.items()))

    def further(self, window: bytes) -> dict[str, int]:
        """Raw numbers beside dust."""
        return {}

    @staticmethod
    def word(window: bytes, index: int) -> int:
        """Word `index`, from 1, unsigned."""
        return window[2 + 2 * index] << 8 | window[3 + 2 * index]


class Pms7003Decoder(Pms5003Decoder):
    """As the PMS5003; word 13 is version and error code."""

    reports_errors = True


class Pms5003tDecoder(Pms5003Decoder):
    """Temperature (signed tenths of a degree) and humidity (tenths of a per cent) in bytes 24-27, where the PMS5003 counts particles."""

    fields = frozenset({*_DUST, "temperature", "humidity"})
    reports_errors = True

    def further(self, window: bytes) -> dict[str, int]:
        temperature = self.word(window, 11)
        return {"temperature": temperature - (temperature >> 15 << 16), "humidity": self.word(window, 12)}


class Pms3003Decoder(Pms5003Decoder):
    """9 words of data, no particle counts."""

    head = HEAD + b"\x00\x14"
    length = 24
