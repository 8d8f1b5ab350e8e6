"""What happens on an open line: a Modbus bus is polled, a stream is listened to, outputs are switched. Each step has a deadline."""

import threading
from collections.abc import Sequence
from typing import Protocol

from kampung_bridge.decoder import FrameError
from kampung_bridge.device import Device
from kampung_bridge.output import Switched
from kampung_bridge.reading import Reading
from kampung_bridge.switching import Order, Switchboard

READ_SLICE = 0.1  # seconds a read may block; the line is opened with it
IDLE_SLICE = 0.5  # seconds between two looks at a line nobody talks on: an unplugged adapter shows itself there
CHUNK = 4096
TRIES = 2  # of a switch


class Line(Protocol):
    """What is used of pyserial. Everything may raise OSError (SerialException is one) or termios.error: the line is lost."""

    @property
    def in_waiting(self) -> int: ...

    def read(self, size: int = 1) -> bytes: ...

    def write(self, data: bytes) -> int | None: ...

    def reset_input_buffer(self) -> None: ...

    def close(self) -> None: ...


class Sink(Protocol):
    """Where a session reports to: its port. `board` has the orders that wait."""

    board: Switchboard

    def heard(self, device: Device, readings: Sequence[Reading], at_ms: int, deliver: bool) -> None: ...

    def complained(self, device: Device, error: FrameError) -> None: ...

    def failed(self, device: Device, detail: str, at_once: bool = False) -> None: ...

    def garbage(self, count: int) -> None: ...


class Session(Protocol):
    """Serves an open line."""

    def step(self, stop: threading.Event) -> None:
        """At most a second or so of work or waiting. Raises what the Line raises."""

    def switch(self, device: Device, order: Order, stop: threading.Event) -> Switched:
        """Tries until the order's time is over. Raises what the Line raises."""
