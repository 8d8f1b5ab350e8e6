"""From reference measurements to gain and offset: the `adjust` table of a device."""

import math
from collections.abc import Sequence
from typing import Literal

from kampung_bridge.config import Adjust
from kampung_bridge.error import BadValueError


def calibrate(shown: Sequence[float], true: Sequence[float], method: Literal["offset", "gain"] = "offset") -> Adjust:
    """true = shown × gain + offset, through one point (by offset, or by gain) or exactly through two.

    Raises BadValueError for other numbers of points, values that are not finite, and points that determine nothing.
    """
    if len(shown) != len(true) or len(true) not in (1, 2):
        raise BadValueError(f"{len(shown)} shown and {len(true)} true values; give one pair, or two")
    if not all(map(math.isfinite, [*shown, *true])):
        raise BadValueError("a value is not a finite number; give what the device shows and what is true")
    if len(true) == 1:
        if method == "offset":
            return Adjust(gain=1.0, offset=round(true[0] - shown[0], 9))
        if shown[0] == 0 or true[0] == 0:
            raise BadValueError("a gain cannot be found at 0; measure at a value far from it, or use the offset")
        return Adjust(gain=round(true[0] / shown[0], 9), offset=0.0)
    if shown[0] == shown[1] or true[0] == true[1]:
        raise BadValueError(f"both points are alike ({shown[0]} and {shown[1]}); measure at two values far from each other")
    gain = (true[1] - true[0]) / (shown[1] - shown[0])
    return Adjust(gain=round(gain, 9), offset=round(true[0] - gain * shown[0], 9))


def to_toml(quantity: str, adjust: Adjust) -> str:
    """To be pasted below the `[[port.device]]` it belongs to."""
    return f"[port.device.adjust.{quantity}]\ngain = {adjust.gain!r}\noffset = {adjust.offset!r}\n"
