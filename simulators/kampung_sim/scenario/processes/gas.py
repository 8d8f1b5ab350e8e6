"""Gases of the open air: SO2 that drifts from a crater now and then, NO2 and CO of traffic, ozone of sunny noons.

Units: ppm. ``SO2 = background + peak × gusts``: gusts are what of a slow wander stands above its mark, so that most hours have none.
Source: none of these numbers is a measurement: they are assumptions, of the order of clean country air with a volcano behind it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.dust import bump
from kampung_sim.scenario.processes.place import hour
from kampung_sim.scenario.times import HOUR

MARK = 1.2
"""Of the wander, in its own standard deviations: beyond it the plume is here."""


class Gas(Process):
    """SO2, NO2, O3 and CO."""

    QUANTITIES: ClassVar = {"so2": "ppm", "no2": "ppm", "o3": "ppm", "co": "ppm"}

    kind: Literal["gas"] = "gas"
    plume: float = Field(default=0.05, ge=0, le=100)
    """ppm of SO2 in a strong gust from the crater."""
    traffic: float = Field(default=1.0, ge=0, le=10)
    """Of NO2 and CO of the rush hours."""

    def at(self, site: Site, t: Times) -> Values:
        dice = site.dice
        gusts = np.maximum(site.region.smooth(t, 3 * HOUR) - MARK, 0) * np.exp(0.3 * dice.smooth(t, HOUR // 2))
        rush = self.traffic * (bump(hour(t), 6.7, 1.0) + 0.8 * bump(hour(t), 17.5, 1.5))
        noon = np.maximum(0, np.sin((hour(t) - 6) * np.pi / 12)) ** 2
        drift = np.exp(0.2 * dice.smooth(t, 4 * HOUR))
        return {
            "so2": np.clip(0.002 * drift + self.plume * gusts, 0, 190),
            "no2": np.clip((0.006 + 0.012 * rush) * drift, 0, 19),
            "o3": np.clip((0.012 + 0.03 * noon) * drift, 0, 19),
            "co": np.clip((0.3 + 0.5 * rush) * drift, 0, 900),
        }
