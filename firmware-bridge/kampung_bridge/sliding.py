"""Frames of one length behind a fixed head (PMS, SDS011, scratchpads), found by sliding: no byte can lock the decoder out."""

import struct
from abc import ABC, abstractmethod
from collections.abc import Mapping

from kampung_bridge.decoder import MAX_RAW, Counters, Frame, FrameError
from kampung_bridge.measure import Measure
from kampung_bridge.reading import GOOD, SUSPECT


class SlidingDecoder(ABC):
    """A `Decoder` of Frames. Every position is tried, also inside a frame just delivered: a frame that lies across the one
    before it is delivered as *suspect*, since one of the two is a coincidence.
    """

    head = b""
    length = 0
    overlapping = True  # False where a true frame may hold the end of one and the beginning of the next as well
    layout: struct.Struct  # of a frame, its raw numbers in the order of `order`
    order: tuple[str, ...] = ()

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self.counters = Counters()
        self.measures = measures
        self._converters = [(n, measures[field].reading) for n, field in enumerate(self.order)]
        self._held = b""  # the last bytes, too few to judge
        self._at = 0  # position of _held[0] since the line began
        self._next = 0  # where the frame after the last one should begin
        self._seen = 0  # bytes before this position are in a frame or in _stray
        self._stray = bytearray()
        self._stray_at = 0
        self._failed: list[tuple[int, str]] = []  # windows in _stray that looked like a frame

    @abstractmethod
    def fault(self, window: bytes) -> str | None:
        """Why `length` bytes that begin with `head` are no frame; None when the check passes."""

    def convert(self, window: bytes, quality: int) -> Frame | FrameError:
        """The readings of a window whose check passed, none better than `quality`; an error when the device says so."""
        return self.frame(window, quality)

    def frame(self, window: bytes, quality: int) -> Frame:
        """The readings by `layout`."""
        raw = self.layout.unpack(window)
        return Frame(window, tuple([reading(raw[n], quality) for n, reading in self._converters]))

    def again(self, line: bytes, start: int) -> int:
        """Where in `line` the next frame may begin, at the earliest, after one at `start`."""
        return start + 1 if self.overlapping else start + self.length

    def feed(self, data: bytes) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        line = self._held + data
        head, length, begin, size = self.head, self.length, 0, len(line)
        while (start := line.find(head, begin)) >= 0 and start + length <= size:
            window = line[start : start + length]
            position = self._at + start
            fault = self.fault(window)
            if fault is None and position == self._next == self._seen and not self._stray:  # right behind the frame before
                self._next = self._seen = position + length
                self.counters.frames += 1
                out.append(self.convert(window, GOOD))
                begin = self.again(line, start)
            elif fault is None:
                self._pass_over(line, position, out)
                self._close_stray(out)
                out.append(self._deliver(window, position))
                begin = self.again(line, start)
            else:
                if position >= self._seen:
                    self.counters.bad_checksums += 1
                    self._failed.append((position, fault))
                    self._pass_over(line, position, out)
                begin = start + 1
        hold = max(begin, size - len(head) + 1) if start < 0 else start
        self._held = line[hold:]
        if self._at + hold > self._seen:
            self._pass_over(line, self._at + hold, out)
        self._at += hold
        return out

    def finish(self) -> list[Frame | FrameError]:
        out: list[Frame | FrameError] = []
        end = self._at + len(self._held)
        self._pass_over(self._held, end, out)
        self._close_stray(out)
        self._at = self._next = self._seen = end
        self._held = b""
        return out

    def _deliver(self, window: bytes, position: int) -> Frame | FrameError:
        across = position < self._next
        end = position + self.length
        if not across:
            self._next = end
        self._seen = max(self._seen, end)
        self.counters.frames += 1
        return self.convert(window, SUSPECT if across else GOOD)

    def _pass_over(self, line: bytes, until: int, out: list[Frame | FrameError]) -> None:
        """Bytes before `until` begin no frame."""
        if until <= self._seen:
            return
        if not self._stray:
            self._stray_at = self._seen
        self._stray += line[self._seen - self._at : until - self._at]
        self._seen = until
        while len(self._stray) >= MAX_RAW:
            self._tell_stray(MAX_RAW, out)

    def _close_stray(self, out: list[Frame | FrameError]) -> None:
        if self._stray:
            self._tell_stray(len(self._stray), out)

    def _tell_stray(self, count: int, out: list[Frame | FrameError]) -> None:
        raw = bytes(self._stray[:count])
        del self._stray[:count]
        self._stray_at += count
        self.counters.garbage += count
        here = [fault for position, fault in self._failed if position < self._stray_at]
        self._failed = [failed for failed in self._failed if failed[0] >= self._stray_at]
        out.append(FrameError("checksum", here[0], raw) if here else FrameError("garbage", f"{count} bytes in no frame", raw))
