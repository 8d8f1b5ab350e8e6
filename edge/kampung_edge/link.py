"""Whether what leaves the village arrives: up, or down since when and why."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import structlog
from kampung_contract.times import text

from kampung_edge.bus import Bus
from kampung_edge.clock import wall_ms

log = structlog.get_logger("link")


@dataclass(frozen=True, slots=True)
class LinkState:
    """``since`` in milliseconds UTC."""

    up: bool
    since: int
    detail: str

    def object(self) -> dict[str, Any]:
        """As the kiosk API gives it."""
        return {"state": "up" if self.up else "down", "since": text(self.since), "detail": self.detail}


class Link:
    """Set by the uplink, watched by the kiosk."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self._lock = bus, threading.Lock()
        self.state = LinkState(False, wall_ms(), "not connected yet")

    def set(self, up: bool, detail: str) -> None:
        """``since`` moves only when up becomes down or back."""
        with self._lock:
            old = self.state
            if (up, detail) == (old.up, old.detail):
                return
            changed = up != old.up
            self.state = LinkState(up, wall_ms() if changed else old.since, detail)
            new = self.state
        if changed:
            log.info("link.up" if up else "link.down", detail=detail)
            self._bus.publish("link", {"state": "up" if up else "down", "since": text(new.since)})
