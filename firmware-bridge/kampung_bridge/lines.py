"""Text that ends with CR or LF, cut into lines; what a line means is its decoder's matter."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping

from kampung_bridge.decoder import MAX_RAW, Counters, Frame, FrameError
from kampung_bridge.measure import Measure
from kampung_bridge.reading import Reading

LONGEST = 128  # bytes of the longest sentence; NMEA allows 82, SDI-12 80
_END = re.compile(rb"[\r\n]")


class LineDecoder(ABC):
    """A `Decoder` of Frames, one a line. Where no line ends, the oldest bytes are given up, so that a sentence behind them stays whole."""

    fields: frozenset[str] | re.Pattern[str]

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self.counters = Counters()
        self.measures = measures
        self._buffer = b""

    @abstractmethod
    def parse(self, line: bytes) -> tuple[int, Frame | FrameError] | None:
        """What a line says and where in it that begins; None when it is nothing this decoder knows."""

    def feed(self, data: bytes) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        buffer, begin = self._buffer + data, 0
        while True:
            end = _END.search(buffer, begin, begin + 2 * LONGEST)
            if end:
                self._line(buffer[begin : end.start()], out)
                begin = end.end()
            elif len(buffer) - begin >= 2 * LONGEST:
                self._garbage(buffer[begin : begin + LONGEST], out)
                begin += LONGEST
            else:
                break
        self._buffer = buffer[begin:]
        return out

    def finish(self) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        self._garbage(self._buffer, out)
        self._buffer = b""
        return out

    def _line(self, line: bytes, out: list[Frame | FrameError]) -> None:
        if not line:
            return
        found = self.parse(line)
        if found is None:
            self._garbage(line, out)
            return
        start, result = found
        self._garbage(line[:start], out)
        if isinstance(result, FrameError):
            self.counters.bad_checksums += result.code == "checksum"
            self.counters.garbage += len(line) - start
        else:
            self.counters.frames += 1
        out.append(result)

    def _garbage(self, raw: bytes, out: list[Frame | FrameError]) -> None:
        if raw:
            self.counters.garbage += len(raw)
            out.append(FrameError("garbage", f"{len(raw)} bytes in no sentence", raw[:MAX_RAW]))

    def reading(self, field: str, text: bytes, factor: float = 1.0) -> Reading | None:
        """The reading of a field the profile asks for; None for others, and for an empty or unreadable number."""
        measure = self.measures.get(field)
        if measure is None or not NUMBER.fullmatch(text):
            return None
        return measure.reading(float(text) * factor)


NUMBER = re.compile(rb"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})")
