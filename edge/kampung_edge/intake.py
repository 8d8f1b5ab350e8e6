"""Readings on their way in: judged, shown at once, then queued for the spool."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import structlog
from kampung_contract.errors import StorageUnavailable
from kampung_contract.times import text
from kampung_contract.topics import Lane

from kampung_edge.bus import Bus
from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.correcting import Correcting
from kampung_edge.memory import EventItem, Memory
from kampung_edge.packing import FRESH_MS, Row
from kampung_edge.quality import Quality
from kampung_edge.saving import Saving
from kampung_edge.view import View

log = structlog.get_logger("intake")

BURST_MS = 1_000
"""A reading stamped at most this long before its predecessor belongs to the same burst."""

QUEUE = 20_000
"""Readings that may wait for the spool. While it only lags, a port waits for room; while the disk refuses, the oldest are given up."""


class Intake:
    """``take`` is called by the ports' threads, ``event`` by whoever has one."""

    def __init__(
        self,
        view: View,
        bus: Bus,
        node: str,
        clock: EdgeClock,
        saving: Saving,
        *,
        quality: Quality | None = None,
        correcting: Correcting | None = None,
        size: int = QUEUE,
        heard: Callable[[str, str, int], None] = lambda *_: None,
        judged: Callable[[str, str, str, tuple[int, float, int]], None] = lambda *_: None,
    ) -> None:
        """``heard(device, quantity, flag)`` is told of each reading before anything is waited for; so is
        ``judged(device, quantity, unit, (ms UTC, value, flag))`` once its time is settled.
        """
        self._view, self._bus, self._node, self._clock, self._saving = view, bus, node, clock, saving
        self.quality = quality or Quality()
        self.correcting = correcting
        self._heard, self._judged = heard, judged
        self.queue = Memory(size)
        self._closed = threading.Event()
        self._last: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self.waits = 0
        """Times that a port had to wait for the spool."""
        self.impossible = 0
        """Values that are no number at all and cannot be sent."""

    def take(self, device: str, name: str, value: float, unit: str, flag: int, at: int) -> None:  # noqa: PLR0917 - the bridge calls it so
        """One reading; ``at`` in milliseconds UTC, ``flag`` the device's own judgement. Waits for room while the spool only lags."""
        if not math.isfinite(value):
            self._refuse(device, name, value)
            return
        flag = self.quality.judge(device, name, (at, value), flag)
        self._heard(device, name, flag)
        t = self._distinct(device, name, at)
        self._view.take(device, name, unit, (t, value, flag))
        self._judged(device, name, unit, (t, value, flag))
        self._bus.publish("reading", {"id": f"{self._node}.{device}.{name}", "at": text(t), "value": value, "quality": flag})
        lane = Lane.BACKFILL if wall_ms() - t > FRESH_MS else Lane.LIVE
        self._put(Row(lane, device, name, unit, t, value, flag, self._clock.era()))
        if self.correcting is not None and (made := self.correcting.after(device, name, (at, value, flag))) is not None:
            self.take(device, made.quantity, made.value, made.unit, made.flag, at)

    def event(self, event: dict[str, Any], timeout_s: float = 10.0) -> int:
        """Store a typed message in the event lane and give its pack's number once it is on the disk.

        Raises ``StorageUnavailable`` when the disk does not take it; it is then not stored later either, unless the message says that it
        may be. Raises ``KampungError`` ``too_large`` over 64 KB.
        """
        if (reason := self._saving.reason) is not None:
            raise StorageUnavailable(f"nothing can be saved now, so this is not accepted: {reason}")
        item = EventItem(event, Future())
        late = StorageUnavailable(f"the spool did not take the event within {timeout_s:g} s, so it is not accepted; see the kiosk's health")
        try:
            self.queue.put(item, timeout=timeout_s)
            return item.stored.result(timeout_s)
        except queue.Full:
            raise late from None
        except TimeoutError:
            if item.stored.cancel():
                raise late from None
        try:
            return item.stored.result(timeout_s)  # its commit is under way
        except TimeoutError:
            raise StorageUnavailable(f"the spool still writes the event after {2 * timeout_s:g} s; it may be stored yet") from None

    def post(self, event: dict[str, Any]) -> Future[int]:
        """One of the edge's own: not waited for and never refused; it waits in memory until the disk takes it."""
        stored: Future[int] = Future()
        self._put(EventItem(event, stored, patient=True))
        return stored

    def close(self) -> None:
        """No port waits any more; the writer finds the queue's end."""
        self._closed.set()
        self.queue.end()

    @property
    def crowded(self) -> bool:
        """Half of the room is taken: the spool has not taken readings for long, and ports may have to wait."""
        return 2 * self.queue.qsize() > self.queue.maxsize

    def _put(self, item: Row | EventItem) -> None:
        try:
            self.queue.put_nowait(item)
        except queue.Full:
            self.waits += 1
            while not self._closed.is_set():
                if self._saving.reason is not None:
                    self._saving.give_up(self.queue.give_up())
                try:
                    self.queue.put(item, timeout=0.5)
                    return
                except queue.Full:
                    continue
            log.error("reading.lost", reason="the edge stopped while the disk did not take readings", item=str(item))

    def _distinct(self, device: str, name: str, at: int) -> int:
        """Readings of a series that come in one burst keep their order and never share a time: the cloud would take equal values at
        one time for a repetition. A time further back is a clock that was set, and stays as it is.
        """
        with self._lock:
            last = self._last.get((device, name))
            out = last + 1 if last is not None and last - BURST_MS <= at <= last else at
            self._last[device, name] = out
            return out

    def _refuse(self, device: str, name: str, value: float) -> None:
        self.impossible += 1
        if self.impossible == 1:
            log.warning("reading.impossible", device=device, quantity=name, value=str(value))
