"""What is told of a station, to pages and kiosks alike: words of the regulation, numbers as people are shown them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kampung_contract.times import text

from kampung_cloud.modules.environment.around import heat_now, light_now
from kampung_cloud.modules.environment.hours import DAY, ENOUGH, last_midnight
from kampung_cloud.modules.environment.ispu import TITLES, Band, Ispu
from kampung_cloud.modules.environment.looking import Doubts, Looking
from kampung_cloud.modules.environment.noise import LIMITS, judge
from kampung_cloud.modules.environment.site import Parameter, SiteAir
from kampung_cloud.modules.environment.stations import Station
from kampung_cloud.telemetry.store import SeriesKey

DUST = ("pm25", "pm10")
MANY = 0.25
"""Of a day's readings: when so many are doubted, people are told."""
WET = "sds011"
"""In air above 70 % it counts droplets: what quality control doubts of it is mostly that."""


def told_station(looking: Looking, station: Station, at: int, *, days: int = 7) -> dict[str, Any]:
    """``StationAirOut``: now, the last 24 hours, the last days, and heat, light and noise."""
    found = looking.hours(station, min(last_midnight(at) - days * DAY, at - 2 * DAY), at)
    air = looking.air(station, at, found)
    doubts: dict[str, Doubts] = {p.series: looking.doubts(_key(station, p.series), at) for p in air.parameters if p.pollutant in DUST}
    return {
        **told_air(station, air, doubts.get),
        "hours": [told_point(t, of) for t, of in looking.by_hour(station, at - DAY, at, found)] if station.pollutants else [],
        "days": [told_point(t, of.ispu) for t, of in looking.by_day(station, at, days, found)] if station.pollutants else [],
        "heat": _timed(heat_now(station, found, at)),
        "light": _timed(light_now(station, found, at)),
        "noise": _noise(looking, station, at),
    }


def told_air(station: Station, air: SiteAir, doubts: Callable[[str], Doubts | None] = lambda _: None) -> dict[str, Any]:
    """``AirOut``: where, when, the index with its critical parameter, each parameter."""
    critical = air.critical
    most = max((p.hours for p in air.parameters), default=0)
    return {
        "id": station.id,
        "village": station.village,
        "title": station.title,
        "origin": station.origin,
        "crater": station.crater.name if station.crater else None,
        "at": text(air.at),
        "ispu": told_ispu(critical.ispu) if critical and critical.ispu else None,
        "critical": critical.pollutant if critical else None,
        "missing": None if critical or not air.parameters else {"hours": most, "needed": ENOUGH},
        "parameters": [_parameter(station, p, doubts(p.series)) for p in air.parameters],
        "dust_hour": air.hour and {"mean": round(air.hour.mean, 1), "category": air.hour.band.name, **_coloured(air.hour.band)},
    }


def told_ispu(of: Ispu) -> dict[str, Any]:
    """``IspuOut``."""
    advice = {"everybody": of.band.everybody, "sensitive": of.band.sensitive}
    return {
        "index": of.index,
        "text": of.text,
        "category": of.band.name,
        "meaning": of.band.meaning,
        **_coloured(of.band),
        "advice": advice,
    }


def _coloured(band: Band) -> dict[str, str]:
    return {"colour": band.colour, "hex": band.hex, "ink": band.ink}


def _parameter(station: Station, of: Parameter, doubts: Doubts | None) -> dict[str, Any]:
    index = of.ispu
    out: dict[str, Any] = {
        "pollutant": of.pollutant,
        "title": TITLES[of.pollutant],
        "series": of.series,
        "mean": None if of.mean is None else round(of.mean, 1),
        "raw": None if of.raw is None else round(of.raw, 1),
        "hours": of.hours,
        "method": of.method,
        "ispu": None if index is None else {"index": index.index, "text": index.text, "category": index.band.name, **_coloured(index.band)},
        "doubt": None,
    }
    if doubts and doubts.readings and doubts.doubted + doubts.failed >= MANY * doubts.readings:
        share = round(100 * (doubts.doubted + doubts.failed) / doubts.readings)
        out["doubt"] = {"share": share, "why": "wet" if WET in station.models else "doubted"}
    return out


def told_point(t: int, of: Ispu | None) -> dict[str, Any]:
    """``PointOut``."""
    return {"t": t, "index": of.index if of else None, "category": of.band.name if of else None, "hex": of.band.hex if of else None}


def _noise(looking: Looking, station: Station, at: int) -> dict[str, Any] | None:
    of = looking.noise(station, at)
    if of is None:
        return None
    numbers = {"lsm": round(of.value, 1), "ls": round(of.ls, 1), "lm": round(of.lm, 1), "limit": LIMITS[station.area]}
    return {**numbers, "area": station.area, "category": judge(of.value, station.area), "from": text(of.begin)}


def _timed(of: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if of is None else {**of, "at": text(of["at"])}


def _key(station: Station, series: str) -> SeriesKey:
    return next(key for key in station.series if key.id == series)
