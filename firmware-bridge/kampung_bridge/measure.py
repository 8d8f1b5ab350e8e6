"""How a raw number of a device becomes a reading, and back."""

import functools
import math
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from kampung_bridge.error import BadValueError
from kampung_bridge.reading import FAIL, GOOD, SUSPECT, Reading

Quantity = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Converter:
    """A measure without pydantic's look-ups."""

    __slots__ = ("_doubts", "_faults", "_high", "_low", "_offset", "_parts", "_quantity", "_scale", "_special", "_unit")

    def __init__(self, measure: "Measure") -> None:
        self._quantity, self._unit = measure.quantity, measure.unit
        self._scale, self._offset = measure.scale, measure.offset
        self._low, self._high = measure.span
        self._faults, self._doubts = measure.faults, measure.doubts
        self._special = bool(measure.faults or measure.doubts)
        parts = round(1 / measure.scale) if 1e-9 <= abs(measure.scale) <= 1 else 0
        self._parts = parts if measure.offset == 0 and parts and measure.scale == 1 / parts else 0

    def reading(self, raw: float, quality: int = GOOD) -> Reading:
        exact = self._parts and type(raw) is int  # 3 / 10 is 0.3, and so is 0.1 × 3 once it is rounded
        value = raw / self._parts if exact else round(raw * self._scale + self._offset, 9)
        if not self._low <= value <= self._high:
            quality = max(quality, FAIL)
        elif self._special:
            if value in self._faults:
                quality = max(quality, FAIL)
            elif value in self._doubts:
                quality = max(quality, SUSPECT)
        return tuple.__new__(Reading, (self._quantity, value, self._unit, quality))  # half the time of Reading(…)


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

    @functools.cached_property
    def reading(self) -> Callable[..., Reading]:
        """`reading(raw, quality=GOOD)`: of a raw number, never better than `quality`. A decoder keeps it for each field of its frames."""
        return _Converter(self).reading

    def raw(self, value: float) -> float:
        """The inverse, for simulated devices; raises BadValueError for NaN and infinities."""
        raw = (value - self.offset) / self.scale
        if not math.isfinite(raw):
            raise BadValueError(f"{self.quantity} = {value} has no raw number; give a finite value")
        return raw
