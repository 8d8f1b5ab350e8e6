"""A field as the rules see it: what grows where, since when, in which soil."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kampung_cloud.modules.farming.crops import Crop
from kampung_cloud.modules.farming.fao56 import crop as fao_crop
from kampung_cloud.modules.farming.fao56 import dual, water
from kampung_cloud.modules.farming.soils import Soil

FIRST_ROOTS = 0.2
"""m, of a seedling (FAO-56 Annex 8 begins with 0.15 to 0.2)."""
SEEDLING = 0.05
"""m high."""
BARE = 0.15
"""Kc min of Eq. 76 where a crop's own first Kcb is that of a full grown one (perennials)."""


@dataclass(frozen=True, slots=True)
class Plot:
    """``planted`` is None where nobody has said it. ``area`` in m², ``flow`` in L/s, None where not known; ``target`` in t/ha."""

    id: str
    name: str
    crop: Crop
    soil: Soil
    planted: date | None
    area: float
    flow: float | None = None
    target: int = 6
    direct: bool = False

    def age(self, day: date) -> int | None:
        """Days since planting, or None."""
        return None if self.planted is None else (day - self.planted).days

    @property
    def length(self) -> int | None:
        """Days from planting to harvest by the table; None for a perennial."""
        return None if self.crop.stages is None else sum(self.crop.stages)


@dataclass(slots=True)
class Growth:
    """How far the plants have come; roots and height never go back."""

    roots: float
    height: float

    def plant(self, plot: Plot, day: date, wind: float, rhmin: float) -> dual.Plant:
        """The crop on a day, from roots and height as they are then."""
        crop, age = plot.crop, plot.age(day)
        if crop.stages is None or age is None:
            basal, bare = crop.kcb[1], BARE
            self.roots, self.height = crop.roots[0], crop.height
        else:
            values = (crop.kcb[0], *(fao_crop.for_climate(k, wind, rhmin, crop.height) for k in crop.kcb[1:]))
            basal, bare = fao_crop.coefficient(values, crop.stages, max(0, age)), min(BARE, crop.kcb[0])
            self.roots = fao_crop.root_depth(FIRST_ROOTS, max(FIRST_ROOTS, crop.roots[0]), basal, values, self.roots)
            self.height = fao_crop.root_depth(SEEDLING, crop.height, basal, values, self.height)
        limit = dual.upper_limit(basal, wind, rhmin, self.height)
        total = water.total_available(plot.soil.field_capacity, plot.soil.wilting_point, self.roots)
        return dual.Plant(basal, limit, dual.cover(basal, bare, limit, self.height), total, crop.p)
