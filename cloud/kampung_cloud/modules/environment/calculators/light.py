"""``calc uv_index``."""

from __future__ import annotations

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.environment import uv


class UvInputs(Inputs):
    """Ultraviolet light on a level surface."""

    erythemal: float = quantity("irradiance weighted as skin burns (not total UV)", "W/m²", ge=0, le=0.75)


def _uv(given: UvInputs) -> Result:
    value = uv.uv_index(given.erythemal)
    found = uv.uv_class(value)
    more = {"category": found.name, "colour": found.colour, "advice": found.advice, "mark": uv.MARK}
    return Result(value, "UVI", "40 × erythemal irradiance", uv.SOURCE, more)


UV_INDEX = Calculator("uv_index", "UV index of an erythemal irradiance", UvInputs, _uv, {"erythemal": 0.28})
