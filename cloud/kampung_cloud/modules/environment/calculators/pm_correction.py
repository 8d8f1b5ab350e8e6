"""``calc pm_correction``."""

from __future__ import annotations

from typing import Literal

from kampung_contract.pm_correction import method

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity


class DustInputs(Inputs):
    """What a PMS5003 shows, and how humid the air is that it sucks in."""

    pm25: float = quantity("PM2.5 as the sensor shows it", "µg/m³", ge=0, le=1000)
    humidity: float = quantity("relative humidity of the same air", "%", ge=0, le=100)
    method: Literal["epa-2021", "barkjohn-2021"] = quantity("which correction", "", default="epa-2021")


def _correct(given: DustInputs) -> Result:
    by = method(given.method)
    more = {"id": by.id, "pm25": given.pm25, "fitted_to": list(by.models), "caution": dict(by.caution)}
    return Result(by.corrected(given.pm25, given.humidity), "µg/m³", by.display["en"], by.source, more)


PM_CORRECTION = Calculator(
    "pm_correction",
    "Fine dust of a low-cost sensor, corrected for humidity; not below 0",
    DustInputs,
    _correct,
    {"pm25": 62, "humidity": 88},
)
