"""A register of the population: whether what the office has of a person agrees with it, field by field. It never tells what it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from kampung_cloud.registers.answer import Unanswered

Field = Literal["nik", "name", "birthplace", "born", "sex", "kk"]
Status = Literal["found", "not_found", "deceased", "several", "inactive"]

TITLES: dict[Field, str] = {
    "nik": "NIK", "name": "Nama", "birthplace": "Tempat lahir", "born": "Tanggal lahir", "sex": "Jenis kelamin", "kk": "Nomor KK",
}  # fmt: skip

STATUSES: dict[Status, str] = {
    "found": "NIK terdaftar.",
    "not_found": "NIK tidak ditemukan.",
    "deceased": "NIK tercatat atas nama orang yang sudah meninggal.",
    "several": "NIK tercatat lebih dari satu kali.",
    "inactive": "NIK tercatat tidak aktif.",
}
"""In words; every one but the first is a warning and refuses nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the office has of a person; only what is not empty is sent. ``sex``: L or P."""

    nik: str
    name: str = ""
    birthplace: str = ""
    born: date | None = None
    sex: str = ""
    kk: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those that are sent."""
        return tuple(name for name in TITLES if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Match:
    """``agrees`` is None where the register did not say; ``likeness`` in percent, where it gives one."""

    field: Field
    agrees: bool | None
    likeness: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """``matches`` in the order of ``TITLES``, of what was sent."""

    status: Status
    matches: tuple[Match, ...]
    simulated: bool = False

    @property
    def agrees(self) -> bool:
        """Whether there is nothing to look at."""
        return self.status == "found" and all(m.agrees for m in self.matches)


class PopulationRegister(Protocol):
    """Asked by many threads. What goes wrong outside comes as ``Unanswered``; nothing is raised."""

    name: str
    """For people, as *Dukcapil*."""
    connected: bool
    simulated: bool

    def verify(self, known: Known) -> Verified | Unanswered:
        """Ask for one person."""
        ...

    def close(self) -> None:
        """Give up connections."""
        ...


class NoPopulation:
    """Where none is connected."""

    name, connected, simulated = "Dukcapil", False, False

    def verify(self, known: Known) -> Verified | Unanswered:
        """Says so."""
        del known
        return Unanswered(self.name, "not_connected")

    def close(self) -> None:
        """There is nothing."""
