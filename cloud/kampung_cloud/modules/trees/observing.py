"""What is known of a tree and of those who look at it, as the rule sees it: frozen values without a database behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from kampung_cloud.same_name import plain

Kind = Literal["height", "collar", "dbh"]
UNITS: dict[Kind, str] = {"height": "m", "collar": "mm", "dbh": "cm"}
"""Height over ground; diameter of the stem at the ground; diameter at breast height (1.3 m)."""
Damage = Literal["none", "light", "moderate", "heavy"]
EARTH_M = 6_371_008.8
"""Mean radius, IUGG."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as far as it is known: an account, a keyed hash of a phone number, a name. What is not known is empty."""

    account: str = ""
    phone: str = ""
    name: str = ""

    def may_be(self, other: Person) -> bool:
        """Whether the two may be one person: the same account, phone or name. Two people of one name are told apart by nobody here."""
        same_name = bool(self.name.strip()) and plain(self.name) == plain(other.name)
        return bool(self.account and self.account == other.account) or bool(self.phone and self.phone == other.phone) or same_name


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees (WGS 84), and ``accuracy`` in metres as phones tell it: 95 % of fixes are nearer (W3C Geolocation)."""

    latitude: float
    longitude: float
    accuracy: float

    def away(self, other: Place) -> float:
        """Metres along the ground, on a sphere."""
        north = math.radians(other.latitude - self.latitude)
        east = math.radians(other.longitude - self.longitude) * math.cos(math.radians((self.latitude + other.latitude) / 2))
        return EARTH_M * math.hypot(north, east)

    @property
    def sigma(self) -> float:
        """One standard error in metres."""
        return self.accuracy / 2


@dataclass(frozen=True, slots=True)
class Measure:
    """``value`` in the unit of ``UNITS``, ``error`` one standard error in the same."""

    kind: Kind
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Photo:
    """``taken`` in ms UTC, None where nothing says when. ``alike``: the photo that is the same or nearly, empty for none.

    ``blank``: there is too little in it to be told from others.
    """

    taken: int | None
    alike: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as it was registered. ``planted`` is ms UTC of that day's local midnight; ``place`` None until a visit brings one."""

    code: str
    species: str
    fast: bool
    planted: int
    planter: Person
    place: Place | None = None
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """A visit: from ``began`` to ``ended`` by the phone's clock, ``received`` by ours (ms UTC).

    ``scanned``: the tag's code was read at the tree, not chosen from a list. ``species`` is empty where the verifier could not tell.
    """

    id: str
    verifier: Person
    began: int
    ended: int
    received: int
    scanned: bool
    place: Place | None
    species: str
    alive: bool
    damage: Damage
    measures: tuple[Measure, ...]
    photo: Photo | None

    def measured(self, kind: Kind) -> Measure | None:
        """What was measured of one kind."""
        return next((m for m in self.measures if m.kind == kind), None)
