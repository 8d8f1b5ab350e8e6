"""Why readings of a series are doubted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.quality import TESTS

from kampung_cloud import provenance
from kampung_cloud.api.schemas_quality import QualityOut
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.api.times import PeriodDep
from kampung_cloud.judging import book
from kampung_cloud.judging.book import Judgement
from kampung_cloud.judging.force import in_force
from kampung_cloud.judging.told import stretches
from kampung_cloud.readings.walk import pieces
from kampung_cloud.telemetry.store import TelemetryStore, absent

router = APIRouter(tags=["series"])

MOST_COUNTED = 200_000
"""Readings whose flags are counted for an answer: a week of one a three seconds, a year of one in three minutes."""
MOST_JUDGED = 500
DAY_MS = 86_400_000
APART_MS = 3_600_000
"""Judgements of the regency further apart are told as two stretches."""


@router.get("/series/{series_id}/quality", response_model=QualityOut)
def quality(services: ServicesDep, series_id: str, time: PeriodDep) -> dict[str, Any]:
    """Of readings from ``start`` to before ``stop`` (ms or ISO 8601; the last 24 hours): how many have which flag, which tests are in force
    by which numbers, which of them spoke when, and what was judged after it had come.
    """
    latest = services.store.find(series_id)
    if latest is None:
        raise absent(series_id)
    key, (start, stop) = latest.key, time
    behind = provenance.spans(key, provenance.told(services.records, key.node), services.store.correction)
    now = provenance.of(behind, stop - 1) or next((s for s in reversed(behind) if s.boot is None), None)
    judged = book.within(services.records, series_id, start, stop)
    told = stretches(services.records, key.node, f"{key.device}/{key.quantity}", start, stop)
    doubts = [_stretch(s.test, s.flag, s.since, s.until, s.count, "kiosk") for s in told] + list(_regency(judged))
    flags = _flags(services.store, key.id, start, stop)
    return {
        "id": key.id,
        "unit": key.unit,
        "start": start,
        "stop": stop,
        "flags": flags,
        "failed": _failed(services.store, key.id, start, stop) if flags is None else sum(flags.get(str(q), 0) for q in (FAIL, MISSING)),
        "tests": [
            {"test": f.test, "name": name_of(f.test), "limits": f.limits, "by": f.by, "source": f.source}
            for f in in_force(key, now, services.config.neighbours)
        ],
        "doubts": sorted(doubts, key=lambda d: (d["from"], d["test"])),
        "judged": [
            {"t": j.t, "value": j.v, "flag": j.flag, "test": j.test, "name": name_of(j.test), "by": j.by, "at": j.at}
            for j in judged[-MOST_JUDGED:]
        ],
        "judged_count": len(judged),
    }


def name_of(test: str) -> dict[str, str]:
    """A test in words; its own name for one that a newer kiosk has."""
    return TESTS.get(test, {"id": test, "en": test})


def _flags(store: TelemetryStore, series_id: str, start: int, stop: int) -> dict[str, int] | None:
    if store.count(series_id, start, stop) > MOST_COUNTED:
        return None
    counted: Counter[int] = Counter()
    for piece in pieces(store, series_id, start, stop):
        counted.update(piece.q)
    return {str(flag): counted[flag] for flag in sorted(counted)}


def _failed(store: TelemetryStore, series_id: str, start: int, stop: int) -> int:
    """Those that no bucket holds: known at once, however long the time."""
    return store.count(series_id, start, stop) - round(sum(store.window(series_id, start, stop, DAY_MS).aggregates["count"]))


def _regency(judged: list[Judgement]) -> Iterator[dict[str, Any]]:
    """The regency's judgements, a stretch at a time."""
    open_: dict[tuple[str, int], dict[str, Any]] = {}
    for each in judged:
        if each.by != "regency":
            continue
        found = open_.get((each.test, each.flag))
        if found is not None and each.t - found["to"] <= APART_MS:
            found["to"], found["count"] = each.t, found["count"] + 1
            continue
        if found is not None:
            yield found
        open_[each.test, each.flag] = _stretch(each.test, each.flag, each.t, each.t, 1, "regency")
    yield from open_.values()


def _stretch(test: str, flag: int, since: int, until: int, count: int, by: str) -> dict[str, Any]:  # noqa: PLR0917 - a row
    return {"test": test, "name": name_of(test), "flag": flag, "from": since, "to": until, "count": count, "by": by}
