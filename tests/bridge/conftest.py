"""Simulated devices behind real ptys."""

import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kampung_bridge.clock import SystemClock
from kampung_bridge.config import PortConfig
from kampung_bridge.port import Event, Port


class Wire:
    """A pty that stands at `path` (a symlink, as udev makes them). What is written to it goes to `answer`, the result goes back."""

    def __init__(self, path: Path, answer: Callable[[bytes], bytes] = lambda _: b"") -> None:
        self.path, self.answer = path, answer
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self._slave))
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, name=f"wire {path.name}")
        self._thread.start()

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        """Unplugs: whoever has the port open gets an error."""
        if self._thread.is_alive():
            os.write(self._wake_write, b"x")
            self._thread.join()
            self.path.unlink(missing_ok=True)
            for fd in (self._master, self._slave, self._wake_read, self._wake_write):
                os.close(fd)

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            if reply := self.answer(os.read(self._master, 4096)):
                os.write(self._master, reply)


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Callable[..., Wire]]:
    """plug(name, answer) → a Wire at tmp_path/name, unplugged after the test."""
    wires: list[Wire] = []

    def make(name: str = "line", answer: Callable[[bytes], bytes] = lambda _: b"") -> Wire:
        wires.append(Wire(tmp_path / name, answer))
        return wires[-1]

    yield make
    for wire in wires:
        wire.close()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """eventually(condition, seconds): waits for a truth, four times as long as a quiet machine needs, and fails when it does not come."""

    def wait(condition: Callable[[], object], seconds: float = 5.0) -> None:
        deadline = time.monotonic() + 4 * seconds
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.005)

    return wait


@pytest.fixture
def started(eventually) -> Iterator[Callable[..., Port]]:
    """started(path, device…) → an open port; `quiet` once the first polls are over, `events` takes what it tells."""
    ports: list[Port] = []

    def start(path: object, *devices: dict, wait: bool = True, quiet: bool = False, events: list[Event] | None = None) -> Port:
        config = PortConfig.model_validate({"url": str(path), "device": list(devices)})
        told = [] if events is None else events
        port = Port(config, SystemClock(), lambda *_: None, told.append, backoff=(0.01, 0.05))
        ports.append(port)
        port.start()
        if wait:
            eventually(lambda: port.stats().state == "up")
        if quiet:
            eventually(lambda: all(device.detail or device.state == "up" for device in port.stats().devices))
        return port

    yield start
    for port in ports:
        port.stop()
        assert not port._thread.is_alive()
