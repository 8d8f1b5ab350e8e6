"""A register of families' welfare: the decile that BPS computed for a family. Staff see it; it decides nothing (UU 27/2022 Ps 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kampung_cloud.registers.answer import Unanswered


@dataclass(frozen=True, slots=True)
class Decile:
    """``decile`` 1 (poorest) to 10, None for a family that is not in the register; ``as_of``: the day it was computed for."""

    decile: int | None
    as_of: date | None
    simulated: bool = False


class WelfareRegister(Protocol):
    """Asked by many threads. What goes wrong outside comes as ``Unanswered``; nothing is raised."""

    name: str
    """For people, as *DTSEN*."""
    connected: bool
    simulated: bool

    def decile(self, nik: str) -> Decile | Unanswered:
        """Of the family of whoever bears the NIK."""
        ...

    def close(self) -> None:
        """Give up connections."""
        ...


class NoWelfare:
    """Where none is connected."""

    name, connected, simulated = "DTSEN", False, False

    def decile(self, nik: str) -> Decile | Unanswered:
        """Says so."""
        del nik
        return Unanswered(self.name, "not_connected")

    def close(self) -> None:
        """There is nothing."""
