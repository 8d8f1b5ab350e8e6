"""``calc et0``: reference evapotranspiration of a day."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import model_validator

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming.fao56.reference import SOURCE, Weather, reference

TEMPERATURE = {"ge": -60, "le": 60}
PERCENT = {"ge": 0, "le": 100}


class Et0Inputs(Inputs):
    """A day of weather: rhmin and rhmax, or rh; sunshine or solar. What is left out is estimated, and the answer says how."""

    date: dt.date = quantity("the day", "ISO 8601")
    latitude: float = quantity("north is positive, south of the equator is negative: Banyuwangi is -8.2", "degrees", ge=-90, le=90)
    altitude: float = quantity("above the sea", "m", ge=-430, le=9000)
    tmin: float = quantity("lowest temperature of the day", "°C", **TEMPERATURE)
    tmax: float = quantity("highest temperature of the day", "°C", **TEMPERATURE)
    rhmin: float | None = quantity("lowest relative humidity, with rhmax", "%", None, **PERCENT)
    rhmax: float | None = quantity("highest relative humidity", "%", None, **PERCENT)
    rh: float | None = quantity("mean relative humidity, in place of rhmin and rhmax", "%", None, **PERCENT)
    wind: float | None = quantity("mean wind speed at wind_height", "m/s", None, ge=0, le=75)
    wind_height: float | None = quantity("height of the anemometer above the ground; 2 when left out", "m", None, ge=0.5, le=200)
    sunshine: float | None = quantity("hours of bright sunshine", "h", None, ge=0, le=24)
    solar: float | None = quantity("solar radiation at the ground, in place of sunshine", "MJ/m²/day", None, ge=0, le=50)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.rh is not None and (self.rhmin is not None or self.rhmax is not None):
            raise ValueError(f"rh = {self.rh} stands beside rhmin or rhmax; give the mean or the two extremes")
        if self.sunshine is not None and self.solar is not None:
            raise ValueError(f"sunshine = {self.sunshine} stands beside solar = {self.solar}; give one of them")
        if self.wind_height is not None and self.wind is None:
            raise ValueError(f"wind_height = {self.wind_height} without wind; give wind, or leave both out")
        return self


def _compute(given: Et0Inputs) -> Result:
    plain = given.model_dump(exclude={"date", "wind_height"})
    found = reference(Weather(day=given.date, wind_height=2.0 if given.wind_height is None else given.wind_height, **plain))
    notes = list(found.estimated)
    if given.wind is not None and given.wind_height is None:
        notes.append("wind_height: not given, 2 m")
    return Result(found.et0, "mm/day", found.method, SOURCE, {"estimated": notes, "terms": found.terms})


EXAMPLE = {
    "date": "2015-07-06", "latitude": 50.8, "altitude": 100, "tmin": 12.3, "tmax": 21.5,
    "rhmin": 63, "rhmax": 84, "wind": 2.78, "wind_height": 10, "sunshine": 9.25,
}  # fmt: skip
ET0 = Calculator("et0", "Reference evapotranspiration of a day", Et0Inputs, _compute, EXAMPLE)
