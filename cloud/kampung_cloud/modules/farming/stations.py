"""The village's weather by day, and what a field's own sensors showed, out of the stored readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from kampung_contract.times import WIB

from kampung_cloud.modules.farming.advice.morning import Wet
from kampung_cloud.modules.farming.balance import Day, Moisture, measured
from kampung_cloud.telemetry.store import Selector, SeriesKey, TelemetryStore

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WIB_MS = 7 * HOUR_MS
EPOCH = date(1970, 1, 1).toordinal()
ENOUGH_HOURS = 18
"""Of a day: with fewer its lowest and highest temperature may lie in the gap."""
WEATHER = ("air_temperature", "relative_humidity", "wind_speed", "solar_irradiance", "rain")
TO_MEGAJOULES = 0.0036
"""MJ/m² of an hour for each W/m²."""
BEFORE_SUNRISE = 6
WET_HUMIDITY = 90.0


def midnight(day: date) -> int:
    """Milliseconds UTC of its first moment in WIB, which has no summer time; asked a million times in a regency's morning."""
    return (day.toordinal() - EPOCH) * DAY_MS - WIB_MS


def day_of(ms: int) -> date:
    """The local day."""
    return datetime.fromtimestamp(ms / 1000, WIB).date()


@dataclass(frozen=True, slots=True)
class Hours:
    """A series by the hour: mean, lowest, highest and sum of each hour that has a reading, by its beginning in ms UTC."""

    mean: dict[int, float]
    low: dict[int, float]
    high: dict[int, float]
    total: dict[int, float]

    def of(self, day: date, values: Mapping[int, float]) -> list[float]:
        """Those of a local day."""
        first = midnight(day)
        return [values[t] for n in range(24) if (t := first + n * HOUR_MS) in values]


LOOKED_AT = {"air_temperature": ("mean", "min", "max"), "relative_humidity": ("mean", "min", "max"), "rain": ("mean", "count")}
"""Of each hour, by quantity; of the others the mean alone. What is not looked at is not computed."""


def hours(store: TelemetryStore, series: str, start: date, stop: date, aggregates: Sequence[str] = ("mean",)) -> Hours:
    """From ``start`` to before ``stop``, with those of the hour's figures. Raises ``NotFound`` for a series that is not there."""
    found = store.window(series, midnight(start), midnight(stop), HOUR_MS, aggregates=aggregates)
    mean, low, high, count = (
        dict(zip(found.t, found.aggregates[a], strict=True)) if a in aggregates else {} for a in ("mean", "min", "max", "count")
    )
    return Hours(mean, low, high, {t: mean[t] * n for t, n in count.items()})


def stations(keys: Iterable[SeriesKey]) -> dict[str, str]:
    """The series that stands for each quantity of weather: of several the device that measures most of them."""
    by_device: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for key in keys:
        if key.quantity in WEATHER:
            by_device[key.node, key.device][key.quantity] = key.id
    out: dict[str, str] = {}
    for device in sorted(by_device, key=lambda d: (-len(by_device[d]), d)):
        for quantity, series in by_device[device].items():
            out.setdefault(quantity, series)
    return out


@dataclass(frozen=True, slots=True)
class VillageWeather:
    """Days in order, each there, measured or not; the last day's wet spell; rain by day where it was measured."""

    days: Sequence[Day]
    wet: Wet | None
    rain: Mapping[date, float]


def village_weather(store: TelemetryStore, village: str, start: date, today: date, *, latitude: float, altitude: float) -> VillageWeather:
    """Weather from ``start`` to yesterday. Raises ``StorageUnavailable``."""
    chosen = stations(store.series(Selector(village=village)))
    found = {quantity: hours(store, series, start, today, LOOKED_AT.get(quantity, ("mean",))) for quantity, series in chosen.items()}
    days, rain = [], {}
    for n in range((today - start).days):
        day = start + timedelta(n)
        values = Day(day, **_temperatures(found.get("air_temperature"), day), **_rest(found, day))
        if values.rain is not None:
            rain[day] = values.rain
        days.append(measured(values, latitude, altitude))
    return VillageWeather(days, _wet(found, today - timedelta(1)), rain)


def _temperatures(found: Hours | None, day: date) -> dict[str, Any]:
    if found is None or len(found.of(day, found.mean)) < ENOUGH_HOURS:
        return {"tmin": None, "tmax": None}
    return {"tmin": min(found.of(day, found.low)), "tmax": max(found.of(day, found.high))}


def _rest(found: Mapping[str, Hours], day: date) -> dict[str, Any]:
    out: dict[str, Any] = {"rhmin": None, "rhmax": None, "wind": None, "solar": None, "rain": None}
    for quantity, series in found.items():
        mean = series.of(day, series.mean)
        if len(mean) < ENOUGH_HOURS:
            continue
        if quantity == "relative_humidity":
            out["rhmin"] = min(100.0, *series.of(day, series.low))
            out["rhmax"] = min(100.0, max(series.of(day, series.high)))
        elif quantity == "wind_speed":
            out["wind"] = sum(mean) / len(mean)
        elif quantity == "solar_irradiance":
            out["solar"] = 24 * sum(mean) / len(mean) * TO_MEGAJOULES
        elif quantity == "rain":
            out["rain"] = sum(series.of(day, series.total))
    return out


def _wet(found: Mapping[str, Hours], day: date) -> Wet | None:
    humid, warm = found.get("relative_humidity"), found.get("air_temperature")
    if humid is None or warm is None:
        return None
    first = midnight(day)
    wet = [t for n in range(24) if humid.mean.get(t := first + n * HOUR_MS, 0.0) >= WET_HUMIDITY and t in warm.mean]
    return Wet(float(len(wet)), sum(warm.mean[t] for t in wet) / len(wet)) if wet else None


def before_sunrise(found: Hours, start: date, today: date, sd: float) -> dict[date, Moisture]:
    """What a soil probe (in %) showed in the small hours, for the day before: water has settled then."""
    out = {}
    for n in range((today - start).days + 1):
        morning = start + timedelta(n)
        first = midnight(morning)
        small = [found.mean[t] for h in range(BEFORE_SUNRISE) if (t := first + h * HOUR_MS) in found.mean]
        if small:
            out[morning - timedelta(1)] = Moisture(median(small) / 100, sd)
    return out
