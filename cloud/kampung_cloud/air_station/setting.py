"""``[[air]]`` of the cloud's configuration: devices that measure the air of one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from kampung_contract.errors import UnknownVillage
from kampung_contract.villages import village
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Area = Literal[
    "permukiman",
    "perdagangan",
    "perkantoran",
    "ruang-terbuka-hijau",
    "industri",
    "pemerintahan",
    "rekreasi",
    "rumah-sakit",
    "sekolah",
    "ibadah",
]
"""What a place is used for, by which noise is judged (Kep-48/1996)."""


def _village(value: str) -> str:
    try:
        return village(value).code
    except UnknownVillage as error:
        raise ValueError(error.message) from None


class Crater(BaseModel):
    """The crater a station stands near, and which of its devices measures sulphur dioxide (``so2``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=60)]
    device: Annotated[str, Field(min_length=1, max_length=64)]


class AirStation(BaseModel):
    """A station: ``devices`` of a ``node`` that stand at one place. Those that no station names are each one of their own.

    Near a ``crater`` acute levels of sulphur dioxide raise alarms.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    village: Annotated[str, AfterValidator(_village)]
    title: Annotated[str, Field(min_length=1, max_length=100)]
    node: Annotated[str, Field(min_length=1, max_length=64)]
    devices: Annotated[tuple[str, ...], Field(min_length=1)]
    crater: Crater | None = None
    area: Area = "permukiman"

    @model_validator(mode="after")
    def _own(self) -> Self:
        if self.crater is not None and self.crater.device not in self.devices:
            raise ValueError(f"crater.device = {self.crater.device!r} is none of its devices ({', '.join(self.devices)}); name one of them")
        return self


def check_stations(stations: Iterable[AirStation]) -> None:
    """Raises ``ValueError`` where two have one id, or claim one device."""
    stations = tuple(stations)
    twice = [name for name, count in Counter(s.id for s in stations).items() if count > 1]
    if twice:
        raise ValueError(f"two [[air]] tables have the id {twice[0]!r}; give each its own")
    claimed = [name for name, count in Counter((s.node, d) for s in stations for d in s.devices).items() if count > 1]
    if claimed:
        raise ValueError(f"device {claimed[0][1]!r} of {claimed[0][0]!r} stands in two [[air]] tables; it can only be at one place")
