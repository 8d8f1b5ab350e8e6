"""Whether a recording run again delivers what was recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kampung_sim.record.draw import Drawn
from kampung_sim.scenario.load import Loaded

SAME = 1e-9


@dataclass(frozen=True)
class Verdict:
    """Of ``readings``: ``lost`` are not delivered again, ``invented`` were never recorded, ``other`` differ, by at most ``most``."""

    readings: int
    lost: int
    invented: int
    other: int
    most: float
    where: str

    @property
    def same(self) -> bool:
        """Nothing differs."""
        return not (self.lost or self.invented or self.other)


def verify(loaded: Loaded, drawn: Drawn) -> Verdict:
    """Every device of the scenario over its whole time against the rows."""
    world, plan = loaded.world(), loaded.plan
    lost = invented = other = 0
    most, where = 0.0, ""
    for device in plan.devices:
        t = device.times(plan.start, plan.stop)
        again = device.delivered(world.read(device, t, frames=True).sent)
        for quantity, (values, _) in again.items():
            at, v = drawn.rows.get((device.node, device.name, quantity), (np.zeros(0, np.int64), np.zeros(0)))
            there = ~np.isnan(values)
            both, mine, theirs = np.intersect1d(at, t[there], assume_unique=True, return_indices=True)
            lost += len(at) - len(both)
            invented += int(there.sum()) - len(both)
            off = np.abs(v[mine] - values[there][theirs])
            other += int((off > SAME).sum())
            if off.size and float(off.max()) > max(most, SAME):
                most, where = float(off.max()), f"{device.node}/{device.name}/{quantity}"
    return Verdict(drawn.readings, lost, invented, other, most, where)
