"""The kiosk's mains: voltage that sags in the evening, the kiosk's draw, its energy.

``U = 221 − sag × evening(hour) + wander``; draw is 28 W at rest and 47 W more while a resident uses it (panel bright, printer warm), as
a share of the last quarter of an hour; ``I = P/(U·pf)``. Energy is the sum of the draw by the minute since the start. Units: V, A, W,
kWh, Hz.

Source: SPLN 1: 230 V within +5 and −10 %, 50 Hz; draw and sag are assumptions.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.dust import bump
from kampung_sim.scenario.processes.place import hour
from kampung_sim.scenario.times import HOUR, MINUTE, SECOND


class Power(Process):
    """A kiosk's mains and what it draws."""

    QUANTITIES: ClassVar = {
        "supply_voltage": "V",
        "current": "A",
        "power": "W",
        "energy": "kWh",
        "frequency": "Hz",
        "power_factor": "1",
    }
    ROLES: ClassVar = ("visitors",)

    SHARED: ClassVar = False
    kind: Literal["power"] = "power"
    sag: float = Field(default=9.0, ge=0, le=80)
    """Volts lost in the evening."""
    rest: float = Field(default=28.0, gt=0, le=2000)
    """Watts while nobody uses the kiosk."""
    use: float = Field(default=47.0, ge=0, le=5000)
    """Watts more while somebody does."""
    visitors: str = "visitors"

    def at(self, site: Site, t: Times) -> Values:
        dice = site.kiosk
        voltage = 221 - self.sag * bump(hour(t), 19, 2.5) + 1.6 * site.dice.smooth(t, HOUR) + 0.4 * dice.smooth(t, 20 * SECOND)
        power = self._power(site, t) * (1 + 0.02 * dice.child("draw").smooth(t, MINUTE))
        factor = np.clip(0.62 + 0.004 * (power - self.rest), 0.5, 0.95)
        times, sums = site.once("energy", lambda: self._energy(site), "node")
        return {
            "supply_voltage": voltage,
            "current": power / (voltage * factor),
            "power": power,
            "energy": np.interp(t, times, sums),
            "frequency": 50 + 0.06 * site.region.smooth(t, 5 * MINUTE),
            "power_factor": factor,
        }

    def _power(self, site: Site, t: Times) -> Numbers:
        return self.rest + self.use * site.ask(self.visitors, t)["used"]

    def _energy(self, site: Site) -> tuple[Times, Numbers]:
        times = np.arange(site.start, site.stop + 2 * MINUTE, MINUTE, dtype=np.int64)
        return times, np.concatenate(([0.0], np.cumsum(self._power(site, times[:-1])))) / 60_000
