"""What works and what does not, since when. A change is logged once; a thing that stays down is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from kampung_contract.times import text

log = structlog.get_logger()


def now_ms() -> int:
    """Wall clock, milliseconds UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """State of one part, None while it starts; ``since`` in milliseconds UTC."""

    ok: bool | None
    since: int
    detail: str


class Health:
    """Checks by name, set by the parts themselves; ``changed`` is called after every change, by whoever made it."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._checks: dict[str, Check] = {}
        self._lock = threading.Lock()

    def set(self, name: str, ok: bool, detail: str = "") -> None:
        """Say how ``name`` is."""
        with self._lock:
            old = self._checks.get(name)
            new = Check(ok, old.since if old is not None and old.ok == ok else now_ms(), detail)
            if new == old:
                return
            self._checks[name] = new
        self._changed()
        if old is not None and old.ok == ok:
            return
        if not ok:
            log.warning("degraded", part=name, detail=detail)
        elif old is not None and old.ok is False:
            log.info("restored", part=name, detail=detail)

    def begin(self, name: str, detail: str) -> None:
        """``name`` has yet to come up: not well, and nothing to log."""
        with self._lock:
            self._checks[name] = Check(None, now_ms(), detail)

    @property
    def ok(self) -> bool:
        """Whether everything works."""
        with self._lock:
            return all(check.ok for check in self._checks.values())

    def report(self) -> dict[str, dict[str, object]]:
        """Checks for the API."""
        with self._lock:
            return {
                name: {"ok": bool(check.ok), "since": text(check.since), "detail": check.detail}
                for name, check in sorted(self._checks.items())
            }
