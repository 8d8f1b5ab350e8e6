"""How many packs may be without a receipt while a backlog is sent, so that what is fresh never waits long in the regency. Pure.

Seconds are of a monotonic clock.

All kiosks of a regency that come back at once share one queue, at the broker and in the cloud, and nobody there can hold back what is under
way already. So each goes by what it sees: how long its own receipts take beyond the quickest of late (``Pace`` does that for the link).
"""

from __future__ import annotations

FIRST, LEAST = 1, 1
PATIENCE_S = 0.5
"""A receipt may take so much longer than the quickest of late: that is how long a fresh reading waits behind all backlogs."""
MOST_CUT = 0.25
FORGET_S = 60.0
"""The quickest receipt is looked for anew each minute; how busy a regency is changes."""


class Width:
    """Doubles with every round trip until receipts are late for the first time, then grows by one; shrinks as much as they are late."""

    def __init__(self) -> None:
        self.limit = float(FIRST)
        self._quickest, self._before = float("inf"), float("inf")
        self._looked, self._cut = float("-inf"), float("-inf")

    def receipted(self, count: int, sent: float, under_way: int, now: float) -> None:
        """A receipt for ``count`` packs, the last of them sent at ``sent``; ``under_way`` were those without one before it."""
        seconds = now - sent
        if now - self._looked > FORGET_S:
            self._looked, self._before, self._quickest = now, self._quickest, seconds
        self._quickest = min(self._quickest, seconds)
        most = min(self._quickest, self._before) + PATIENCE_S
        if seconds > most:
            if sent >= self._cut:  # what was sent before the last cut says nothing new
                self._cut, self.limit = now, max(LEAST, self.limit * max(MOST_CUT, most / seconds))
        elif under_way >= self.limit / 2:
            self.limit += count if self._cut == float("-inf") else count / self.limit
