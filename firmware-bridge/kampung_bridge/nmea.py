"""NMEA-style sentences: `$TTSSS,field,…*HH`, HH the exclusive-or of the bytes between `$` and `*` in hexadecimal (NMEA 0183)."""

import re
from functools import reduce
from operator import xor

from kampung_bridge.decoder import MAX_RAW, Frame, FrameError
from kampung_bridge.lines import LineDecoder
from kampung_bridge.reading import FAIL, Reading

_TAIL = re.compile(rb"\*([0-9A-Fa-f]{2})\s*$")
_BODY = re.compile(rb"[ -~]+")
_SPEED = {b"N": 1852 / 3600, b"K": 1 / 3.6, b"M": 1.0, b"S": 0.44704}  # knots, km/h, m/s, statute miles an hour → m/s


def checksum(body: bytes) -> int:
    """Of the bytes between `$` and `*`."""
    return reduce(xor, body, 0)


def encode_nmea(body: str) -> bytes:
    """`WIMWV,214.8,R,0.1,K,A` as a sentence, for simulated devices."""
    data = body.encode("ascii")
    return b"$%s*%02X\r\n" % (data, checksum(data))


class NmeaDecoder(LineDecoder):
    """Fields are named `MWV.3`: the sentence's three letters and the number of its field, from 1. A sentence without a checksum is none.

    Of MWV (wind speed and angle) the speed is turned to m/s by its unit field, and status V (void) makes both FAIL.
    """

    fields = re.compile(r"[A-Z]{3}\.[1-9]\d?")

    def parse(self, line: bytes) -> tuple[int, Frame | FrameError] | None:
        tail = _TAIL.search(line)
        if tail is None:
            return None
        sent = int(tail[1], 16)
        start = max(line.rfind(b"$", 0, tail.start()), line.rfind(b"!", 0, tail.start()))  # neither may stand inside a sentence
        body = line[start + 1 : tail.start()]
        if start < 0 or not _BODY.fullmatch(body):
            return None
        if checksum(body) != sent:
            return start, FrameError("checksum", f"checksum is {sent:02X}, expected {checksum(body):02X}", line[start:][:MAX_RAW])
        return start, Frame(line[start : tail.end(1)], self._readings(body))

    def _readings(self, body: bytes) -> tuple[Reading, ...]:
        address, *values = body.split(b",")
        sentence = address[-3:].decode("ascii")
        factors: dict[int, float] = {}
        void = False
        if sentence == "MWV" and len(values) >= 5:
            factors[3] = _SPEED.get(values[3], 1.0)
            void = values[4] != b"A" or values[3] not in _SPEED
        readings = [self.reading(f"{sentence}.{n}", value, factors.get(n, 1.0)) for n, value in enumerate(values, 1)]
        return tuple(r._replace(quality=FAIL) if void else r for r in readings if r is not None)
