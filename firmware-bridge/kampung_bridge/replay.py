"""Lines, real and replayed: a capture file behaves like the port it was taken from.

A capture is text, one chunk a line: hex, then `#` and the seconds since the capture began. `kampung-bridge decode` reads it too.
"""

import time
from pathlib import Path
from typing import NamedTuple

import serial

from kampung_bridge.profile import Serial
from kampung_bridge.session import READ_SLICE, Line

SCHEME = "replay:"


class Chunk(NamedTuple):
    """Bytes that came together, `at` seconds after the capture began."""

    at: float
    data: bytes


def write_chunk(at: float, data: bytes) -> str:
    """A line of a capture file."""
    return f"{data.hex(' ').upper()}  # {at:.3f}"


def read_capture(text: str) -> list[Chunk]:
    """Raises ValueError with the line's number for what is no capture. Without times, chunks follow each other at once."""
    chunks: list[Chunk] = []
    for number, line in enumerate(text.splitlines(), 1):
        digits, _, comment = line.partition("#")
        try:
            data = bytes.fromhex(digits)
        except ValueError:
            raise ValueError(f"line {number}: '{line[:60]}' is no capture; lines are such as FF 07 A1 A7  # 0.104") from None
        if not data:
            continue
        try:
            at = float(comment)
        except ValueError:
            at = chunks[-1].at if chunks else 0.0
        chunks.append(Chunk(at, data))
    return chunks


class ReplayLine:
    """A `Line` whose bytes come from a capture, at the pace they came then; afterwards it is silent. What is written is dropped."""

    def __init__(self, path: Path, speed: float = 1.0) -> None:
        """`speed` 2 is twice as fast, 0 at once. Raises OSError when the file cannot be read, ValueError when it is no capture."""
        self._chunks = read_capture(path.read_text("utf-8", "replace"))
        self._speed = speed
        self._begun = time.monotonic()
        self._ready = b""

    def _collect(self) -> None:
        passed = time.monotonic() - self._begun
        while self._chunks and (not self._speed or self._chunks[0].at <= passed * self._speed):
            self._ready += self._chunks.pop(0).data

    @property
    def in_waiting(self) -> int:
        self._collect()
        return len(self._ready)

    def read(self, size: int = 1) -> bytes:
        self._collect()
        if not self._ready:
            time.sleep(READ_SLICE)
            self._collect()
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def write(self, data: bytes) -> int:
        return len(data)

    def reset_input_buffer(self) -> None:
        """A capture has no past to forget."""

    def close(self) -> None:
        self._chunks, self._ready = [], b""


def open_line(url: str, settings: Serial, wait: float = READ_SLICE) -> Line:
    """A read waits at most `wait` seconds for its first byte.

    Raises OSError (SerialException is one), and ValueError for a url nobody knows or a file that is no capture.
    """
    if url.startswith(SCHEME):
        path, _, query = url.removeprefix(SCHEME).removeprefix("//").partition("?")
        return ReplayLine(Path(path), float(query.removeprefix("speed=") or 1.0))
    line: Line = serial.serial_for_url(
        url, baudrate=settings.baud, bytesize=settings.data_bits, parity=settings.parity, stopbits=settings.stop_bits,
        timeout=wait, write_timeout=1.0, exclusive=True,
    )  # fmt: skip
    return line
