"""How many packs an edge may have in flight, from how long a pack that arrives now would wait."""

from __future__ import annotations

QUICK_S = 1.0
"""Up to this wait the whole credit is given."""
LEAST = 4
SMOOTH = 0.5


class Credit:
    """Whole while commits are quick; a wait of ten seconds leaves a tenth of it."""

    def __init__(self, whole: int, batch: int) -> None:
        """``batch`` is how many messages go into one commit at most."""
        self._whole = whole
        self._batch = batch
        self._seconds = 0.0

    def after(self, seconds: float, waiting: int) -> int:
        """A batch took ``seconds``, and ``waiting`` messages are in the queue."""
        self._seconds += SMOOTH * (seconds - self._seconds)
        wait = max(self._seconds * (1 + waiting / self._batch), 1e-6)
        return max(min(LEAST, self._whole), int(self._whole * min(1.0, QUICK_S / wait)))
