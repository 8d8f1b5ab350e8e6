"""How much backfill may be under way, so that a fresh reading never waits long behind it. Pure; seconds of a monotonic clock, bytes."""

from __future__ import annotations

FIRST, LEAST, MOST = 16_384, 4_096, 1_048_576
PATIENCE_S = 0.35
"""A PUBACK may take so much longer than the quickest of late: that is how long a fresh reading waits on the link."""
GENTLE = 2_920
"""Bytes by which the window grows in one round trip, once it has met the link's limit; until then it doubles."""
FORGET_S = 60.0
"""The quickest answer is looked for anew each minute; a link changes."""


class Pace:
    """A window in bytes that follows the link: it grows while the broker answers quickly and shrinks when bytes queue up.

    ``rate`` in bytes a second bounds backfill beside that; 0 is no bound.
    """

    def __init__(self, rate: int = 0) -> None:
        self._rate, self._tokens, self._filled = rate, float(rate), 0.0
        self.limit = float(FIRST)
        self._quickest, self._before = float("inf"), float("inf")
        self._looked = self._cut = 0.0

    def budget(self, under_way: int, now: float) -> int:
        """Bytes of backfill that may go now; ``under_way`` are all those the broker has not acknowledged."""
        left = self.limit - under_way
        if self._rate:
            self._tokens = min(float(self._rate), self._tokens + (now - self._filled) * self._rate)
            self._filled = now
            left = min(left, self._tokens)
        return max(0, int(left))

    def spent(self, size: int) -> None:
        """Backfill has gone out."""
        self._tokens -= size

    def acknowledged(self, seconds: float, size: int, under_way: int, now: float) -> None:
        """The broker took a publication of ``size`` bytes ``seconds`` after it was handed over; ``under_way`` as it was then."""
        if now - self._looked > FORGET_S:
            self._looked, self._before, self._quickest = now, self._quickest, seconds
            self.limit = max(LEAST, self.limit / 4)  # what queued up goes, and the link's own delay shows
        self._quickest = min(self._quickest, seconds)
        if seconds > min(self._quickest, self._before) + PATIENCE_S:
            if now - self._cut > seconds:
                self._cut, self.limit = now, max(LEAST, self.limit * 0.7)
        elif under_way >= self.limit / 2:
            grown = size if not self._cut else GENTLE * size / self.limit
            self.limit = min(MOST, self.limit + grown)
