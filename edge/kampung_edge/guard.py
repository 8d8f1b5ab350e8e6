"""Sensors that guard outputs: when each was last heard with a reading that passed quality control."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable

from kampung_contract.pack import FAIL, MISSING


class Guards:
    """Told of every reading by the ports' threads, asked by the outputs'."""

    def __init__(self, watched: Iterable[tuple[str, str]], now: Callable[[], float] = time.monotonic) -> None:
        """``watched`` are (device, quantity)."""
        self._now = now
        self._heard: dict[tuple[str, str], float] = dict.fromkeys(watched, -math.inf)

    def heard(self, device: str, quantity: str, flag: int) -> None:
        """A reading came; one that failed quality control is no sign of a sensor that works."""
        if flag not in (FAIL, MISSING) and (device, quantity) in self._heard:
            self._heard[device, quantity] = self._now()

    def silent(self, series: tuple[str, str]) -> float:
        """Seconds since it was last heard; infinite when it never was."""
        return self._now() - self._heard[series]
