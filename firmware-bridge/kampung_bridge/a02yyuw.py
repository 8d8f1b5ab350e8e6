"""Ultrasonic level sensors that stream `FF H L S`: DFRobot A02YYUW and its relatives (ME007YS, JSN-SR04T in mode 2, SEN0627).

S is the low byte of FF + H + L. The check is weak (one random window in 256 passes), so three rules go with it:

1. H is never FF. That would be 65 m, beyond every sensor of the family; without the rule a steady 511 mm (`FF 01 FF FF`)
   also reads as 65 281 mm from its last byte. With it, no steady reading passes at a wrong alignment.
2. Every position is tried, so nothing can lock the decoder out. A window that passes but lies across the frame before it is
   delivered as *suspect*: either it is a coincidence, or that frame was.
3. A frame that stands alone, with a frame length or more of garbage before it, is delivered as *suspect*; the one after it is good.
"""

from collections.abc import Mapping

from kampung_bridge.decoder import MAX_RAW, Counters, Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.measure import Measure
from kampung_bridge.reading import GOOD, SUSPECT

HEAD = 0xFF
LENGTH = 4


def encode_a02yyuw(number: int) -> bytes:
    """The frame of a distance in the sensor's own unit (mm for the A02YYUW), for simulated devices; 0 means "no echo".

    Raises BadValueError outside 0–65 279.
    """
    if not 0 <= number < 0xFF00:
        raise BadValueError(f"distance {number} does not fit the frame; use 0 to 65279")
    high, low = divmod(number, 256)
    return bytes((HEAD, high, low, (HEAD + high + low) & 0xFF))


class A02yyuwDecoder:
    """A `Decoder` of Frames with one field, "distance"."""

    fields = frozenset({"distance"})

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self.counters = Counters()
        self._reading = measures["distance"].reading
        self._held = b""  # the last bytes, too few to judge
        self._at = 0  # position of _held[0] since the line began
        self._next = 0  # where the frame after the last one should begin
        self._covered = 0  # bytes before this position belong to some frame
        self._stray = bytearray()

    def feed(self, data: bytes) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        line, at = self._held + data, self._at
        start, last = 0, max(0, len(line) - LENGTH + 1)
        while (found := line.find(HEAD, start, last)) >= 0:
            if found > start and at + found > self._covered:
                self._pass_over(line[start:found], at + start, out)
            high, low = line[found + 1], line[found + 2]
            if high != HEAD and (HEAD + high + low) & 0xFF == line[found + 3]:
                if self._stray:
                    out += self._close_stray()
                position = at + found
                behind = position - self._next  # less than 0: it lies across the frame before; a frame length or more: it stands alone
                if behind >= 0:
                    self._next = position + LENGTH
                self._covered = position + LENGTH
                self.counters.frames += 1
                quality = GOOD if 0 <= behind < LENGTH else SUSPECT
                out.append(Frame(line[found : found + LENGTH], (self._reading(high << 8 | low, quality),)))
            elif at + found >= self._covered:
                self._pass_over(line[found : found + 1], at + found, out)
            start = found + 1
        if at + last > self._covered:
            self._pass_over(line[start:last], at + start, out)
        self._held = line[last:]
        self._at += last
        return out

    def finish(self) -> list[Frame | FrameError]:
        self._stray += self._held[max(0, self._covered - self._at) :]
        self._at = self._next = self._covered = self._at + len(self._held)
        self._held = b""
        return self._close_stray()

    def _pass_over(self, part: bytes, position: int, out: list[Frame | FrameError]) -> None:
        """Bytes from `position` on that begin no frame; those inside the frame before are none of them."""
        part = part[max(0, self._covered - position) :]
        while len(self._stray) + len(part) >= MAX_RAW:
            room = MAX_RAW - len(self._stray)
            self._stray += part[:room]
            part = part[room:]
            out += self._close_stray()
        self._stray += part

    def _close_stray(self) -> list[Frame | FrameError]:
        raw = bytes(self._stray)
        self._stray.clear()
        if not raw:
            return []
        self.counters.garbage += len(raw)
        begin = raw.find(HEAD)
        damaged = raw[begin : begin + LENGTH] if begin >= 0 else b""
        if len(damaged) == LENGTH and damaged[1] != HEAD:
            self.counters.bad_checksums += 1
            return [FrameError("checksum", f"sum is {damaged[3]:02X}, expected {sum(damaged[:3]) & 0xFF:02X}", raw)]
        return [FrameError("garbage", f"{len(raw)} bytes in no frame", raw)]
