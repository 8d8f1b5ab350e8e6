"""A relay in memory: what ``Port.switch`` promises, without a line."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from kampung_bridge.output import Switched


@dataclass
class Relay:
    """``on`` is what the relay does. ``silent``: it switches, or not (``deaf``), and does not confirm."""

    on: bool = True
    silent: bool = False
    deaf: bool = False
    code: str = "no_reply"
    slow: float = 0.0
    calls: list[tuple[bool, float | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    entered: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event | None = None

    def __call__(self, device: str, output: str, on: bool, *, seconds: float | None = None, timeout: float = 5.0) -> Switched:
        with self.lock:
            self.calls.append((on, seconds))
            self.entered.set()
            if self.may_go_on is not None:
                self.may_go_on.wait(10)
            time.sleep(self.slow)
            if not self.deaf:
                self.on = on
            if self.silent:
                return Switched(False, self.code, f"{output} of {device} is not confirmed")
            return Switched(True, "done", "confirmed")

    @property
    def ons(self) -> int:
        """How often it was switched on."""
        return sum(on for on, _ in self.calls)
