"""What happens now, for everyone who watches: published from any thread, taken by the kiosk's event streams."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Any

import msgspec

WAITING = 256
"""Events a slow browser may have waiting; the oldest are dropped beyond."""


class Watcher:
    """One event stream's queue; lives on the event loop it was made on."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[bytes] = deque(maxlen=WAITING)
        self._some = asyncio.Event()
        self.ended = False

    def offer(self, message: bytes) -> None:
        """From any thread."""
        try:
            self._loop.call_soon_threadsafe(self._put, message)
        except RuntimeError:  # the loop is closed: the browser is gone
            self._bus.leave(self)

    def _put(self, message: bytes) -> None:
        self._waiting.append(message)
        self._some.set()

    def end(self) -> None:
        """From any thread: nothing more will come."""
        self.ended = True
        self.offer(b"")

    async def take(self, timeout_s: float) -> bytes | None:
        """All that waits, or None when nothing came in time."""
        try:
            await asyncio.wait_for(self._some.wait(), timeout_s)
        except TimeoutError:
            return None
        self._some.clear()
        out = b"".join(self._waiting)
        self._waiting.clear()
        return out


class Bus:
    """Fan-out of server-sent events."""

    def __init__(self) -> None:
        self._watchers: frozenset[Watcher] = frozenset()
        self._closed = False
        self._lock = threading.Lock()

    def join(self) -> Watcher:
        """A new watcher on the running event loop."""
        watcher = Watcher(self)
        with self._lock:
            self._watchers |= {watcher}
            watcher.ended = self._closed
        return watcher

    @property
    def watching(self) -> int:
        """Streams that are open."""
        return len(self._watchers)

    def close(self) -> None:
        """All streams end."""
        with self._lock:
            self._closed = True
        for watcher in self._watchers:
            watcher.end()

    def leave(self, watcher: Watcher) -> None:
        """Takes a watcher out; twice is harmless."""
        with self._lock:
            self._watchers -= {watcher}

    def publish(self, event: str, data: dict[str, Any]) -> None:
        """Costs nothing while nobody watches."""
        watchers = self._watchers
        if watchers:
            message = b"event: " + event.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
            for watcher in watchers:
                watcher.offer(message)
