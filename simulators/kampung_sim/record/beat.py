"""When a device was read: its beat, and every reading laid onto it. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MINUTE = 60_000
NEAR = 0.02
"""By so much of itself a beat is off a whole second and still meant to be one."""


def beat(t: NDArray[np.int64]) -> int:
    """Milliseconds between two readings: the middle of the steps, whole seconds where it is near them; a minute where it cannot be told."""
    steps = np.diff(np.unique(t))
    if not steps.size:
        return MINUTE
    middle = int(np.median(steps))
    whole = round(middle / 1000) * 1000
    if whole and abs(middle - whole) <= max(50, NEAR * whole):
        return whole
    return max(10, round(middle / 10) * 10)


def laid(t: NDArray[np.int64], every: int) -> NDArray[np.int64]:
    """Times on whole multiples of ``every``, as a simulated edge reads: what lies between an edge's beat and its stamp is taken away."""
    turn: Any = np.exp(2j * np.pi * (t % every) / every).mean()
    phase = round(float(np.angle(turn)) / (2 * np.pi) * every) if abs(turn) > 1e-6 else 0
    return (t - phase + every // 2) // every * every
