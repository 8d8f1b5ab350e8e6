"""What else is shown of a place: how hot it feels and what may be worked, noise of the last whole day, ultraviolet light."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kampung_cloud.heat_index import ADVICE, TITLES, heat_class, heat_index
from kampung_cloud.modules.environment import heat, noise, uv
from kampung_cloud.modules.environment.hours import DAY, HOUR, WIB, Hours
from kampung_cloud.modules.environment.stations import Station

NEAR = 2
"""Hours that a value may be old to stand for now."""
MORNING, EVENING = 6, 22
ENOUGH_DAY, ENOUGH_NIGHT = 12, 6
"""Hours of 16 and of 8 (75 %)."""


@dataclass(frozen=True, slots=True)
class Lsm:
    """Noise from 06.00 to 06.00; ``begin`` ms UTC."""

    value: float
    ls: float
    lm: float
    begin: int


def heat_now(station: Station, found: Mapping[str, Hours], at: int) -> dict[str, Any] | None:
    """How it feels, and ISBB with what may be worked by load; of the last hour that has both temperature and humidity."""
    for hour in range(at - HOUR, at - HOUR * (NEAR + 1), -HOUR):
        t, r = (_value(station, found, name, hour) for name in ("air_temperature", "relative_humidity"))
        if t is None or r is None:
            continue
        felt, _ = heat_index(t, min(r, 100.0))
        globe, wet = (_value(station, found, name, hour) for name in ("globe_temperature", "natural_wet_bulb"))
        if globe is None:
            value, method = heat.estimated_wbgt(t, r), "ABM, tanpa bola hitam"
        elif wet is None:
            value, method = heat.wbgt(heat.wet_bulb(t, r), globe, t), "ISO 7243, bola basah dihitung (Stull)"
        else:
            value, method = heat.wbgt(wet, globe, t), "ISO 7243"
        name = heat_class(felt)
        loads: tuple[heat.Load, ...] = ("ringan", "sedang", "berat")
        work = [{"load": x, "category": heat.judge(value, x), "advice": heat.advice(value, x)} for x in loads]
        return {
            "at": hour + HOUR, "temperature": round(t, 1), "humidity": round(r), "felt": round(felt, 1), "category": name,
            "title": TITLES[name], "advice": ADVICE[name], "wbgt": round(value, 1), "method": method, "work": work,
        }  # fmt: skip
    return None


def light_now(station: Station, found: Mapping[str, Hours], at: int) -> dict[str, Any] | None:
    """The UV index of the last hour; at night there is nothing to say."""
    key = station.of("uv_index")
    value = None if key is None else found.get(key.id, {}).get(at - HOUR)
    if value is None or value < 0.5:
        return None
    of = uv.uv_class(value)
    return {"at": at, "index": round(value), "category": of.name, "colour": of.colour, "advice": of.advice}


def noise_day(rows: Iterable[tuple[int, float]], at: int) -> Lsm | None:
    """Of readings (ms UTC, dBA): the last day from 06.00 to 06.00 that is over at ``at``; None where hours are missing."""
    begin = last_noise_day(at)
    by_hour: defaultdict[int, list[float]] = defaultdict(list)
    for t, level in rows:
        if begin <= t < begin + DAY:
            by_hour[(t - begin) // HOUR].append(level)
    means = {hour: noise.energy_mean(levels) for hour, levels in by_hour.items()}
    day = [level for hour, level in means.items() if hour < EVENING - MORNING]
    night = [level for hour, level in means.items() if hour >= EVENING - MORNING]
    if len(day) < ENOUGH_DAY or len(night) < ENOUGH_NIGHT:
        return None
    ls, lm = noise.energy_mean(day), noise.energy_mean(night)
    return Lsm(noise.day_and_night(ls, lm), ls, lm, begin)


def last_noise_day(at: int) -> int:
    """The 06.00 WIB at which the last whole day of noise began."""
    shift = WIB - MORNING * HOUR
    return (at + shift) // DAY * DAY - shift - DAY


def _value(station: Station, found: Mapping[str, Hours], name: str, hour: int) -> float | None:
    key = station.of(name)
    return None if key is None else found.get(key.id, {}).get(hour)
