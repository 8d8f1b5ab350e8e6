"""The line to a printer: a serial port, a TCP port (9100 by custom) or the kernel's own device of USB printers."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Iterator
from typing import Protocol

import serial

from kampung_edge.printing.setting import PrinterSetting
from kampung_edge.printing.status import ASKED, ORDERED, Status, is_ordered, is_status, question, read

ANSWER_S = 1.0
"""What a printer has to answer DLE EOT, which it does at once or not at all."""
WRITE_S = 10.0


class _Line(Protocol):
    def write(self, body: bytes, /) -> int | None: ...
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class _UsbLine:
    """``/dev/usb/lp0`` is no terminal, so pyserial does not take it."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def write(self, body: bytes, /) -> int:
        left, until = memoryview(body), time.monotonic() + WRITE_S
        while left:
            if not select.select([], [self._handle], [], max(0.0, until - time.monotonic()))[1]:
                raise OSError("it takes no more")
            left = left[os.write(self._handle, left) :]
        return len(body)

    def read(self, size: int, /) -> bytes:
        ready = select.select([self._handle], [], [], 0.1)[0]
        return os.read(self._handle, size) if ready else b""

    def close(self) -> None:
        os.close(self._handle)


class Connection:
    """An open line. Raises ``OSError`` whenever it breaks."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self.ordered = False
        """Whether an answer to GS r has come since ``send``."""

    def send(self, body: bytes, *, ordered: bool) -> None:
        """All of a slip, and with ``ordered`` the question that is answered when it is through."""
        self.ordered = False
        self._line.write(body + (ORDERED if ordered else b""))

    def status(self) -> Status:
        """Asked now; a printer answers this also while it prints, or has no paper."""
        answers: dict[int, int] = {}
        for n in ASKED:
            self._line.write(question(n))
            until = time.monotonic() + ANSWER_S
            while n not in answers and time.monotonic() < until:
                for byte in self._line.read(1):
                    if is_status(byte):
                        answers[n] = byte
                    elif is_ordered(byte):
                        self.ordered = True
            if n not in answers:
                break
        return read(answers)


@contextlib.contextmanager
def connected(setting: PrinterSetting) -> Iterator[Connection]:
    """A line that is closed afterwards. Raises ``OSError`` when there is none."""
    line: _Line
    if setting.url.startswith("/dev/usb/"):
        line = _UsbLine(setting.url)
    else:
        line = serial.serial_for_url(setting.url, baudrate=setting.baud, timeout=0.1, write_timeout=WRITE_S)
    try:
        yield Connection(line)
    finally:
        line.close()
