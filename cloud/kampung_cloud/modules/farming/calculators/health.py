"""``calc anthracnose``, ``flowering_heat`` and ``ph_window``."""

from __future__ import annotations

from pydantic import Field

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming import anthracnose, growth, soil
from kampung_cloud.modules.farming.crops import crop, crops


class AnthracnoseInputs(Inputs):
    """A wet spell on chili."""

    wet_hours: float = quantity("hours in a row with wet leaves", "h", ge=0, le=240)
    temperature: float = quantity("mean while wet", "°C", ge=-20, le=60)
    rain: float = quantity("rain in that time", "mm", ge=0, le=2000)


class FloweringInputs(Inputs):
    """Highest temperatures from a week before to a week after flowering."""

    maxima: list[float | None] = Field(
        description="highest temperature of each day around flowering, null where nothing was measured",
        min_length=1,
        max_length=60,
        json_schema_extra={"unit": "°C"},
    )


class AcidityInputs(Inputs):
    """A crop and the pH of its soil."""

    crop: str = quantity("crop, by its English or Indonesian name", "")
    ph: float = quantity("pH of the soil", "", ge=2.5, le=11)


def _anthracnose(given: AnthracnoseInputs) -> Result:
    value = anthracnose.infection(given.wet_hours, given.temperature, given.rain)
    more = {
        "category": anthracnose.word(value),
        "label": "indikatif",
        "note": "model of another host; without rain no splash, no infection",
    }
    return Result(value, "probability", "Wilson-Madden logit of wet hours and temperature, with rain", anthracnose.SOURCE, more)


def _flowering(given: FloweringInputs) -> Result:
    days = growth.sterile_days(given.maxima, 0, len(given.maxima) - 1)
    missing = sum(1 for t in given.maxima if t is None)
    source = "spikelet sterility from 35 °C for more than an hour at flowering; well known, not re-read"
    return Result(days, "days", f"days with at least {growth.STERILE_FROM:g} °C", source, {"missing_days": missing, "mark": "K"})


def _acidity(given: AcidityInputs) -> Result:
    row = crop(given.crop)
    if row.ph is None:
        raise ValueError(f"crop = {given.crop!r}: no window is known; there are: {', '.join(n for n, c in crops().items() if c.ph)}")
    more = {
        "low": row.ph.low, "high": row.ph.high, "mark": row.ph.mark,
        "note": "lime only after a laboratory or PUTS, never by a probe" + (f"; {row.ph.note}" if row.ph.note else ""),
    }  # fmt: skip
    return Result(soil.acidity(given.ph, row.ph.low, row.ph.high), "", "pH against the crop's window", row.ph.source, more)


ANTHRACNOSE = Calculator(
    "anthracnose",
    "Chili anthracnose, indicative",
    AnthracnoseInputs,
    _anthracnose,
    {"wet_hours": 14, "temperature": 25, "rain": 6},
)
FLOWERING_HEAT = Calculator(
    "flowering_heat", "Heat at rice flowering", FloweringInputs, _flowering, {"maxima": [33, 34.5, 35.2, 36, None, 34]}
)
PH_WINDOW = Calculator("ph_window", "Soil pH against a crop's window", AcidityInputs, _acidity, {"crop": "chili", "ph": 5.4})
