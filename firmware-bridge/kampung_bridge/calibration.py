"""A calibration: its coefficients, and the reference measurements they come from."""

import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kampung_bridge.error import BadValueError

Point = tuple[float, float]
Method = Literal["given", "offset", "gain", "two-point"]
AGREES = 1e-6  # share of a point's size by which coefficients may miss it: files carry rounded numbers


def solve(points: Sequence[Point], method: Literal["offset", "gain", "two-point"]) -> tuple[float, float]:
    """Gain and offset of true = shown × gain + offset through the (shown, true) points, one (offset, gain) or two.

    Raises BadValueError for another number of points, values that are not finite, and points that determine nothing.
    """
    if len(points) != (2 if method == "two-point" else 1):
        raise BadValueError(f"{len(points)} points for method {method}; give one for offset and gain, and two for two-point")
    if not all(math.isfinite(number) for point in points for number in point):
        raise BadValueError("a value is not a finite number; give what the device shows and what is true")
    shown, true = points[0]
    if method == "offset":
        return 1.0, round(true - shown, 9)
    if method == "gain":
        if shown == 0 or true == 0:
            raise BadValueError("a gain cannot be found at 0; measure at a value far from it, or use the offset")
        return round(true / shown, 9), 0.0
    if shown == points[1][0] or true == points[1][1]:
        raise BadValueError(f"both points are alike ({shown} and {points[1][0]}); measure at two values far from each other")
    gain = (points[1][1] - true) / (points[1][0] - shown)
    return round(gain, 9), round(true - gain * shown, 9)


class Adjust(BaseModel):
    """value × gain + offset, in the quantity's own unit. Coefficients, or the (shown, true) points they come from, or both.

    `by` and `at` say who measured and when. Coefficients without a method are "given"; their points, if any, are for the record.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gain: float = Field(default=1.0, allow_inf_nan=False)
    offset: float = Field(default=0.0, allow_inf_nan=False)
    method: Method = "given"
    points: tuple[Point, ...] = Field(default=(), max_length=10)
    by: str = Field(default="", max_length=64)
    at: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _solved(cls, found: Any) -> Any:
        """Coefficients that are left out come from the points."""
        if not isinstance(found, dict) or {"gain", "offset"} & found.keys() or found.get("method", "given") not in SOLVED:
            return found
        points = found.get("points")
        if not isinstance(points, list | tuple) or not all(_is_point(p) for p in points):
            return found
        gain, offset = solve([(float(shown), float(true)) for shown, true in points], found["method"])
        return {**found, "gain": gain, "offset": offset}

    @model_validator(mode="after")
    def _agrees(self) -> "Adjust":
        if self.gain == 0:
            raise ValueError("gain = 0 would make every value the same; give what the device's value is to be multiplied by")
        if self.method != "given":
            solve(self.points, self.method)
            for shown, true in self.points:
                if abs(self.applied(shown) - true) > AGREES * max(1.0, abs(true), abs(shown)):
                    text = f"gain = {self.gain}, offset = {self.offset} make {self.applied(shown):g} of {shown:g}"
                    raise ValueError(f"{text}, and the point says {true:g}; leave gain and offset out, they follow from the points")
        return self

    def applied(self, shown: float) -> float:
        """The calibrated value, to nine decimals."""
        return round(shown * self.gain + self.offset, 9)

    def undone(self, value: float) -> float:
        """What the device showed, to nine decimals."""
        return round((value - self.offset) / self.gain, 9)


def _is_point(found: Any) -> bool:
    return isinstance(found, list | tuple) and len(found) == 2 and all(isinstance(number, int | float) for number in found)


SOLVED = ("offset", "gain", "two-point")


def calibrate(shown: Sequence[float], true: Sequence[float], method: Literal["offset", "gain"] = "offset", **told: Any) -> Adjust:
    """Through one point (by offset, or by gain) or exactly through two; `told` is `by` and `at`.

    Raises BadValueError for other numbers of points, values that are not finite, and points that determine nothing.
    """
    if len(shown) != len(true) or len(true) not in (1, 2):
        raise BadValueError(f"{len(shown)} shown and {len(true)} true values; give one pair, or two")
    points = list(zip(shown, true, strict=True))
    chosen: Literal["offset", "gain", "two-point"] = "two-point" if len(points) == 2 else method
    gain, offset = solve(points, chosen)
    try:
        return Adjust(gain=gain, offset=offset, method=chosen, points=tuple(points), **told)
    except ValidationError as error:
        raise BadValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def table_of(adjust: Adjust) -> dict[str, Any]:
    """As it stands in a file: without what is empty."""
    table = adjust.model_dump()
    table["points"] = [list(point) for point in adjust.points]
    return {key: value for key, value in table.items() if value not in (None, "", [])}


def to_toml(quantity: str, adjust: Adjust) -> str:
    """To be pasted below the `[[port.device]]` it belongs to."""
    lines = (f"{key} = {_written(value)}" for key, value in table_of(adjust).items())
    return "\n".join([f"[port.device.adjust.{quantity}]", *lines, ""])


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return json.dumps(value, ensure_ascii=False)
