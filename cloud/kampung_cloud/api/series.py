"""Series and their readings in time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from kampung_contract.documents import Device
from kampung_contract.errors import InvalidRequest, TooMuch
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.pm_correction import methods
from kampung_contract.provenance import Corrected
from kampung_contract.quantities import quantity
from kampung_contract.rules import Rule, word
from kampung_contract.times import text
from pydantic import BaseModel

from kampung_cloud import provenance
from kampung_cloud.api.many import many
from kampung_cloud.api.query import described, parameters
from kampung_cloud.api.schemas import RowOut, SeriesOut, WindowOut
from kampung_cloud.api.services import Services, ServicesDep, VillageDep, of
from kampung_cloud.api.times import Period, PeriodDep, between
from kampung_cloud.readings import budget
from kampung_cloud.telemetry.store import AGGREGATES, USUAL, Latest, Selector, SeriesKey, Window, absent

router = APIRouter(tags=["series"])

CHART_POINTS = 1_000
MOST_POINTS = budget.MOST
ORIGINS = frozenset({"sensor", "recording", "synthetic"})
UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@router.get("/series", response_model=list[SeriesOut])
def series(services: ServicesDep, village: VillageDep, node: str | None = None, quantity: str | None = None) -> Response:
    """Every series with its newest reading."""
    found = services.store.latest(Selector(village, node, quantity))
    devices = introduced(services)
    return many([_series(latest, devices.get((latest.key.node, latest.key.device))) for latest in found])


def introduced(services: Services) -> dict[tuple[str, str], Device]:
    """By node and name, how a device last introduced itself."""
    return {(n.node, d.name): d for n in services.nodes.all() for d in reversed(n.devices)}


def _series(latest: Latest, device: Device | None) -> dict[str, Any]:
    """``SeriesOut``."""
    key = latest.key
    name, decimals = naming(key.quantity)
    return {
        "id": key.id,
        "village": key.village,
        "node": key.node,
        "device": key.device,
        "quantity": key.quantity,
        "unit": key.unit,
        "last": {"at": text(latest.t), "value": float(latest.v), "quality": latest.q, "estimated": latest.estimated},
        "name": name,
        "decimals": decimals,
        "title": (device.title or None) if device else None,
        "model": device.model if device else None,
        "origin": device.origin if device and device.origin in ORIGINS else None,
        "note": (device.note or None) if device else None,
    }


@lru_cache(1_000)
def naming(name: str) -> tuple[dict[str, str], int]:
    """Of a quantity: what people call it, and how many decimals they want to see."""
    known = quantity(name)
    return _words(name), known.decimals if known else 2


def _words(name: str) -> dict[str, str]:
    known, plain = quantity(name), name.replace("_", " ").capitalize()
    return known.display if known else {"id": plain, "en": plain}


class Wanted(NamedTuple):
    """Readings of a series, as a request names them."""

    series_id: str
    time: Period
    every: str | None
    points: str | None
    aggregates: tuple[str, ...] = USUAL


async def wanted(series_id: str, time: PeriodDep, every: str | None = None, points: str | None = None) -> Wanted:
    return Wanted(series_id, time, every, points)


def _aggregates(value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(value.split(",")))
    if unknown := [name for name in names if name not in AGGREGATES]:
        raise InvalidRequest(f"aggregates = {value[:60]!r}: {unknown[0][:20]!r} is none; write some of {','.join(AGGREGATES)}")
    return names


WantedDep = Annotated[Wanted, Depends(wanted)]


class WindowQuery(BaseModel):
    """What a window may be asked for."""

    start: str | None = None
    stop: str | None = None
    every: str | None = None
    points: str | None = None
    aggregates: str | None = None
    shown: bool = False


@router.get("/series/{series_id}/window", response_model=WindowOut, openapi_extra=described(WindowQuery, "series_id"))
async def window(request: Request) -> Response:
    """Readings from ``start`` to before ``stop`` (ms or ISO 8601; the last 24 hours), and what stood behind them.

    ``every`` is ``raw``, seconds, or as 10m, 1h, 1d. Without it, single readings while they are at most ``points`` (10 to 10,000, usually
    1,000: as many as the picture is wide), else buckets with ``aggregates`` (some of mean,min,max,count,last; without it the first four;
    ``last`` is the newest value, of several at one time the greatest). With ``shown``, and ``every`` raw, what the device itself showed is
    computed back.
    """
    query = parameters(request, WindowQuery)
    if query.shown and query.every != "raw":
        raise InvalidRequest("shown=true computes single readings back; add every=raw")
    aggregates = USUAL if query.aggregates is None else _aggregates(query.aggregates)
    time = between(query.start, query.stop)
    wanted = Wanted(request.path_params["series_id"], time, query.every, query.points, aggregates)
    return await run_in_threadpool(_window, of(request), wanted, shown=query.shown)


def _window(services: Services, wanted: Wanted, *, shown: bool) -> Response:
    latest, found, step = _read(services, wanted)
    begin, end = wanted.time
    answer = {"id": wanted.series_id, "unit": latest.key.unit, "start": begin, "stop": end, "every": step, "t": found.t}
    answer |= {"v": found.v, "q": found.q} if step is None else found.aggregates
    behind = provenance.spans(latest.key, provenance.told(services.records, latest.key.node), services.store.correction)
    if found.estimated:
        answer["estimated"] = found.estimated
        if found.boots:
            answer["boots"] = found.boots
    if shown:
        boots = found.boots or [None] * len(found.t)
        explained = [provenance.of(behind, t, boot) for t, boot in zip(found.t, boots, strict=True)]
        answer["shown"] = [span and span.series.raw(v) for span, v in zip(explained, found.v, strict=True)]
    answer["provenance"] = [_provenance(span) for span in provenance.within(behind, begin, end)]
    answer["thresholds"] = _thresholds(services.config.rule, latest.key)
    return many(answer)


def _thresholds(rules: Sequence[Rule], key: SeriesKey) -> list[dict[str, Any]]:
    """A mark that several rules compare with is one line, in the words of the rule that is about the mark itself."""
    found: dict[float, Rule] = {}
    for rule in rules:
        for mark in _marks(rule, key):
            known = found.get(float(mark))
            if known is None or _fits(rule) > _fits(known):
                found[float(mark)] = rule
    return [{"value": mark, "severity": r.severity, "label": word(r.severity, r.scale)} for mark, r in found.items()]


def _fits(rule: Rule) -> tuple[bool, bool, int]:
    return rule.watches is None, rule.single, rule.severity


def _marks(rule: Rule, key: SeriesKey) -> list[float]:
    """The values that a rule compares the series with."""
    return [
        mark
        for leaf in rule.leaves
        if leaf.unit == key.unit and key.village == rule.watched and leaf.concerns(key.node, key.device, key.quantity)
        for mark in leaf.marks
    ]


@router.get("/series/{series_id}/rows", response_model=list[RowOut])
def rows(services: ServicesDep, wanted: WantedDep) -> Response:
    """As ``window``, an object a point, as Grafana and others want it; single readings that failed a check are left out."""
    _, found, _ = _read(services, wanted)
    if found.aggregates:
        columns = (found.aggregates[name] for name in ("mean", "min", "max", "count"))
        return many([dict(zip(("time", "value", "min", "max", "count"), row, strict=True)) for row in zip(found.t, *columns, strict=True)])
    good = [(t, v) for t, v, q in zip(found.t, found.v, found.q, strict=True) if q not in {FAIL, MISSING}]
    return many([{"time": t, "value": v, "min": v, "max": v, "count": 1} for t, v in good])


def _read(services: Services, wanted: Wanted) -> tuple[Latest, Window, int | None]:
    series_id, (begin, end), every, points, aggregates = wanted
    latest = services.store.find(series_id)
    if latest is None:
        raise absent(series_id)
    if every is not None and points is not None:
        raise InvalidRequest(f"every = {every[:40]!r} and points = {points[:40]!r}: ask for one of them; points chooses 'every' by itself")
    most = CHART_POINTS if points is None else _points(points)
    step = budget.fitting(services.store, series_id, begin, end, most) if every is None else _every(every)
    found = services.store.window(series_id, begin, end, step, aggregates=aggregates, limit=MOST_POINTS + 1)
    if len(found.t) > MOST_POINTS:
        raise TooMuch(f"more than {MOST_POINTS:,} points from {begin} to {end}; {_paged(found.t[0], found.t[MOST_POINTS])}")
    return latest, found, step


def _paged(first: int, beyond: int) -> str:
    """How to get all of it: ``beyond`` is the time of the first point that does not fit."""
    files = "whole files are at /api/v1/readings.csv"
    if first == beyond:
        return f"so many have the one time {first}; {files}"
    return f"ask for a larger 'every', or points={CHART_POINTS}, or page: first stop={beyond}, then start={beyond}; {files}"


def _provenance(span: provenance.Span) -> dict[str, Any]:
    """``ProvenanceOut``."""
    calibration, derived = span.series.calibration, span.series.derived
    found: dict[str, Any] = {
        "from": span.start,
        "to": span.stop,
        "model": span.device.model,
        "origin": span.device.origin,
        "boot": span.boot,
    }
    found["derived"] = derived and {
        "from": derived.source,
        "name": _words(derived.source),
        "gain": derived.gain,
        "offset": derived.offset,
    }
    found["corrected"] = span.series.corrected and _corrected(span.series.corrected)
    found["calibration"] = calibration and {
        **{name: getattr(calibration, name) for name in ("id", "method", "gain", "offset", "points")},
        "by": calibration.by or None,
        "at": None if calibration.at is None else text(calibration.at),
    }
    return found


def _corrected(made: Corrected) -> dict[str, Any]:
    """``CorrectedOut``."""
    known = methods().get(made.method)
    return {
        "method": made.method,
        "from": made.source,
        "humidity": made.humidity,
        "pair": made.pair or None,
        "name": known.display if known else {"id": made.method, "en": made.method},
        "caution": known.caution if known else None,
        "source": known.source if known else None,
    }


def _points(value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    if not budget.LEAST <= number <= MOST_POINTS:
        raise InvalidRequest(f"points = {value[:40]!r}: write a number from {budget.LEAST} to {MOST_POINTS:,}")
    return number


def _every(value: str) -> int | None:
    """Milliseconds, None for raw."""
    if value == "raw":
        return None
    number, unit = (value[:-1], value[-1]) if value[-1:] in UNITS_S else (value, "s")
    seconds = int(number) * UNITS_S[unit] if number.isascii() and number.isdigit() and len(number) < 10 else 0
    if not 1 <= seconds <= 366 * 86_400:
        raise InvalidRequest(f"every = {value[:40]!r}: write raw, seconds as 600, or 10m, 1h, 1d; at most 366d")
    return seconds * 1000
