"""A fault in force: what, from when to when, how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kampung_sim.scenario.faults.catalogue import KINDS, Kind, Layer


@dataclass(frozen=True, slots=True)
class Effect:
    """``begin`` to before ``end`` in ms UTC of the scenario's time; ``number`` is its place in the file, or counts on for those by key."""

    kind: str
    begin: int
    end: int
    number: int
    parameters: Mapping[str, float] = field(default_factory=dict)
    quantities: tuple[str, ...] = ()
    """Empty: all."""

    @property
    def about(self) -> Kind:
        """The kind's entry in the catalogue."""
        return KINDS[self.kind]

    @property
    def layer(self) -> Layer:
        """What it happens to."""
        return KINDS[self.kind].layer

    def get(self, parameter: str) -> float:
        """As the scenario says, else the kind's default."""
        return self.parameters.get(parameter, KINDS[self.kind].parameters[parameter].default)

    def touches(self, quantity: str) -> bool:
        """Whether it concerns this quantity."""
        return not self.quantities or quantity in self.quantities

    def on(self, at: int) -> bool:
        """Whether it is in force at a time."""
        return self.begin <= at < self.end
