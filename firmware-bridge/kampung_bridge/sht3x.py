"""Sensirion SHT3x, the six bytes of a measurement (SHT3x-DIS data sheet, sections 4.12 and 4.13): two words, each with a CRC-8."""

from kampung_bridge.crc8 import crc8_sensirion
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.sliding import SlidingDecoder


def encode_sht3x(temperature: int, humidity: int) -> bytes:
    """A measurement from its raw words, for simulated devices; raises BadValueError outside 0-65535."""
    for number in (temperature, humidity):
        if not 0 <= number <= 0xFFFF:
            raise BadValueError(f"{number} does not fit the frame; use 0 to 65535")
    words = [number.to_bytes(2, "big") for number in (temperature, humidity)]
    return b"".join(word + bytes((crc8_sensirion(word),)) for word in words)


class Sht3xDecoder(SlidingDecoder):
    """A `Decoder` of Frames with the fields "temperature" and "humidity", the raw words: -45 + 175 T/65535, 100 RH/65535.

    Both words are checked alike, so a humidity and the next temperature look like a measurement too: where one begins is told by
    `finish`, the end of a bus transaction (a line of hex), and within one they follow each other.
    """

    fields = frozenset({"temperature", "humidity"})
    length = 6
    overlapping = False
    records = True  # each line of hex is one transaction

    def fault(self, window: bytes) -> str | None:
        for name, start in (("temperature", 0), ("humidity", 3)):
            crc = crc8_sensirion(window[start : start + 2])
            if crc != window[start + 2]:
                return f"CRC of {name} is {window[start + 2]:02X}, expected {crc:02X}"
        return None

    def convert(self, window: bytes, quality: int) -> Frame | FrameError:
        raw = {"temperature": window[0] << 8 | window[1], "humidity": window[3] << 8 | window[4]}
        return Frame(window, tuple(self.measures[field].reading(value, quality) for field, value in raw.items()))
