"""Wind: monsoon, sea breeze by day and land breeze by night, gusts.

Two components, so that the direction never jumps: the monsoon (from the south-east from April to October, from the north-west else)
plus a breeze off the strait with the sun, falling off inland, plus a wander. Units: m/s; degrees from which it blows, clockwise from
north (WMO-No. 8).

Source: monsoon directions as BMKG gives them for Java; strengths are assumptions.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import elevation, hour, monthly
from kampung_sim.scenario.times import DAY, HOUR, MINUTE

MONSOON = (1.4, 1.3, 0.5, -0.6, -1.5, -2.0, -2.2, -2.2, -1.8, -1.0, -0.2, 0.9)
"""m/s along south-east to north-west; above 0 from the north-west."""


class Wind(Process):
    """Wind speed and direction."""

    QUANTITIES: ClassVar = {"wind_speed": "m/s", "wind_direction": "deg"}

    kind: Literal["wind"] = "wind"
    factor: float = Field(default=1.0, ge=0, le=8)
    """Of the strength."""

    def at(self, site: Site, t: Times) -> Values:
        dice = site.dice
        monsoon = monthly(MONSOON, t) * (1 + 0.4 * site.region.smooth(t, 2 * DAY)) * 0.7071
        breeze = 2.2 * np.exp(-elevation(site.village) / 300) * np.cos((hour(t) - 14) * np.pi / 12)
        east = monsoon - breeze + 0.7 * dice.child("east").smooth(t, HOUR)
        north = -monsoon + 0.7 * dice.child("north").smooth(t, HOUR)
        gust = 1 + 0.25 * dice.child("gust").smooth(t, 2 * MINUTE)
        speed = np.hypot(east, north) * np.maximum(gust, 0.1) * self.factor
        return {"wind_speed": np.minimum(speed, 55), "wind_direction": np.degrees(np.arctan2(-east, -north)) % 360}
