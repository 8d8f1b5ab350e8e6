"""What devices measure. A process gives its true values at any time, from the scenario's seed alone; one module a process.

A new one: a module with a ``Process``, its line in ``KINDS``, a test of its range and continuity in tests/sim/scenario.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kampung_sim.scenario.processes.air import Air
from kampung_sim.scenario.processes.base import Process as Process
from kampung_sim.scenario.processes.dust import Dust
from kampung_sim.scenario.processes.fixed import Fixed
from kampung_sim.scenario.processes.gas import Gas
from kampung_sim.scenario.processes.power import Power
from kampung_sim.scenario.processes.rain import Rain
from kampung_sim.scenario.processes.river import River
from kampung_sim.scenario.processes.sea import Sea
from kampung_sim.scenario.processes.soil import Soil
from kampung_sim.scenario.processes.visitors import Visitors
from kampung_sim.scenario.processes.water import Water
from kampung_sim.scenario.processes.wind import Wind

AnyProcess = Annotated[
    Air | Rain | Wind | Soil | River | Sea | Dust | Gas | Water | Power | Visitors | Fixed,
    Field(discriminator="kind"),
]
KINDS: dict[str, type[Process]] = {
    "air": Air,
    "rain": Rain,
    "wind": Wind,
    "soil": Soil,
    "river": River,
    "sea": Sea,
    "dust": Dust,
    "gas": Gas,
    "water": Water,
    "power": Power,
    "visitors": Visitors,
    "fixed": Fixed,
}
"""In the order in which a device without ``measures`` looks for its quantities."""
