"""Who may call: whoever knows the office's code. It works without a link; what it opens ends with the day's work or the edge's restart."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable

from kampung_contract.errors import Forbidden, KampungError, Unauthorised

from kampung_edge.wrong_tries import Limit, WrongTries

ADDRESS, ALL = Limit(5, 300), Limit(20, 300)
"""Wrong codes from one address and from all: 5,760 a day at most, while a code of eight letters and digits has a million million."""
OPEN_S = 12 * 3600.0
MOST = 50


class Door:
    """Called by the kiosk's threads. Keys that are open stay open while others guess."""

    def __init__(self, code: str, now: Callable[[], float] = time.monotonic) -> None:
        self._code, self._now = code, now
        self._lock = threading.Lock()
        self._tries = WrongTries(ADDRESS, ALL, now)
        self._open: dict[str, float] = {}

    def enter(self, code: object, where: str) -> str:
        """A key for the browser at the address ``where``. Raises ``Forbidden``, ``Unauthorised``, ``KampungError`` ``too_many``."""
        if not self._code:
            raise Forbidden("loket belum dibuka di kios ini; tulis queue.code pada edge.toml")
        with self._lock:
            if wait := self._tries.wait(where):
                raise KampungError(f"kode salah terlalu sering; coba lagi {wait} menit lagi", code="too_many")
            if not isinstance(code, str) or not hmac.compare_digest(code.strip().encode(), self._code.encode()):
                self._tries.wrong(where)
                raise Unauthorised("kode tidak cocok; tanyakan kode loket kepada operator kios")
            now = self._now()
            key = secrets.token_urlsafe(24)
            still = [(k, t) for k, t in self._open.items() if now - t < OPEN_S]
            self._open = dict(still[-MOST + 1 :]) | {key: now}
            return key

    def check(self, key: str | None) -> None:
        """Raises ``Unauthorised`` for a key that does not open, or no longer."""
        with self._lock:
            since = self._open.get(key or "")
            if since is None or self._now() - since >= OPEN_S:
                raise Unauthorised("masukkan kode loket")

    def leave(self, key: str | None) -> None:
        """The key opens no more."""
        with self._lock:
            self._open.pop(key or "", None)
