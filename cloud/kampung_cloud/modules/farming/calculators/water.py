"""``calc water_balance``: a day of water in the root zone."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming.fao56 import water
from kampung_cloud.modules.farming.fao56.reference import SOURCE

MILLIMETRES = {"ge": 0, "le": 2000}


class WaterInputs(Inputs):
    """Soil, crop and a day."""

    field_capacity: float = quantity("water content that the soil holds against gravity", "m³/m³", gt=0, lt=1)
    wilting_point: float = quantity("water content at which the crop can take none", "m³/m³", ge=0, lt=1)
    root_depth: float = quantity("depth of the roots", "m", gt=0, le=5)
    p: float = quantity("part of the available water that the crop takes without stress, as it is to be used", "", gt=0, lt=1)
    depletion: float = quantity("what is missing to field capacity when the day begins", "mm", ge=0)
    et0: float = quantity("reference evapotranspiration", "mm/day", ge=0, le=30)
    kc: float = quantity("crop coefficient", "", ge=0, le=2)
    rain: float = quantity("rain that entered the soil", "mm", **MILLIMETRES)
    irrigation: float = quantity("irrigation that entered the soil", "mm", **MILLIMETRES)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.wilting_point >= self.field_capacity:
            raise ValueError(
                f"wilting_point = {self.wilting_point} is not below field_capacity = {self.field_capacity}; such soil holds nothing"
            )
        total = water.total_available(self.field_capacity, self.wilting_point, self.root_depth)
        if self.depletion > total + 1e-9:
            raise ValueError(
                f"depletion = {self.depletion} mm is more than the soil can lose, {total:.1f} mm (TAW); check it, or root_depth"
            )
        return self


def _compute(given: WaterInputs) -> Result:
    total = water.total_available(given.field_capacity, given.wilting_point, given.root_depth)
    ready, crop_et = water.readily_available(total, given.p), given.kc * given.et0
    end = water.day(min(given.depletion, total), total, given.p, crop_et, rain=given.rain, irrigation=given.irrigation)
    more = {
        "taw": total, "raw": ready, "ks": end.stress, "etc": crop_et, "etc_adjusted": end.crop_et, "percolation": end.percolation,
        "p_for_this_day": water.adjusted_p(given.p, crop_et), "advice_mm": end.depletion if end.depletion >= ready else 0.0,
    }  # fmt: skip
    method = "root zone depletion at the day's end, Dr (Eq. 85), with Ks (Eq. 84) from that at its beginning"
    return Result(end.depletion, "mm", method, SOURCE, more)


EXAMPLE = {
    "field_capacity": 0.32, "wilting_point": 0.12, "root_depth": 0.8, "p": 0.4, "depletion": 67.0,
    "et0": 5, "kc": 1.2, "rain": 0, "irrigation": 0,
}  # fmt: skip
WATER_BALANCE = Calculator("water_balance", "Root zone depletion after a day", WaterInputs, _compute, EXAMPLE)
