"""Air stations with their ISPU, now and before."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text

from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.environment.hours import DAY, HOUR, last_hour
from kampung_cloud.modules.environment.looking import Looking
from kampung_cloud.modules.environment.schemas import AirOut, HistoryOut, StationAirOut, VolcanoesOut
from kampung_cloud.modules.environment.site import SiteAir, site_air
from kampung_cloud.modules.environment.stations import Station, find
from kampung_cloud.modules.environment.telling import told_air, told_point, told_station
from kampung_cloud.modules.environment.volcano.relaying import newest_notices

router = APIRouter(prefix="/environment", tags=["environment"])

ATTRIBUTION = "Diteruskan dari PVMBG, Badan Geologi (MAGMA Indonesia)"
Days = Annotated[int, Query(ge=1, le=92, description="how many days back")]
Every = Literal["hour", "day"]


@router.get("/stations", response_model=list[AirOut])
def list_stations(services: ServicesDep, village: VillageDep, at: int | None = None) -> list[dict[str, Any]]:
    """Every air station with the ISPU of the last whole hour, or of the last before ``at`` (ms UTC)."""
    looking, hour = Looking(services), _hour(at)
    return [told_air(station, looking.air(station, hour)) for station in looking.stations(village)]


@router.get("/stations/{station}", response_model=StationAirOut)
def one_station(services: ServicesDep, station: str, at: int | None = None) -> dict[str, Any]:
    """A station with its last day and week, and heat, light and noise of the place."""
    looking = Looking(services)
    return told_station(looking, find(looking.stations(), station), _hour(at))


@router.get("/stations/{station}/history", response_model=HistoryOut)
def history(services: ServicesDep, station: str, days: Days = 7, every: Every = "hour") -> dict[str, Any]:
    """The index by hour (each over the 24 hours before it) or by local day."""
    looking, at = Looking(services), last_hour(now_ms())
    of = find(looking.stations(), station)
    if every == "day":
        points = [told_point(t, air.ispu) for t, air in looking.by_day(of, at, days)]
    else:
        points = [told_point(t, index) for t, index in looking.by_hour(of, at - days * DAY, at)]
    return {"station": of.id, "every": every, "points": points}


@router.get("/stations/{station}/history.csv", response_class=Response)
def history_csv(services: ServicesDep, station: str, days: Days = 31, every: Every = "day") -> Response:
    """The same as a file, with the mean, hours and method of each parameter."""
    looking, at = Looking(services), last_hour(now_ms())
    of = find(looking.stations(), station)
    body = "".join(_csv(of, _airs(looking, of, at, days, every), every))
    headers = {"Content-Disposition": f'attachment; filename="ispu-{of.id}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/volcanoes", response_model=VolcanoesOut)
def volcanoes(services: ServicesDep, village: VillageDep) -> dict[str, Any]:
    """What PVMBG last said of each volcano, of all or of those that concern a village. Relayed, never issued here."""
    settings, newest = services.config.volcano, newest_notices(services.records)
    watched = [v for v in settings.watch if village is None or v.concerns(village)]
    notices = [newest[v.code] for v in watched if v.code in newest]
    return {"attribution": ATTRIBUTION, "stale_hours": settings.stale_hours, "notices": notices}


def _airs(looking: Looking, station: Station, at: int, days: int, every: Every) -> list[tuple[int, SiteAir]]:
    if every == "day":
        return looking.by_day(station, at, days)
    found = looking.hours(station, at - (days + 1) * DAY, at)
    corrected = looking.correction(station, at)
    return [(t, site_air(station, found, t, corrected)) for t in range(at - days * DAY + HOUR, at + 1, HOUR)]


def _csv(station: Station, rows: list[tuple[int, SiteAir]], every: Every) -> Iterator[str]:
    file = io.StringIO()
    write = csv.writer(file).writerow
    write(["station", "day" if every == "day" else "hour_end", "ispu", "category", "critical",
           *(f"{p}_{name}" for p in station.pollutants for name in ("ug_m3", "hours", "method", "ispu"))])  # fmt: skip
    for t, air in rows:
        cells: list[object] = []
        for p in air.parameters:
            cells += ["" if p.mean is None else round(p.mean, 2), p.hours, p.method, p.ispu.text if p.ispu else ""]
        index, critical = air.ispu, air.critical
        when = text(t)[:10] if every == "day" else text(t)
        write(
            [
                station.id,
                when,
                index.text if index else "",
                index.band.name if index else "",
                critical.pollutant if critical else "",
                *cells,
            ]
        )
    yield file.getvalue()


def _hour(at: int | None) -> int:
    now = now_ms()
    if at is None:
        return last_hour(now)
    if not 0 <= at <= now + DAY:
        raise InvalidRequest(f"at = {at}: give milliseconds UTC that are not in the future, as {now}")
    return min(at // HOUR * HOUR, last_hour(now))
