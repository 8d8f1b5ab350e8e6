"""River water's quality: temperature, oxygen, acidity, salts, turbidity.

Temperature is the air's mean of the day around plus a small, late daily wave. Oxygen is a share of saturation, more by day (plants breathe
out), less when the river is turbid. Rain thins the salts and stirs up mud: turbidity ``T0 (1 + 12 r)``, conductivity ``σ0/(1 + 0.5 r)``,
r the rise of the river in m. Units: °C, mg/L, pH, µS/cm, NTU.

Source: Benson and Krause (1984), as in APHA 4500-O, for saturation; levels are assumptions of the simulation, no norm of quality.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import hour
from kampung_sim.scenario.times import DAY, HOUR


class Water(Process):
    """Quality of river water."""

    QUANTITIES: ClassVar = {
        "water_temperature": "Cel",
        "ph": "pH",
        "dissolved_oxygen": "mg/L",
        "conductivity": "uS/cm",
        "turbidity": "NTU",
    }
    ROLES: ClassVar = ("air", "river")

    kind: Literal["water"] = "water"
    ph: float = Field(default=7.3, ge=2, le=11)
    """At base flow; Banyupait below Ijen is really below 4."""
    conductivity: float = Field(default=260.0, gt=0, le=50_000)
    """At base flow, µS/cm."""
    turbidity: float = Field(default=8.0, gt=0, le=1000)
    """At base flow, NTU."""
    saturation: float = Field(default=0.88, gt=0, le=1.2)
    """Share of oxygen saturation, mean of the day."""
    air: str = "air"
    river: str = "river"

    def at(self, site: Site, t: Times) -> Values:
        dice = site.dice
        rise = np.maximum(site.ask(self.river, t)["water_level"] - self._base(site), 0)
        temperature = self._temperature(site, t)
        muddy = 1 + 12 * rise
        by_day = 0.10 * np.cos((hour(t) - 14.5) * np.pi / 12) / np.sqrt(muddy)
        share = np.clip(self.saturation + by_day + 0.02 * dice.child("oxygen").smooth(t, 2 * HOUR) - 0.05 * np.log(muddy), 0.1, 1.3)
        return {
            "water_temperature": temperature,
            "ph": np.clip(
                self.ph + 0.15 * np.cos((hour(t) - 15) * np.pi / 12) - 0.1 * rise + 0.03 * dice.child("ph").smooth(t, HOUR), 1, 12
            ),
            "dissolved_oxygen": share * saturated(temperature),
            "conductivity": self.conductivity / (1 + 0.5 * rise) * (1 + 0.02 * dice.child("salt").smooth(t, 3 * HOUR)),
            "turbidity": np.minimum(self.turbidity * muddy * np.exp(0.12 * dice.child("mud").smooth(t, HOUR // 2)), 3900),
        }

    def _base(self, site: Site) -> float:
        """The gauge at its lowest within the scenario's first day and before."""
        times = np.arange(site.start - DAY, site.start + DAY, HOUR, dtype=np.int64)
        return site.once("base", lambda: float(site.ask(self.river, times)["water_level"].min()))

    def _temperature(self, site: Site, t: Times) -> Numbers:
        def means() -> tuple[Times, Numbers]:
            days = np.arange(site.start // DAY * DAY - 2 * DAY, site.stop + 2 * DAY, DAY, dtype=np.int64)
            hours = (days[:, None] + np.arange(0, DAY, 3 * HOUR)).ravel()
            return days + DAY // 2, site.ask(self.air, hours)["air_temperature"].reshape(len(days), -1).mean(axis=1)

        times, mean = site.once("day-mean", means)
        return np.interp(t, times, mean) - 0.8 + 1.1 * np.cos((hour(t) - 16) * np.pi / 12) + 0.05 * site.dice.smooth(t, HOUR)


def saturated(celsius: Numbers) -> Numbers:
    """Oxygen saturation of fresh water at sea level in mg/L, Benson and Krause (1984): 8.26 at 25 °C."""
    k = celsius + 273.15
    return np.exp(-139.34411 + 1.575701e5 / k - 6.642308e7 / k**2 + 1.243800e10 / k**3 - 8.621949e11 / k**4)
