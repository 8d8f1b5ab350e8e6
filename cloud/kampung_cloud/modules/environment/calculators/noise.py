"""``calc noise_lsm``."""

from __future__ import annotations

from kampung_cloud.air_station.setting import Area
from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.environment import noise


class NoiseInputs(Inputs):
    """Equivalent levels of a day and a night at one place."""

    ls: float = quantity("by day, 06.00 to 22.00 (Ls)", "dBA", ge=0, le=140)
    lm: float = quantity("by night, 22.00 to 06.00 (Lm)", "dBA", ge=0, le=140)
    area: Area = quantity("what the place is used for", "", default="permukiman")


def _lsm(given: NoiseInputs) -> Result:
    value = noise.day_and_night(given.ls, given.lm)
    more = {
        "area": given.area,
        "limit": noise.LIMITS[given.area],
        "tolerance": noise.TOLERANCE,
        "category": noise.judge(value, given.area),
        "mark": noise.MARK,
    }
    return Result(value, "dBA", "Lsm = 10 log {1/24 [16·10^(0.1 Ls) + 8·10^(0.1 (Lm + 5))]}", noise.SOURCE, more)


NOISE_LSM = Calculator("noise_lsm", "Noise of day and night", NoiseInputs, _lsm, {"ls": 58, "lm": 47, "area": "permukiman"})
