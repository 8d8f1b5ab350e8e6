"""Events for open pages. Publishing never waits: a page that is slow gets of each series the newest reading alone."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

Kind = Literal["reading", "alarm", "handling", "node", "output", "command", "health", "message"]
KEPT = 1_000
"""Events other than readings that wait for a page at most."""
KEPT_SERIES = 20_000
AT_ONCE = 500
"""Events that are given in one piece: after a backlog thousands come in one commit."""


@dataclass(frozen=True, slots=True)
class Event:
    """``data`` is what the page gets as JSON."""

    kind: Kind
    village: str
    data: dict[str, Any]


class Subscription:
    """One page's events. Made in the page's event loop; everything else goes before readings."""

    def __init__(self, village: str | None) -> None:
        self.village = village
        self.dropped = 0
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._lock = threading.Lock()
        self._readings: dict[str, Event] = {}
        self._others: deque[Event] = deque()
        self._closed = False
        self._told = False

    def put(self, event: Event) -> None:
        """From any thread."""
        with self._lock:
            if event.kind == "reading":
                series = event.data["id"]
                known = series in self._readings  # it keeps its turn, however often it comes
                if not known and len(self._readings) >= KEPT_SERIES:
                    del self._readings[next(iter(self._readings))]
                    known = True
                self.dropped += known
                self._readings[series] = event
            else:
                if len(self._others) >= KEPT:
                    self._others.popleft()
                    self.dropped += 1
                self._others.append(event)
            self._tell()

    def close(self) -> None:
        """End ``get`` with None."""
        with self._lock:
            self._closed = True
            self._tell()

    def _tell(self) -> None:
        if not self._told and not self._loop.is_closed():
            self._told = True
            self._loop.call_soon_threadsafe(self._wake.set)

    async def get(self) -> list[Event] | None:
        """What waits, at least one; None once closed."""
        while True:
            with self._lock:
                if self._closed:
                    return None
                found = [self._others.popleft() for _ in range(min(AT_ONCE, len(self._others)))]
                found += [self._readings.pop(series) for series in list(islice(self._readings, AT_ONCE - len(found)))]
                if found:
                    return found
                self._told = False
                self._wake.clear()
            await self._wake.wait()


class Bus:
    """Publishes to every subscription of the village."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._listeners: list[tuple[Kind, Callable[[], object]]] = []
        self._closed = False

    def listen(self, kind: Kind, wake: Callable[[], object]) -> None:
        """Call ``wake`` at every event of a kind, in the thread that publishes it: it must do no more than set a mark."""
        with self._lock:
            self._listeners.append((kind, wake))

    def subscribe(self, village: str | None) -> Subscription:
        """Within an event loop; None is every village."""
        subscription = Subscription(village)
        with self._lock:
            self._subscriptions.add(subscription)
            if self._closed:
                subscription.close()
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Stop delivering."""
        with self._lock:
            self._subscriptions.discard(subscription)

    @property
    def busy(self) -> bool:
        """Whether anyone listens to everything."""
        return bool(self._subscriptions)

    @property
    def heard(self) -> bool:
        """Whether anyone listens, be it to some kinds alone."""
        return bool(self._subscriptions or self._listeners)

    def publish(self, event: Event) -> None:
        """From any thread."""
        with self._lock:
            listeners = [wake for kind, wake in self._listeners if kind == event.kind]
            for subscription in self._subscriptions:
                if subscription.village in (None, event.village):
                    subscription.put(event)
        for wake in listeners:
            wake()

    def close(self) -> None:
        """End all subscriptions."""
        with self._lock:
            self._closed = True
            for subscription in self._subscriptions:
                subscription.close()
