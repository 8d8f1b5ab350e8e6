"""``calc crop_coefficient``, ``soil_probe``, ``irrigation`` and ``growth_stage``: the steps behind a field's advice."""

from __future__ import annotations

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming import growth, irrigation, probe
from kampung_cloud.modules.farming.crops import crop
from kampung_cloud.modules.farming.fao56 import crop as fao_crop
from kampung_cloud.modules.farming.fao56 import water
from kampung_cloud.modules.farming.fao56.reference import SOURCE


class CoefficientInputs(Inputs):
    """A crop, its age, and the air."""

    crop: str = quantity("crop, by its English or Indonesian name", "")
    day: int = quantity("days after planting", "days", ge=0, le=3650)
    wind: float | None = quantity("mean wind at 2 m in the middle of the season, with rhmin", "m/s", None, ge=0, le=75)
    rhmin: float | None = quantity("mean lowest humidity in the middle of the season, with wind", "%", None, ge=0, le=100)


class ProbeInputs(Inputs):
    """What the balance says, what the probe says, and how sure each is."""

    depletion: float = quantity("by the balance", "mm", ge=0, le=2000)
    depletion_sd: float = quantity("standard deviation of the balance", "mm", ge=0, le=1000)
    moisture: float = quantity("water content by the probe", "m³/m³", ge=0, le=0.7)
    moisture_sd: float = quantity("standard deviation of the probe; 0.04 when left out", "m³/m³", probe.UNCALIBRATED, gt=0, le=0.5)
    field_capacity: float = quantity("of the soil", "m³/m³", gt=0, lt=1)
    wilting_point: float = quantity("of the soil", "m³/m³", ge=0, lt=1)
    root_depth: float = quantity("depth of the roots", "m", gt=0, le=5)


class IrrigationInputs(Inputs):
    """Where the field stands, and what rain is expected."""

    depletion: float = quantity("of the root zone", "mm", ge=0, le=2000)
    taw: float = quantity("total available water", "mm", gt=0, le=2000)
    p: float = quantity("part of it that is readily available", "", gt=0, lt=1)
    area: float = quantity("of the field", "m²", gt=0, le=10_000_000)
    flow: float | None = quantity("of the pump or the channel", "L/s", None, gt=0, le=10_000)
    rain: float = quantity("forecast for the next day", "mm", 0, ge=0, le=2000)
    rain_probability: float = quantity("of that rain", "%", 0, ge=0, le=100)
    coming: float = quantity("the crop's use until the next morning", "mm", 0, ge=0, le=30)
    depletion_sd: float = quantity("standard deviation of the depletion", "mm", 0, ge=0, le=1000)
    called: bool = quantity("whether water was called for yesterday and did not come", "", False)


class StageInputs(Inputs):
    """Warmth since planting; by a reported stage the marks move."""

    warmth: float = quantity("growing degree days since planting, base 10 °C", "°C·day", ge=0, le=20_000)
    per_day: float = quantity("growing degree days of a day, lately", "°C·day", gt=0, le=50)
    seen: str | None = quantity("stage that the farmer saw: tillering, panicle_initiation, flowering, maturity", "", None)
    seen_at: float | None = quantity("warmth on the day he saw it", "°C·day", None, ge=0, le=20_000)


def _coefficient(given: CoefficientInputs) -> Result:
    if (given.wind is None) != (given.rhmin is None):
        raise ValueError("wind and rhmin belong together; give both, or neither for the table's climate")
    row = crop(given.crop)
    kc = list(row.kc)
    if given.wind is not None and given.rhmin is not None:
        kc[1:] = [fao_crop.for_climate(k, given.wind, given.rhmin, row.height) for k in kc[1:]]
    value = kc[1] if row.stages is None else fao_crop.coefficient(kc, row.stages, given.day)
    more = {"crop": row.name, "kc": kc, "stages": row.stages, "mark": row.mark} | ({"weak": row.weak["en"]} if row.weak else {})
    method = "Kc of a perennial's middle" if row.stages is None else "Kc by day, linear between stages (Eq. 66), for climate (Eq. 62, 65)"
    return Result(value, "", method, row.source, more)


def _probe(given: ProbeInputs) -> Result:
    if given.wilting_point >= given.field_capacity:
        raise ValueError(f"wilting_point = {given.wilting_point} is not below field_capacity = {given.field_capacity}")
    total = water.total_available(given.field_capacity, given.wilting_point, given.root_depth)
    heard = probe.reading(given.moisture, given.field_capacity, given.root_depth, given.moisture_sd)
    found = probe.correct(probe.Estimate(given.depletion, given.depletion_sd), heard, total)
    more = {
        "sd": found.state.sd, "weight_of_probe": found.weight, "believed": not found.strange, "taw": total,
        "balance": {"depletion": given.depletion, "sd": given.depletion_sd}, "probe": {"depletion": heard.depletion, "sd": heard.sd},
    }  # fmt: skip
    return Result(
        found.state.depletion,
        "mm",
        "depletion weighed by variances (scalar Kalman update)",
        "Welch and Bishop (2006), Eq. 1.11 to 1.13",
        more,
    )


def _irrigation(given: IrrigationInputs) -> Result:
    if given.depletion > given.taw:
        raise ValueError(f"depletion = {given.depletion} mm is more than taw = {given.taw} mm; check both")
    ready, ks = water.readily_available(given.taw, given.p), water.stress(given.depletion, given.taw, given.p)
    found = irrigation.advise(
        given.depletion, ready, ks, area=given.area, flow=given.flow, rain=given.rain, chance=given.rain_probability,
        coming=given.coming, sd=given.depletion_sd, called=given.called,
    )  # fmt: skip
    more = {
        "colour": found.colour, "ratio": found.ratio, "evening": found.evening, "raw": ready, "ks": ks, "litres": found.litres,
        "minutes": found.minutes, "rain_counted": found.rain,
    }  # fmt: skip
    return Result(
        found.depth,
        "mm",
        "depletion once RAW is used up by the evening (FAO-56 chapter 8), less likely rain (5 mm, 60 %), never more",
        SOURCE,
        more,
    )


def _stage(given: StageInputs) -> Result:
    if (given.seen is None) != (given.seen_at is None):
        raise ValueError("seen and seen_at belong together; give both, or neither")
    stages = dict(growth.RICE_STAGES)
    if given.seen is not None and given.seen_at is not None:
        stages = growth.corrected(stages, given.seen, given.seen_at)
    found = growth.stage_at(given.warmth, stages, given.per_day)
    more = {"next": found.next, "days_to_next": found.days_to_next, "stages": stages, "mark": "V2"}
    return Result(found.stage, "", "stages of rice by thermal time, stretched to what was seen", growth.RICE_SOURCE, more)


CROP_COEFFICIENT = Calculator("crop_coefficient", "Kc of a crop on a day", CoefficientInputs, _coefficient, {"crop": "chili", "day": 50})
SOIL_PROBE = Calculator(
    "soil_probe",
    "Depletion by balance and probe together",
    ProbeInputs,
    _probe,
    {
        "depletion": 30,
        "depletion_sd": 6,
        "moisture": 0.2,
        "moisture_sd": 0.03,
        "field_capacity": 0.25,
        "wilting_point": 0.12,
        "root_depth": 0.5,
    },
)
IRRIGATION = Calculator(
    "irrigation",
    "How much to water, and how long to pump",
    IrrigationInputs,
    _irrigation,
    {"depletion": 30, "taw": 65, "p": 0.4, "area": 1000, "flow": 2, "rain": 8, "rain_probability": 70},
)
GROWTH_STAGE = Calculator("growth_stage", "Stage of rice by warmth", StageInputs, _stage, {"warmth": 1300, "per_day": 17.4})
