"""A sample as a laboratory reports it, checked, and what the index says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.modules.waterquality.index import Conditions, Index, pollution_index
from kampung_cloud.modules.waterquality.oxygen import SHEET_MG_L, saturation
from kampung_cloud.modules.waterquality.parameters import CLASSES, Parameter, WaterClass, parameter
from kampung_cloud.modules.waterquality.units import check_possible, doubt, in_table_units

EARLIEST_MS = 946_684_800_000
"""Samples from before 2000 are a wrong year."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One value as the laboratory wrote it; ``below``: it wrote "less than", and the value is its limit of detection."""

    name: str
    value: float
    unit: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """``found`` by parameter's key in the table's units. What was under detection counts as its limit, which is the careful side."""

    village: str
    place: str
    water: WaterClass
    taken: int
    laboratory: str
    found: dict[str, float]
    below: tuple[str, ...] = ()
    water_temperature: float | None = None
    natural_temperature: float | None = None
    doubts: tuple[str, ...] = field(default=())

    @property
    def index(self) -> Index:
        """What the decree says of it."""
        oxygen = SHEET_MG_L if self.water_temperature is None else saturation(self.water_temperature)
        return pollution_index(self.water, self.found, Conditions(oxygen, self.natural_temperature))


def checked(measured: Measured, place: str) -> tuple[Parameter, float, str | None]:
    """Its parameter, its value in the table's unit, and what is doubted about it. Raises ``InvalidRequest``."""
    found = parameter(measured.name)
    value = in_table_units(found, measured.value, measured.unit)
    check_possible(found, value)
    return found, value, doubt(found, value, place)


def sample(  # noqa: PLR0917 - what a report's head has
    village: str, place: str, water: int, taken: int, laboratory: str, measured: Iterable[Measured], now: int, natural: float | None = None
) -> Sample:
    """Out of a report. A temperature is what oxygen is judged by, and by itself where ``natural`` (°C) is known. Raises ``InvalidRequest``,
    ``UnknownVillage``.
    """
    find_village(village)
    place = " ".join(place.split())
    if not place:
        raise InvalidRequest("place is empty; name where the water was taken, as 'Kali Bomo, jembatan desa'")
    if water not in CLASSES:
        raise InvalidRequest(f"class = {water!r}: write 1, 2, 3 or 4 (PP 22/2021 Lampiran VI)")
    if not EARLIEST_MS <= taken <= now:
        raise InvalidRequest(f"taken = {text(taken)}: it lies before 2000 or in the future; check the date")
    found: dict[str, float] = {}
    below: list[str] = []
    doubts: list[str] = []
    for each in measured:
        what, value, doubted = checked(each, place)
        if what.key in found:
            raise InvalidRequest(f"{each.name} is {what.key}, which the sample has already; give it once")
        found[what.key] = value
        below += [what.key] if each.below else []
        doubts += [doubted] if doubted else []
    heat = found.get("temperature")
    if natural is None:
        found.pop("temperature", None)
    made = Sample(village, place, water, taken, laboratory.strip(), found, tuple(below), heat, natural, tuple(doubts))
    try:
        made.index  # noqa: B018 - a sample of which nothing can be said is none
    except ValueError as error:
        raise InvalidRequest(str(error)) from None
    return made
