"""Nova SDS011 dust sensor: `AA C0`, PM2.5 and PM10 (low byte first, tenths of a µg/m³), id, sum, `AB` (Nova's "Laser Dust Sensor Control
Protocol V1.3"). The sum is the low byte of bytes 2-7. 999.9 and 1999.9 are sent when the fan stands still: both values are then no good.
"""

import struct

from kampung_bridge.decoder import Frame
from kampung_bridge.error import BadValueError
from kampung_bridge.reading import FAIL
from kampung_bridge.sliding import SlidingDecoder

TAIL = 0xAB


def encode_sds011(pm25: int, pm10: int, device: int = 0x60A1) -> bytes:
    """The frame for simulated devices, in tenths of a µg/m³; raises BadValueError outside 0-65535."""
    for number in (pm25, pm10, device):
        if not 0 <= number <= 0xFFFF:
            raise BadValueError(f"{number} does not fit the frame; use 0 to 65535")
    data = b"".join(number.to_bytes(2, "little") for number in (pm25, pm10, device))
    return b"\xaa\xc0" + data + bytes((sum(data) & 0xFF, TAIL))


class Sds011Decoder(SlidingDecoder):
    """A `Decoder` of Frames with the fields "pm25" and "pm10"."""

    fields = frozenset({"pm25", "pm10"})
    head = b"\xaa\xc0"
    length = 10
    layout = struct.Struct("<2xHH4x")
    order = ("pm25", "pm10")

    def fault(self, window: bytes) -> str | None:
        total = sum(window[2:8]) & 0xFF
        if window[8] != total:
            return f"sum is {window[8]:02X}, expected {total:02X}"
        return None if window[9] == TAIL else f"the frame ends with {window[9]:02X}, not AB"

    def convert(self, window: bytes, quality: int) -> Frame:
        frame = self.frame(window, quality)
        pm25, pm10 = frame.readings
        if pm25.quality != FAIL != pm10.quality or not (
            pm25.value in self.measures["pm25"].faults or pm10.value in self.measures["pm10"].faults
        ):
            return frame
        return Frame(window, (pm25._replace(quality=FAIL), pm10._replace(quality=FAIL)))
