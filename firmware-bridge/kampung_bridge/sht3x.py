"""Sensirion SHT3x, the six bytes of a measurement (SHT3x-DIS data sheet, sections 4.12 and 4.13): two words, each with a CRC-8."""

import struct

from kampung_bridge.crc8 import SENSIRION, crc8_sensirion
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
    layout = struct.Struct(">HxHx")
    order = ("temperature", "humidity")
    records = True  # each line of hex is one transaction

    def fault(self, window: bytes) -> str | None:
        t1, t2, t_sent, h1, h2, h_sent = window
        temperature, humidity = SENSIRION[SENSIRION[0xFF ^ t1] ^ t2], SENSIRION[SENSIRION[0xFF ^ h1] ^ h2]
        if temperature != t_sent:
            return f"CRC of temperature is {t_sent:02X}, expected {temperature:02X}"
        return None if humidity == h_sent else f"CRC of humidity is {h_sent:02X}, expected {humidity:02X}"
