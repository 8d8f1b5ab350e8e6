"""River at a village's gauge: base flow, its own rain, and the wave from the villages upstream, late and flatter.

Rain over the village's catchment runs off through two linear reservoirs in a row (Nash 1957): ``k dQ/dt = I − Q``. What passes an
upstream gauge arrives ``lag`` later, through one more reservoir that flattens the wave. Stage by a rating curve,
``h = base + 0.213 (10 Q/width)^0.6`` (the exponent of Manning's formula for a wide bed). Steps are 5 minutes, joined by straight lines.
Units: m above the gauge's zero; Q in m³/s above base flow.

Source: Nash (1957) for the cascade; the rating meets a published pair of level and flow, see ``RATING``. Areas, runoff, lags and gauges are
assumptions of a scenario, no survey.
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.times import DAY, MINUTE, Duration
from kampung_sim.scenario.where import Code

STEP = 5 * MINUTE
SPIN_UP = 3 * DAY
EXPONENT, RATING = 0.6, 0.213
"""Of the rating curve, for a bed 10 m wide: Kali Bagong in Banyuwangi stood at 1.8 m with 23.1 m³/s on 17 November 2025 (DPU Pengairan)."""


class Upstream(BaseModel):
    """A gauge above this one. ``share`` of its water comes here, ``lag`` later."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    village: Code
    lag: Duration = Field(default=45 * MINUTE)
    share: float = Field(default=1.0, gt=0, le=1)


class Reach(BaseModel):
    """A village's own figures on the river, instead of the process's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    village: Code
    upstream: tuple[Upstream, ...] = ()
    area: float | None = Field(default=None, gt=0, le=500)
    base: float | None = Field(default=None, ge=-5, le=10)
    width: float | None = Field(default=None, ge=1, le=200)


class River(Process):
    """Water level at a gauge."""

    QUANTITIES: ClassVar = {"water_level": "m"}
    ROLES: ClassVar = ("rain",)

    kind: Literal["river"] = "river"
    area: float = Field(default=6.0, gt=0, le=500)
    """Square kilometres that drain to the gauge within the village."""
    runoff: float = Field(default=0.35, gt=0, le=1)
    """Share of the rain that runs off."""
    response: Duration = 40 * MINUTE
    """Time constant of each of the two reservoirs."""
    base: float = Field(default=0.4, ge=-5, le=10)
    """Metres on the gauge at base flow."""
    width: float = Field(default=10.0, ge=1, le=200)
    """Metres: a narrower bed rises higher."""
    flattening: Duration = 15 * MINUTE
    """Time constant of a wave's way from one gauge to the next."""
    reach: tuple[Reach, ...] = ()
    """Villages on one river."""
    rain: str = "rain"

    def at(self, site: Site, t: Times) -> Values:
        flow = self.flow(site, t)
        reach = self._reach(site)
        base = self.base if reach.base is None else reach.base
        width = reach.width or self.width
        ripple = 0.006 * site.dice.child("ripple").smooth(t, 3 * MINUTE)
        return {"water_level": base + RATING * (10 * flow / width) ** EXPONENT + ripple}

    def flow(self, site: Site, t: Times) -> Numbers:
        """m³/s above base flow."""
        times, flow = site.once("flow", lambda: self._flow(site))
        return np.interp(t, times, flow)

    def _reach(self, site: Site) -> Reach:
        return next((r for r in self.reach if r.village == site.village.code), Reach(village=site.village.code))

    def _flow(self, site: Site) -> tuple[Times, Numbers]:
        first = (site.start - SPIN_UP) // STEP * STEP
        times = np.arange(first, site.stop + 2 * STEP, STEP, dtype=np.int64)
        reach = self._reach(site)
        mm = np.diff(site.ask(self.rain, times)["fallen"], prepend=np.nan)
        mm[0] = 0.0
        square_km = reach.area or self.area
        inflow = np.maximum(mm, 0) * self.runoff * square_km * 1e3 / (STEP / 1000)
        own = reservoir(reservoir(inflow, self.response), self.response)
        total = own
        for above in reach.upstream:
            wave = self.flow(site.elsewhere(above.village), times - above.lag)
            total = total + above.share * reservoir(wave, self.flattening)
        return times, total


def reservoir(inflow: Numbers, constant: int) -> Numbers:
    """A linear reservoir, ``Q' = (I − Q)/k``, exact for inflow that is constant within a step; ``constant`` in ms."""
    keep = math.exp(-STEP / constant)
    out = np.empty_like(inflow)
    q = 0.0
    for i, x in enumerate(inflow.tolist()):
        q = keep * q + (1 - keep) * x
        out[i] = q
    return out
