"""Recordings of real devices in place of processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.plan import Device


@dataclass(frozen=True)
class Track:
    """One column over the scenario's time. ``t`` rising, ms UTC; a hole wider than ``bridge`` ms is a hole; ``loop`` ms, 0 for none."""

    t: Times
    v: Numbers
    bridge: int
    loop: int = 0

    def at(self, t: Times) -> Numbers:
        """Straight lines between neighbours; NaN in holes and outside."""
        if self.loop:
            t = self.t[0] + (t - self.t[0]) % self.loop
        after = np.clip(np.searchsorted(self.t, t), 1, len(self.t) - 1) if len(self.t) > 1 else np.zeros(t.shape, np.int64)
        before = np.maximum(after - 1, 0)
        value = np.interp(t, self.t, self.v, left=np.nan, right=np.nan)
        hole = (self.t[after] - self.t[before] > self.bridge) & (t != self.t[before]) & (t != self.t[after])
        return np.where(hole, np.nan, value)


@dataclass(frozen=True)
class Recordings:
    """``tracks`` by node, device and quantity; an empty node stands for every node."""

    tracks: Mapping[tuple[str, str, str], Track] = field(default_factory=dict)

    def at(self, device: Device, quantity: str, t: Times) -> Numbers | None:
        """None where nothing is recorded for it."""
        track = self.tracks.get((device.node, device.name, quantity)) or self.tracks.get(("", device.name, quantity))
        return None if track is None else track.at(t)
