"""``/api/v1/rivers``, ``/rain`` and ``/slopes``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.gauges.gauge import Gauge
from kampung_cloud.gauges.pace import Point
from kampung_cloud.health import now_ms
from kampung_cloud.modules.rivers import showing
from kampung_cloud.modules.rivers.fallen import gauges, in_village
from kampung_cloud.modules.rivers.looking import MINUTE_MS, Looking
from kampung_cloud.modules.rivers.rain import DAY_MS, HOUR_MS, closing
from kampung_cloud.modules.rivers.schemas import LearntOut, RainOut, RiverOut, SlopeIn, SlopeOut, TakeBackIn, TideOut
from kampung_cloud.modules.rivers.slopes import Slopes
from kampung_cloud.modules.rivers.warning import danger

router = APIRouter(tags=["rivers"])

TAIL_MS, TAIL_STEP = 6 * HOUR_MS, 15 * MINUTE_MS
LEARN_MS = 90 * DAY_MS
LONGEST_WAY_MIN = 36 * 60.0
TIDE_MS, TIDE_AHEAD_H = 370 * DAY_MS, 72
RAIN_DAYS = 14
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "Nobody is logged in"},
    403: {"model": Error, "description": "Not this account's to do"},
}
MarkerDep = Annotated[Actor, Depends(needs("petugas", "kades", "officer"))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/rivers", response_model=list[RiverOut])
def rivers(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Rivers (and coasts) with their gauges from the spring down, as they stand now; with ``village`` those that pass it."""
    now, store = now_ms(), services.store
    looking = Looking(store, services.config.gauge)
    tails = {g.id: _tail(services, g, now) for g in services.config.gauge}
    found = showing.rivers(looking.states(now), tails)
    return [r for r in found if village is None or any(g["village"] == village for g in r["gauges"])]


@router.get("/rivers/gauges/{gauge_id}/travel", response_model=list[LearntOut])
def travel(services: ServicesDep, gauge_id: str) -> list[dict[str, Any]]:
    """How long water took from each gauge upstream, by the events of the last 90 days, beside what the configuration says."""
    from kampung_cloud.modules.rivers.travel import STEP_MS, learn

    gauge, now = _gauge(services, gauge_id), now_ms()
    known = {g.id: g for g in services.config.gauge}
    out = []
    for way in gauge.upstream:
        upper, lower = (_levels(services, g, max(now - LEARN_MS, g.begins), now, STEP_MS) for g in (known[way.gauge], gauge))
        found = learn(upper, lower, min(2 * way.minutes[1], LONGEST_WAY_MIN))
        shown = {"least": found.least, "most": found.most, "events": found.events} if found else {"least": None, "most": None, "events": 0}
        out.append({"gauge": way.gauge, "configured": list(way.minutes), **shown})
    return out


@router.get("/rivers/gauges/{gauge_id}/tide", response_model=TideOut)
def tide(services: ServicesDep, gauge_id: str) -> dict[str, Any]:
    """The tide that a coast's gauge is to expect in the next three days, by its own record of at least a month."""
    from kampung_cloud.modules.rivers.tide import LEAST_DAYS, analysed

    gauge, now = _gauge(services, gauge_id), now_ms()
    if gauge.kind != "coast":
        raise InvalidRequest(f"gauge {gauge.id!r} stands on a river, which has no tide that could be told; ask for one on the coast")
    points = _levels(services, gauge, max(now - TIDE_MS, gauge.begins), now, HOUR_MS)
    days = (points[-1].t - points[0].t) / DAY_MS if points else 0.0
    found = analysed(points, find_village(gauge.village).latitude)
    if found is None:
        why = f"Rekaman {days:.0f} hari; pasang surut baru dapat dihitung dari {LEAST_DAYS:.0f} hari, separuh jamnya terisi."
        return {"mean": None, "residual": None, "days": round(days, 1), "amplitudes": {}, "t": [], "level": [], "why": why}
    start = now // HOUR_MS * HOUR_MS - 12 * HOUR_MS
    times = [start + n * HOUR_MS // 2 for n in range(2 * (TIDE_AHEAD_H + 12))]
    shown: dict[str, Any] = {"mean": round(found.mean, 3), "residual": round(found.residual, 3), "days": round(found.days, 1), "why": ""}
    shown |= {"amplitudes": {name: round(a, 3) for name, a in found.amplitudes.items()}}
    return shown | {"t": times, "level": [round(level, 3) for level in found.at(times)]}


@router.get("/rain", response_model=RainOut)
def rain(services: ServicesDep, village: str) -> dict[str, Any]:
    """Rain of a village: days that close at 07.00 WIB, hours in the classes of hours, and how near it is to what triggers landslides."""
    code, now, store = find_village(village).code, now_ms(), services.store
    series = gauges(store, [code]).get(code, [])
    found = in_village(store, series, closing(now) - RAIN_DAYS * DAY_MS, now + 1)
    slopes = [one.name for one in Slopes(services.records).listed([code])]
    return showing.rain(code, found, danger(store, series, now), slopes, setting=services.config.landslide, now=now)


@router.get("/slopes", response_model=list[SlopeOut])
def slopes(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Slopes that officers marked."""
    found = Slopes(services.records).listed(None if village is None else [village])
    return [showing.slope(one, services.config.landslide) for one in found]


@router.post("/slopes", response_model=SlopeOut, status_code=201, responses=CLOSED)
def mark(services: ServicesDep, given: SlopeIn, actor: MarkerDep) -> dict[str, Any]:
    """Mark a slope: from then on its village is warned of landslides, where the configuration names it."""
    code = find_village(given.village).code
    actor.require(code, "petugas", "kades", "officer")
    made = Slopes(services.records).mark(
        code, " ".join(given.name.split()), given.latitude, given.longitude, note=given.note.strip(), by=actor.name, at=now_ms()
    )
    return showing.slope(made, services.config.landslide)


@router.post("/slopes/{number}/withdraw", response_model=SlopeOut, responses=CLOSED)
def take_back(services: ServicesDep, number: Number, given: TakeBackIn, actor: MarkerDep) -> dict[str, Any]:
    """A slope is no longer one; it stays on record with who and why."""
    kept = Slopes(services.records)
    actor.require(kept.of(number).village, "petugas", "kades", "officer")
    return showing.slope(kept.take_back(number, why=given.why.strip(), by=actor.name, at=now_ms()), services.config.landslide)


def _gauge(services: Services, name: str) -> Gauge:
    found = next((g for g in services.config.gauge if g.id == name), None)
    if found is None:
        known = ", ".join(g.id for g in services.config.gauge) or "none"
        raise NotFound(f"gauge {name[:60]!r} is not in the configuration; there are: {known}")
    return found


def _levels(services: Services, gauge: Gauge, start: int, stop: int, step: int) -> list[Point]:
    if services.store.find(gauge.series) is None:
        return []
    found = services.store.window(gauge.series, start, stop, step, aggregates=("mean",))
    return [Point(t + step // 2, v) for t, v in zip(found.t, found.aggregates["mean"], strict=True)]


def _tail(services: Services, gauge: Gauge, now: int) -> list[tuple[int, float]]:
    if services.store.find(gauge.series) is None:
        return []
    found = services.store.window(gauge.series, max(now - TAIL_MS, gauge.begins), now + 1, TAIL_STEP, aggregates=("max",))
    return list(zip(found.t, found.aggregates["max"], strict=True))
