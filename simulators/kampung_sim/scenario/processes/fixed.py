"""A value that stands still, or wanders a little: for a bench test. ``value + wander × smooth``; the unit is the quantity's own."""

from __future__ import annotations

from typing import ClassVar, Literal

from kampung_contract.quantities import catalogue
from pydantic import Field, field_validator

from kampung_sim.scenario.dice import Times
from kampung_sim.scenario.mistake import nearest
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.times import HOUR, Duration


class Fixed(Process):
    """Any quantity, at the value a technician chooses."""

    SHARED: ClassVar = False
    kind: Literal["fixed"] = "fixed"
    values: dict[str, float] = Field(default={})
    """Quantity to value."""
    wander: float = Field(default=0.0, ge=0)
    """Deviation from it, in the quantity's unit."""
    period: Duration = HOUR
    """How slowly it wanders."""

    @field_validator("values")
    @classmethod
    def _known(cls, values: dict[str, float]) -> dict[str, float]:
        for name in values:
            if name not in catalogue():
                raise ValueError(f"there is no quantity {name!r}; {nearest(name, catalogue())}")
        return values

    def at(self, site: Site, t: Times) -> Values:
        return {n: v + self.wander * site.own.child(n).smooth(t, self.period) for n, v in self.values.items()}
