"""How a raw number of a device becomes a reading, and back."""

import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from kampung_bridge.error import BadValueError
from kampung_bridge.reading import FAIL, GOOD, SUSPECT, Reading

Quantity = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Measure(BaseModel):
    """value = raw × scale + offset, in `unit`; outside `span`, which the instrument itself cannot measure, the quality is FAIL.

    So it is on `faults`, values the instrument sends when it is broken (the SDS011's 999.9 when its fan stands); on `doubts`,
    values at which broken instruments rest but sound ones pass (99.9 %RH), it is SUSPECT.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: Quantity
    unit: Annotated[str, StringConstraints(min_length=1)]
    scale: float = 1.0
    offset: float = 0.0
    span: tuple[float, float]
    faults: tuple[float, ...] = ()
    doubts: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _sane(self) -> "Measure":
        if self.scale == 0:
            raise ValueError("scale = 0 would make every value the same; give the step of one count")
        if self.span[0] >= self.span[1]:
            raise ValueError(f"span = {list(self.span)} is empty; give [lowest, highest] in {self.unit}")
        return self

    def reading(self, raw: float, quality: int = GOOD) -> Reading:
        value = round(raw * self.scale + self.offset, 9)  # 0.1 × 3 is 0.3 for people
        low, high = self.span
        if not low <= value <= high or value in self.faults:
            quality = max(quality, FAIL)
        elif value in self.doubts:
            quality = max(quality, SUSPECT)
        return Reading(self.quantity, value, self.unit, quality)

    def raw(self, value: float) -> float:
        """The inverse, for simulated devices; raises BadValueError for NaN and infinities."""
        raw = (value - self.offset) / self.scale
        if not math.isfinite(raw):
            raise BadValueError(f"{self.quantity} = {value} has no raw number; give a finite value")
        return raw
