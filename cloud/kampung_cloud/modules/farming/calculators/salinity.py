"""``calc salinity_yield``."""

from __future__ import annotations

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming.crops import crop, crops
from kampung_cloud.modules.farming.soil import relative_yield


class SalinityInputs(Inputs):
    """A crop and the salt of its soil."""

    crop: str = quantity("crop, by its English or Indonesian name", "")
    ece: float = quantity(
        "electrical conductivity of the saturated paste at 25 °C; that of pore water is another number", "dS/m", ge=0, le=100
    )


def _compute(given: SalinityInputs) -> Result:
    found = crop(given.crop)
    if found.salinity is None:
        have = ", ".join(name for name, each in crops().items() if each.salinity)
        raise ValueError(
            f"crop = {given.crop!r}: no threshold and slope are published{'; ' + found.note if found.note else ''}; there are: {have}"
        )
    pair = found.salinity
    more = {"crop": found.name, "threshold": pair.threshold, "slope": pair.slope, "mark": pair.mark}
    return Result(relative_yield(given.ece, pair.threshold, pair.slope), "%", "Maas-Hoffman, Yr = 100 − b·(ECe − a)", pair.source, more)


SALINITY_YIELD = Calculator("salinity_yield", "Yield that salt leaves, of 100 %", SalinityInputs, _compute, {"crop": "rice", "ece": 5})
