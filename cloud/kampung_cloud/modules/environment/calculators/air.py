"""``calc ispu``, ``calc pm25_hour``, ``calc gas_concentration`` and ``calc so2_acute``."""

from __future__ import annotations

from typing import Any

from kampung_cloud.air_station import acute
from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.environment import gases
from kampung_cloud.modules.environment.ispu import Band, Pollutant, category, check_concentration, ispu, table

HOUR_METHOD = "kategori kadar PM2,5 satu jam dengan batas ISPU, seperti BMKG menamainya; bukan angka ISPU"


class IspuInputs(Inputs):
    """One parameter, averaged over 24 hours."""

    pollutant: Pollutant = quantity("which parameter", "")
    concentration: float = quantity("mean of 24 hours, of at least 18 of them", "µg/m³", ge=0, le=1_000_000)


class HourInputs(Inputs):
    """Fine dust of one hour."""

    pm25: float = quantity("mean PM2.5 of one hour", "µg/m³", ge=0, le=2000)


class GasInputs(Inputs):
    """A gas as a sensor tells it."""

    gas: gases.Gas = quantity("which gas", "")
    ppb: float = quantity("mixing ratio", "ppb", ge=0, le=1_000_000)
    temperature: float = quantity("of the state it is told for; limits are for 25 °C", "°C", default=gases.REFERENCE, ge=-20, le=60)


class AcuteInputs(Inputs):
    """Sulphur dioxide now."""

    ppm: float = quantity("SO2, mean of some minutes", "ppm", ge=0, le=1000)


def _banded(band: Band) -> dict[str, Any]:
    said = {"umum": band.everybody} | ({"sensitif": band.sensitive} if band.sensitive else {})
    return {"category": band.name, "colour": band.colour, "hex": band.hex, "ink": band.ink, "meaning": band.meaning, "advice": said}


def _ispu(given: IspuInputs) -> Result:
    found, of = ispu(given.pollutant, given.concentration), table()
    more = {"index": found.index, "text": found.text, "pollutant": given.pollutant, "concentration": given.concentration}
    if found.value > of.nodes[-1]:
        more["note"] = of.above
    method = "ISPU, I = (Ia − Ib)/(Xa − Xb)·(Xx − Xb) + Ib"
    return Result(found.value, "ISPU", method, of.source, _banded(found.band) | more | {"mark": of.mark})


def _hour(given: HourInputs) -> Result:
    check_concentration("pm25", given.pm25)
    return Result(given.pm25, "µg/m³", HOUR_METHOD, table().source, {"category": category("pm25", given.pm25).name, "mark": "V2"})


def _gas(given: GasInputs) -> Result:
    check_concentration("ppb", given.ppb)
    factor = gases.micrograms_per_ppb(given.gas, given.temperature)
    more = {"factor": factor, "temperature": given.temperature, "mark": gases.MARK}
    return Result(given.ppb * factor, "µg/m³", f"ppb × {factor:.3f} µg/m³ ({given.temperature:g} °C, 1 atm)", gases.SOURCE, more)


def _acute(given: AcuteInputs) -> Result:
    found, of = acute.level(given.ppm), acute.levels()
    more = {
        "level": found.name if found else None,
        "severity": found.severity if found else 0,
        "advice": found.message["id"].format(value=f"{given.ppm:g}", threshold=f"{found.ppm:g}", place="") if found else "",
        "limits": {each.name: each.ppm for each in of.level},
        "mark": of.mark,
    }
    return Result(given.ppm, "ppm", "SO2 beside the acute exposure guideline levels", of.source, more)


ISPU = Calculator("ispu", "ISPU of a 24-hour mean", IspuInputs, _ispu, {"pollutant": "pm25", "concentration": 35})
PM25_HOUR = Calculator("pm25_hour", "Category of one hour's fine dust, as BMKG names it; no ISPU number", HourInputs, _hour, {"pm25": 56.7})
GAS_CONCENTRATION = Calculator("gas_concentration", "µg/m³ of a gas in ppb", GasInputs, _gas, {"gas": "so2", "ppb": 20})
SO2_ACUTE = Calculator("so2_acute", "Sulphur dioxide beside acute limits", AcuteInputs, _acute, {"ppm": 0.3})
