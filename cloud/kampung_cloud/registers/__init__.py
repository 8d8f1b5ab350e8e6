"""Registers that others keep: Dukcapil's of the population, DTSEN of families' welfare. Asked for one person at a time, never copied.

A register that nobody has connected answers that it is not, and the office goes on by hand (docs/registers.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from kampung_cloud.registers.dtsen import Dtsen
from kampung_cloud.registers.dukcapil import Dukcapil
from kampung_cloud.registers.population import NoPopulation, PopulationRegister
from kampung_cloud.registers.settings import RegisterSettings
from kampung_cloud.registers.welfare import NoWelfare, WelfareRegister


@dataclass(frozen=True, slots=True)
class Registers:
    """What this installation can ask."""

    population: PopulationRegister
    welfare: WelfareRegister


def opened(settings: RegisterSettings) -> Registers:
    """Adapters for what is configured; nothing is asked yet."""
    return Registers(
        NoPopulation() if settings.dukcapil is None else Dukcapil(settings.dukcapil),
        NoWelfare() if settings.dtsen is None else Dtsen(settings.dtsen),
    )
