"""``calc heat_index``, ``calc vpd`` and ``calc gdd``."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.heat_index import ADVICE, TITLES, heat_class, heat_index
from kampung_cloud.heat_index import SOURCE as HEAT_SOURCE
from kampung_cloud.modules.farming.fao56.reference import SOURCE
from kampung_cloud.modules.farming.growth import degree_days
from kampung_cloud.modules.farming.heat import vapour_deficit

STRESS, COMFORT = 2.0, (0.4, 1.2)
"""kPa; common in horticulture, mark K."""


class AirInputs(Inputs):
    """Air in the shade."""

    temperature: float = quantity("of the air, in the shade", "°C", ge=-60, le=60)
    humidity: float = quantity("relative humidity", "%", ge=0, le=100)


class DegreeDayInputs(Inputs):
    """A day's temperatures, and between which the crop grows."""

    tmin: float = quantity("lowest temperature of the day", "°C", ge=-60, le=60)
    tmax: float = quantity("highest temperature of the day", "°C", ge=-60, le=60)
    base: float = quantity("below it the crop does not grow", "°C", ge=-10, le=40)
    cap: float = quantity("above it more warmth does not help", "°C", ge=0, le=60)

    @model_validator(mode="after")
    def _orders(self) -> Self:
        if self.tmin > self.tmax:
            raise ValueError(f"tmin = {self.tmin} °C is above tmax = {self.tmax} °C; swap them or check the sensor")
        if self.base >= self.cap:
            raise ValueError(f"base = {self.base} °C is not below cap = {self.cap} °C; a crop grows between them")
        return self


def _heat_index(given: AirInputs) -> Result:
    value, how = heat_index(given.temperature, given.humidity)
    category = heat_class(value)
    return Result(
        value, "°C", f"heat index, {how}", HEAT_SOURCE, {"category": category, "title": TITLES[category], "advice": ADVICE[category]}
    )


def _vpd(given: AirInputs) -> Result:
    value = vapour_deficit(given.temperature, given.humidity)
    category = "stress" if value > STRESS else "dry" if value > COMFORT[1] else "comfortable" if value >= COMFORT[0] else "humid"
    return Result(value, "kPa", "vapour pressure deficit, e°(T)·(1 − RH/100), Eq. 11", SOURCE, {"category": category})


def _gdd(given: DegreeDayInputs) -> Result:
    value = degree_days(given.tmin, given.tmax, given.base, given.cap)
    return Result(
        value,
        "°C·day",
        "growing degree days, (min(Tmax, cap) + max(Tmin, base)) / 2 − base, not below 0",
        "McMaster and Wilhelm (1997), method 2",
    )


HEAT_INDEX = Calculator("heat_index", "Felt temperature", AirInputs, _heat_index, {"temperature": 32, "humidity": 70})
VPD = Calculator("vpd", "Vapour pressure deficit", AirInputs, _vpd, {"temperature": 30, "humidity": 60})
GDD = Calculator("gdd", "Growing degree days of a day", DegreeDayInputs, _gdd, {"tmin": 23, "tmax": 32, "base": 8, "cap": 42})
