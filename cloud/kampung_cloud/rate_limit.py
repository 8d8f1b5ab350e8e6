"""How much one phone may send: counted in memory, by a name that no address follows from."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import defaultdict, deque

from kampung_contract.errors import KampungError

HOUR_MS = 3_600_000
MOST_KEPT = 10_000


class Limit:
    """``most`` of something within ``span`` ms for each address. A restart forgets: this keeps out games, not attacks."""

    def __init__(self, most: int, span: int, said: str) -> None:
        self._most, self._span, self._said = most, span, said
        self._salt = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._seen: defaultdict[str, deque[int]] = defaultdict(deque)

    def take(self, address: str, now: int) -> None:
        """Count one. Raises ``KampungError`` ``too_many`` with when to try again."""
        name = hashlib.blake2b(address.encode(), key=self._salt, digest_size=16).hexdigest()
        with self._lock:
            if len(self._seen) > MOST_KEPT:
                self._seen = defaultdict(deque, {k: v for k, v in self._seen.items() if v and now - v[-1] < self._span})
            mine = self._seen[name]
            while mine and now - mine[0] >= self._span:
                mine.popleft()
            if len(mine) >= self._most:
                wait = (mine[0] + self._span - now) // 60_000 + 1
                raise KampungError(f"{self._said}; try again in {wait} minutes", code="too_many")
            mine.append(now)
