"""A person as the register is told of him, and as it tells of him."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Person:
    """What is said of a person. ``nik`` and ``kk`` are digits or empty; ``contacts``: phone, email; ``details``: whatever else is kept."""

    village: str
    name: str
    sex: str = ""
    born: date | None = None
    birthplace: str = ""
    nik: str = ""
    kk: str = ""
    relation: str = ""
    hamlet: str = ""
    rt: str = ""
    rw: str = ""
    state: str = "tinggal"
    address: str = ""
    contacts: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    details: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    found: tuple[str, ...] = ()
    """Doubts that were found where he was read from."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of the register, opened. ``doubts`` are codes; ``family`` names his family."""

    id: int
    person: Person
    family: int | None
    doubts: tuple[str, ...]
    created: int
    changed: int
