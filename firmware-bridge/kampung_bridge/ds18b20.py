"""DS18B20 thermometer, the 9 bytes of its scratchpad (Maxim's data sheet 19-7487, figure 9), as read over 1-Wire."""

import re

from kampung_bridge.crc8 import crc8_maxim
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.sliding import SlidingDecoder

_FIXED = re.compile(rb"[\x1f\x3f\x5f\x7f]\xff.\x10", re.DOTALL)  # bytes 4 to 7
POWER_ON = 0x0550  # 85 °C: no conversion has ended since the power came


def encode_ds18b20(sixteenths: int, resolution: int = 12) -> bytes:
    """The scratchpad at a temperature in 1/16 °C, for simulated devices; raises BadValueError outside -55 to 125 °C."""
    if not -880 <= sixteenths <= 2000:
        raise BadValueError(f"{sixteenths / 16} Cel does not fit the scratchpad; use -55 to 125")
    body = (sixteenths & 0xFFFF).to_bytes(2, "little") + bytes((0x4B, 0x46, (resolution - 9) << 5 | 0x1F, 0xFF, 0x0C, 0x10))
    return body + bytes((crc8_maxim(body),))


class Ds18b20Decoder(SlidingDecoder):
    """A `Decoder` of Frames with the field "temperature", in sixteenths of a degree.

    Bytes that the data sheet fixes (4, 5 and 7) are checked too: a shorted bus reads as nine zeros, whose CRC passes.
    85 °C as such is an error "power_on", not a reading: villages have no sensor where it could be true.
    """

    fields = frozenset({"temperature"})
    length = 9
    records = True  # each line of hex is one scratchpad

    def fault(self, window: bytes) -> str | None:
        if window[4] & 0x9F != 0x1F or window[5] != 0xFF or window[7] != 0x10:
            return "not the scratchpad of a DS18B20: bytes 4, 5 and 7 are fixed"
        crc = crc8_maxim(window[:8])
        return None if crc == window[8] else f"CRC is {window[8]:02X}, expected {crc:02X}"

    def again(self, line: bytes, start: int) -> int:
        """Inside a scratchpad another one can only begin where the fixed bytes fit."""
        found = _FIXED.search(line, start + 5, start + 16)
        return found.start() - 4 if found else max(start + 1, min(start + self.length, len(line) - 7))

    def convert(self, window: bytes, quality: int) -> Frame | FrameError:
        raw = window[0] | window[1] << 8
        if raw == POWER_ON:
            return FrameError("power_on", "85 °C is the power-on value: no conversion was made; check the supply and wait 750 ms", window)
        undefined = 12 - (9 + (window[4] >> 5))  # low bits a coarser resolution leaves undefined
        raw = (raw - (raw >> 15 << 16)) >> undefined << undefined
        return Frame(window, (self.measures["temperature"].reading(raw, quality),))
