"""What a process is, and what it is given."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, Protocol, TypeVar

from kampung_contract.villages import Village
from pydantic import BaseModel, ConfigDict

from kampung_sim.scenario.dice import Dice, Numbers, Times

Made = TypeVar("Made")
Scope = Literal["village", "node", "device"]
Values = dict[str, Numbers]
"""Quantity to numbers, one for each time asked, in the catalogue's unit. NaN where the process has no value."""


class Site(Protocol):
    """Where a process is asked: a village, and the device that asks.

    ``start`` and ``stop`` of the scenario in ms UTC; ``every`` between two readings of the device, ms.
    """

    @property
    def village(self) -> Village: ...

    @property
    def start(self) -> int: ...

    @property
    def stop(self) -> int: ...

    @property
    def every(self) -> int: ...

    @property
    def dice(self) -> Dice:
        """Of this process in this village: all its devices see the same."""

    @property
    def kiosk(self) -> Dice:
        """Of this process at this node."""

    @property
    def own(self) -> Dice:
        """Of this device alone: two probes in one village stand in different soil."""

    @property
    def region(self) -> Dice:
        """Of this process in the whole regency."""

    def wants(self, *quantities: str) -> bool:
        """Whether one of these is asked for; others may be left out."""

    def elsewhere(self, village: str) -> Site:
        """This process in another village."""

    def ask(self, process: str, t: Times) -> Values:
        """Another process here. Beside its quantities it may give numbers that only processes ask for."""

    def once(self, what: str, make: Callable[[], Made], scope: Scope = "village") -> Made:
        """Made at the first call and kept for this process in this village, at this node, or for this device."""


class Process(BaseModel):
    """Parameters, and the values that follow from them. ``source``: where a scenario's parameters come from."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    QUANTITIES: ClassVar[Mapping[str, str]] = {}
    """Quantity to unit."""
    ROLES: ClassVar[tuple[str, ...]] = ()
    """Fields that name another process."""

    SHARED: ClassVar[bool] = True
    """Whether all devices of a village see the same."""

    source: str = ""
    """Where these parameters come from."""

    @abstractmethod
    def at(self, site: Site, t: Times) -> Values:
        """True values at ``t`` (ms UTC, rising), whatever was asked before."""
