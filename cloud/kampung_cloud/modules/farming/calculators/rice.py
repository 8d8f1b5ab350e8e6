"""``calc awd``, ``calc epirice`` and ``calc leaf_nitrogen``: rules of the rice field."""

from __future__ import annotations

from pydantic import Field

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming import awd, epirice, nitrogen
from kampung_cloud.modules.farming.diseases import disease


class AwdInputs(Inputs):
    """A level in the field tube and the age of the crop."""

    level: float = quantity("water level against the soil surface, below it negative", "cm", ge=-60, le=60)
    days_after_transplanting: int = quantity("age of the crop (HST)", "days", ge=0, le=250)
    flowering: int = quantity("day after transplanting on which flowering is expected", "days", 65, ge=1, le=250)
    harvest: int = quantity("day after transplanting on which harvest is expected", "days", 95, ge=2, le=250)
    flooding: bool = quantity("the last advice was to fill, and the field is being filled", "", False)


class DayInputs(Inputs):
    """A day's weather; what was not measured is null."""

    temperature: float | None = quantity("mean of the day", "°C", ge=-20, le=60)
    humidity: float | None = quantity("mean relative humidity of the day", "%", None, ge=0, le=100)
    rain: float | None = quantity("rain of the day", "mm", None, ge=0, le=2000)


class EpiriceInputs(Inputs):
    """A disease and the weather from the day of emergence on."""

    disease: str = quantity("leaf_blast, brown_spot, bacterial_blight, sheath_blight or tungro", "")
    weather: list[DayInputs] = Field(
        description="a day each, from emergence on; after 120 days the model ends",
        min_length=1,
        max_length=366,
        json_schema_extra={"unit": "days"},
    )


class NitrogenInputs(Inputs):
    """Ten readings with the leaf colour chart."""

    readings: list[float] = Field(
        description="ten leaves, the youngest fully open of each hill", json_schema_extra={"unit": "scale of the chart, 2 to 5"}
    )
    days_after_transplanting: int = quantity("age of the crop (HST)", "days", ge=0, le=250)
    target: int = quantity("yield aimed at: 5, 6, 7 or 8", "t/ha")
    direct_seeded: bool = quantity("sown directly, not transplanted", "", False)
    booting: int | None = quantity("day after transplanting on which booting is expected", "days", None, ge=1, le=250)


def _awd(given: AwdInputs) -> Result:
    found = awd.step(given.level, given.days_after_transplanting, given.flowering, given.harvest, flooding=given.flooding)
    more = {"phase": found.phase, "floor_cm": found.floor, "fill_to_cm": found.target, "why": found.why}
    return Result(found.action, "", "safe alternate wetting and drying, by age of the crop", awd.SOURCE, more)


def _epirice(given: EpiriceInputs) -> Result:
    chosen = disease(given.disease)
    days = list(epirice.season(chosen, (epirice.Weather(d.temperature, d.humidity, d.rain) for d in given.weather)))
    last = days[-1]
    more = {
        "day": last.day, "audpc": epirice.audpc(days), "rate": last.rate, "favourable_days": sum(1 for d in days if d.rate > 0),
        "unknown_days": [d.day for d in days if not d.known], "sites": {"healthy": last.healthy, "latent": last.latent,
        "infectious": last.infectious, "removed": last.removed}, "severity": [100 * d.severity for d in days],
        "note": "; ".join(["what weather allows where nothing is done: a reason to look, no finding", *filter(None, [chosen.note])]),
    }  # fmt: skip
    return Result(100 * last.severity, "%", f"EPIRICE, {chosen.title['en']}: severity on the last day", chosen.source, more)


def _nitrogen(given: NitrogenInputs) -> Result:
    found = nitrogen.topdressing(
        given.readings, given.days_after_transplanting, given.target, direct=given.direct_seeded, booting=given.booting
    )
    more = {"mean": found.mean, "pale": found.pale, "due": found.due, "why": found.why, "note": nitrogen.WHY_NO_PROBE}
    return Result(found.urea, "kg/ha urea", "leaf colour chart, ten leaves, by target yield", nitrogen.SOURCE, more)


AWD = Calculator("awd", "Water of a rice field", AwdInputs, _awd, {"level": -12, "days_after_transplanting": 40})
EPIRICE = Calculator(
    "epirice",
    "Rice disease by the weather alone",
    EpiriceInputs,
    _epirice,
    {"disease": "brown_spot", "weather": [{"temperature": 26, "humidity": 92, "rain": 4}] * 60},
)
LEAF_NITROGEN = Calculator(
    "leaf_nitrogen",
    "Urea by the leaf colour chart",
    NitrogenInputs,
    _nitrogen,
    {"readings": [3, 3, 3.5, 4, 3, 3.5, 3, 4, 3.5, 3], "days_after_transplanting": 30, "target": 6},
)
