"""``calc wbgt``."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.environment import heat


class WbgtInputs(Inputs):
    """Air where somebody works; with a globe thermometer if there is one."""

    temperature: float = quantity("of the air", "°C", ge=0, le=60)
    humidity: float | None = quantity("relative humidity; without it give natural_wet_bulb", "%", default=None, ge=5, le=100)
    globe: float | None = quantity("of a black globe", "°C", default=None, ge=0, le=90)
    natural_wet_bulb: float | None = quantity("of a wetted thermometer in the open", "°C", default=None, ge=0, le=60)
    sun: bool = quantity("in the sun; false indoors and in the shade", "", default=True)
    load: heat.Load = quantity("work load", "", default="berat")

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.humidity is None and self.natural_wet_bulb is None:
            raise ValueError("humidity and natural_wet_bulb are both missing; give one of them")
        if self.natural_wet_bulb is not None and self.natural_wet_bulb > self.temperature + 5:
            raise ValueError(
                f"natural_wet_bulb = {self.natural_wet_bulb} °C is more than 5 °C above temperature = {self.temperature} °C; check the wick"
            )
        if self.natural_wet_bulb is not None and self.globe is None:
            raise ValueError("natural_wet_bulb without globe: the index needs both; add globe, or give humidity alone")
        return self


def _wbgt(given: WbgtInputs) -> Result:
    if given.globe is None:
        assert given.humidity is not None
        value, method, source = heat.estimated_wbgt(given.temperature, given.humidity), "estimate without a globe", heat.ABM
        note = "Untuk matahari sedang dan angin lemah; di tempat teduh terlalu tinggi."
        wet = None
    else:
        measured = given.natural_wet_bulb is not None
        wet = given.natural_wet_bulb if measured else heat.wet_bulb(given.temperature, given.humidity or 0.0)
        assert wet is not None
        value = heat.wbgt(wet, given.globe, given.temperature if given.sun else None)
        method = "0.7 Tnwb + 0.2 Tg + 0.1 Ta" if given.sun else "0.7 Tnwb + 0.3 Tg"
        source = heat.ISO if measured else f"{heat.ISO}; {heat.STULL}"
        note = "" if measured else "Bola basah dihitung dari suhu dan kelembapan, bukan diukur: di bawah matahari terlalu rendah."
    limits = {share: limits[given.load] for share, limits in heat.NAB.items()}
    more = {
        "load": given.load,
        "limits": limits,
        "allowed": heat.allowed(value, given.load),
        "category": heat.judge(value, given.load),
        "advice": heat.advice(value, given.load),
        "limits_source": heat.NAB_SOURCE,
        "limits_mark": heat.NAB_MARK,
        "wet_bulb": wet,
        "note": note,
    }
    return Result(value, "°C", method, source, more)


WBGT = Calculator(
    "wbgt", "Heat at work (ISBB) and what may be worked", WbgtInputs, _wbgt, {"temperature": 32, "humidity": 70, "load": "berat"}
)
