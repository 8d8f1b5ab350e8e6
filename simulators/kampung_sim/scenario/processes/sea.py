"""Sea level on the strait: seven tidal constituents and a little surge.

``h = mean + Σ Hn cos(ωn t − gn) + surge``. Speeds are those of the astronomical constituents. Units: m above the gauge's zero.

Source: amplitudes of Benoa, Bali, by least squares over 18.6 years' constituents (M2 0.644, S2 0.373, N2 0.116, K2 0.106, K1 0.252, O1
0.160, P1 0.071 m; thesis on lowest astronomical tide, table 3, Institut Pertanian Bogor), the nearest published ones found for the Bali
Strait: indicative there. Phases are assumptions: times of high water are not those of a tide table. Speeds: Schureman 1940.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.times import DAY, HOUR, MINUTE

CONSTITUENTS: dict[str, tuple[float, float, float]] = {
    "M2": (0.644, 28.9841042, 40.0),
    "S2": (0.373, 30.0000000, 85.0),
    "N2": (0.116, 28.4397295, 20.0),
    "K2": (0.106, 30.0821373, 80.0),
    "K1": (0.252, 15.0410686, 210.0),
    "O1": (0.160, 13.9430356, 190.0),
    "P1": (0.071, 14.9589314, 208.0),
}
"""Amplitude in m, speed in degrees an hour, phase in degrees against 1 January 1970 UTC."""


class Sea(Process):
    """Sea level."""

    QUANTITIES: ClassVar = {"water_level": "m"}

    kind: Literal["sea"] = "sea"
    mean: float = Field(default=1.6, ge=-5, le=10)
    """Mean sea level on the gauge, m."""
    factor: float = Field(default=0.8, ge=0, le=3)
    """Of the amplitudes: the strait is narrower than the sea at Benoa."""
    surge: float = Field(default=0.05, ge=0, le=2)
    """Deviation of what weather adds, m."""

    def at(self, site: Site, t: Times) -> Values:
        hours = t / HOUR
        level = self.mean + self.surge * site.region.child("surge").smooth(t, DAY)
        for amplitude, speed, phase in CONSTITUENTS.values():
            level = level + self.factor * amplitude * np.cos(np.radians((speed * hours - phase) % 360))
        return {"water_level": level + 0.01 * site.dice.child("wave").smooth(t, MINUTE)}
