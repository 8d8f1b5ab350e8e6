"""Work that is done again and again beside everything else."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

STOP_S = 30.0


class Rounds(ABC):
    """A thread that makes a round at once, and the next when the last one said. ``start`` and ``stop`` are called once each."""

    def __init__(self, name: str) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def round(self) -> float:
        """Do it; seconds until the next. What it raises ends the thread."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the round that is under way. Does nothing where it was never started."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopping.wait(self.round()):
            pass
