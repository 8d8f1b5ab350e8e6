"""``calc pollution_index`` and ``calc water_sensor_index``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, cast

from pydantic import Field

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.waterquality import probe
from kampung_cloud.modules.waterquality.index import SOURCE, WORDS, Conditions, pollution_index
from kampung_cloud.modules.waterquality.oxygen import SHEET_MG_L, saturation
from kampung_cloud.modules.waterquality.parameters import WaterClass, parameter, parameters
from kampung_cloud.modules.waterquality.units import check_possible, doubt

UNITS = ", ".join(f"{p.key} ({p.unit})" for p in parameters().values())


class IndexInputs(Inputs):
    """A laboratory's sample against a class of PP 22/2021."""

    water: int = quantity("class of the water, 1 to 4", "", alias="class", ge=1, le=4)
    values: Annotated[dict[str, float], Field(min_length=1, max_length=20)] = quantity(
        f"by parameter, in the units of the class table: {UNITS}", "as named"
    )
    water_temperature: float | None = quantity(
        "temperature of the water, for the saturation of oxygen; without it 7 mg/L, as the ministry's worksheets", "Cel", None, ge=0, le=45
    )
    do_saturation: float | None = quantity("dissolved oxygen at saturation, where it is known otherwise", "mg/L", None, gt=0, le=20)
    natural_temperature: float | None = quantity("temperature that the water has by nature", "Cel", None, ge=0, le=60)
    place: str = quantity("name of the place, since some waters are acid by nature", "", "", max_length=120)


def _index(given: IndexInputs) -> Result:
    values: dict[str, float] = {}
    called: dict[str, str] = {}
    for name, value in given.values.items():
        found = parameter(name)
        if found.key in values:
            raise ValueError(f"{name} is {found.key}, which is given twice; give it once")
        check_possible(found, value)
        values[found.key], called[found.key] = value, name
    if given.do_saturation is not None and given.water_temperature is not None:
        raise ValueError("do_saturation and water_temperature both say what saturation is; give one of them")
    oxygen, basis = SHEET_MG_L, "7 mg/L, worksheet of the ministry"
    if given.do_saturation is not None:
        oxygen, basis = given.do_saturation, "given"
    elif given.water_temperature is not None:
        oxygen, basis = saturation(given.water_temperature), f"APHA at {given.water_temperature:g} °C"
    index = pollution_index(cast(WaterClass, given.water), values, Conditions(oxygen, given.natural_temperature))
    doubts = [said for key, value in values.items() if (said := doubt(parameters()[key], value, given.place))]
    more: dict[str, Any] = {
        "category": WORDS[index.status],
        "status": index.status,
        "class": given.water,
        "max": index.greatest,
        "average": index.average,
        "worst": index.worst,
        "terms": {called[each.parameter]: asdict(each) for each in index.terms},
        "unlimited": list(index.unlimited),
        "do_saturation": oxygen,
        "do_saturation_basis": basis,
        "doubts": doubts,
    }
    return Result(index.value, "", "Indeks Pencemaran: √((max² + avg²) / 2) of C/L, 1 + 5 log10(C/L) above 1", SOURCE, more)


class ProbeInputs(Inputs):
    """What probes in the water show."""

    ph: float | None = quantity("pH", "pH", None, ge=0, le=14)
    dissolved_oxygen: float | None = quantity("dissolved oxygen", "mg/L", None, ge=0, le=20)
    conductivity: float | None = quantity("electrical conductivity", "uS/cm", None, ge=0, le=60000)
    turbidity: float | None = quantity("turbidity", "NTU", None, ge=0, le=4000)
    place: str = quantity("name of the place, since some waters are acid by nature", "", "", max_length=120)


def _probe(given: ProbeInputs) -> Result:
    shown = {name: value for name in probe.QUANTITIES if (value := getattr(given, name)) is not None}
    found = probe.sensor_index(shown, given.place)
    more = {"category": probe.WORDS[found.status], "status": found.status, "worst": found.worst, "terms": dict(found.terms)}
    return Result(found.value, "", "indeks sensor: greatest ratio to the mark; no Indeks Pencemaran", probe.SOURCE, more)


CALCULATORS: tuple[Calculator[Any], ...] = (
    Calculator(
        "pollution_index",
        "Indeks Pencemaran of a laboratory's sample, with each term",
        IndexInputs,
        _index,
        {"class": 2, "values": {"pH": 7.2, "DO": 4.5, "BOD": 4.1, "COD": 20, "TSS": 35, "fecal_coliform": 2400}, "water_temperature": 27},
    ),
    Calculator(
        "water_sensor_index",
        "Indeks sensor of probes in a river: not the Indeks Pencemaran, which needs a laboratory",
        ProbeInputs,
        _probe,
        {"ph": 7.4, "dissolved_oxygen": 5.2, "conductivity": 310, "turbidity": 18},
    ),
)
