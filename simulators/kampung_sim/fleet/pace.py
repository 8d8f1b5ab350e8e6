"""Two times: the scenario's, which is what readings are stamped with, and the machine's, which carries them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """From ``start`` to ``stop`` (ms UTC), ``rate`` times as fast as the machine's clock since ``begun`` (monotonic, s)."""

    start: int
    stop: int
    rate: float
    monotonic: Callable[[], float] = time.monotonic
    begun: float = field(default=0.0)

    def now(self) -> int:
        """Scenario time, ms UTC; stands still before the beginning and at the end."""
        return min(self.stop, self.start + max(0, round((self.monotonic() - self.begun) * 1000 * self.rate)))

    def seconds(self, ms: int) -> float:
        """True seconds that so many of the scenario's milliseconds take."""
        return ms / 1000 / self.rate

    @property
    def over(self) -> bool:
        """Whether the scenario's end has come."""
        return self.now() >= self.stop
