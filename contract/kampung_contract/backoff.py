"""How long to wait before something that failed is tried again."""

from random import SystemRandom

_DICE = SystemRandom()  # its own: what others do with Python's common generator neither repeats nor disturbs it


class Backoff:
    """Pauses that double from ``first`` to ``longest`` seconds, each cut by chance to between ``least`` of it and the whole of it.

    With ``least`` 0 (full jitter) programs that lost the same server together do not come back together.
    """

    def __init__(self, first: float, longest: float, least: float = 0.5) -> None:
        self._first, self._longest, self._least = first, longest, least
        self._next = first

    def forgive(self) -> None:
        """It went well: begin again with the shortest pause."""
        self._next = self._first

    def pause(self) -> float:
        """Seconds to wait now."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return pause * _DICE.uniform(self._least, 1.0)
