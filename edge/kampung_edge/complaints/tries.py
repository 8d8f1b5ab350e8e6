"""How often a ticket's word may be tried at this kiosk."""

from __future__ import annotations

import threading
from collections import deque

from kampung_contract.errors import KampungError

TICKET, TICKET_MS = 5, 15 * 60_000
KIOSK, KIOSK_MS = 40, 3_600_000
"""Wrong words within so long; proposals of the project: 36 bits are not found out so, and whoever mistypes soon goes on."""
MOST_KEPT = 500


class Tries:
    """Wrong words, in memory: a restart forgets them, and takes longer than they would have to wait. Called by the kiosk's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: deque[tuple[str, int]] = deque(maxlen=MOST_KEPT)

    def check(self, ticket: str, now: int) -> None:
        """Before a word is looked at. Raises ``KampungError`` ``too_many`` with how long to wait; a clock put back locks nobody out."""
        with self._lock:
            here = [at for _, at in self._wrong if 0 <= now - at < KIOSK_MS]
            mine = [at for name, at in self._wrong if name == ticket and 0 <= now - at < TICKET_MS]
        for found, most, span in ((mine, TICKET, TICKET_MS), (here, KIOSK, KIOSK_MS)):
            if len(found) >= most:
                wait = -(-(found[-most] + span - now) // 60_000)
                raise KampungError(f"sudah {len(found)} kali kata sandi salah; coba lagi {wait} menit lagi", code="too_many")

    def wrong(self, ticket: str, now: int) -> None:
        """Count one."""
        with self._lock:
            self._wrong.append((ticket, now))
