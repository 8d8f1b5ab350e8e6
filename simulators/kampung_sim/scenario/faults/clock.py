"""What an edge's clock says while faults are at it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kampung_sim.scenario.dice import Times
from kampung_sim.scenario.faults.effect import Effect


def told(effects: Sequence[Effect], t: Times) -> Times:
    """The clock's time at true times ``t``, ms UTC. Outside all faults it is right."""
    out = t.copy()
    for effect in effects:
        on = (t >= effect.begin) & (t < effect.end)
        if effect.kind == "clock-step":
            out += np.where(on, round(effect.get("seconds") * 1000), 0)
        elif effect.kind == "clock-skew":
            out += np.where(on, np.rint((t - effect.begin) * effect.get("ppm") / 1e6).astype(np.int64), 0)
    return out
