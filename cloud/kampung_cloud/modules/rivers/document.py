"""What kiosks get: the gauges of their village and those upstream, rain, and what to expect. Numbers are rounded, so that a document that
says nothing new is not sent again: a village pays for its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kampung_contract.times import text
from kampung_contract.villages import village

from kampung_cloud.gauges.words import eta
from kampung_cloud.modules.rivers.fallen import Fallen
from kampung_cloud.modules.rivers.landslide import Danger
from kampung_cloud.modules.rivers.looking import MINUTE_MS, Coming, State
from kampung_cloud.modules.rivers.rain import DAY_MS, HOUR_MS, closing, summed

GRID_MS = 10 * MINUTE_MS
"""Times of other villages' readings are told to ten minutes."""


def rivers(states: Sequence[State]) -> list[dict[str, Any]]:
    """The gauges of one village. Its own readings the kiosk has itself, live, under ``series``; these are for what it has not."""
    return [_gauge(state) for state in states]


def _gauge(state: State) -> dict[str, Any]:
    gauge = state.gauge
    return {
        "id": gauge.id,
        "kind": gauge.kind,
        "river": gauge.river,
        "place": gauge.place,
        "series": gauge.series,
        "second": gauge.second,
        "marks": list(gauge.marks),
        "bank_full": gauge.bank_full,
        "proposed": gauge.proposed,
        "begins": text(gauge.begins) if gauge.begins else None,
        "upstream": [_coming(each) for each in state.coming],
    }


def _coming(coming: Coming) -> dict[str, Any]:
    """A quiet river says the same all day; only from Siaga 3 on does the level go along."""
    gauge, point = coming.state.gauge, coming.point
    grade = None if point is None else sum(point.value >= mark for mark in gauge.marks)
    told: dict[str, Any] = {
        "gauge": gauge.id,
        "place": gauge.place or village(gauge.village).name,
        "river": gauge.river,
        "eta": eta(coming.way.minutes),
        "ordinal": grade,
        "silent": coming.silent,
        "radio": coming.way.radio,
        "marks": list(gauge.marks),
    }
    if grade and point is not None:
        told |= {"level": round(point.value, 1), "at": text(point.t // GRID_MS * GRID_MS)}
        told |= {"first": _to_grid(coming.first), "last": _to_grid(coming.last)}
    return told


def _to_grid(at: int | None) -> str | None:
    return None if at is None else text(at // GRID_MS * GRID_MS)


def rain(found: Fallen, now: int) -> dict[str, Any] | None:
    """The village's rain: today's so far, yesterday's day, and the last whole hour; None without a gauge."""
    if not found.newest:
        return None
    closes = closing(now)
    today, before = found.total(closes - DAY_MS, closes), found.total(closes - 2 * DAY_MS, closes - DAY_MS)
    hour = now // HOUR_MS * HOUR_MS - HOUR_MS
    last = found.hours.get(hour)
    return {
        "today": _amount(today),
        "closes": text(closes),
        "before": _amount(before) if found.known(closes - 2 * DAY_MS, closes - DAY_MS) >= 0.75 else None,
        "hour": None if last is None else _amount(last, "hour") | {"at": text(hour)},
    }


def _amount(mm: float, span: Any = "day") -> dict[str, Any]:
    shown = round(mm, 1)
    found = summed(shown, span)
    return {"mm": shown, "kind": found.key, "word": found.word}


def slopes(names: Sequence[str], danger: Danger | None) -> dict[str, Any] | None:
    """Marked slopes and how near the rain is; None where none is marked."""
    if not names:
        return None
    return {
        "names": list(names),
        "severity": 0 if danger is None else danger.severity,
        "index": None if danger is None else round(danger.index, 1),
    }


def document(states: Sequence[State], found: Fallen, places: Sequence[str], danger: Danger | None, now: int) -> Mapping[str, Any]:
    """All of it for one village."""
    return {"gauges": rivers(states), "rain": rain(found, now), "slopes": slopes(places, danger)}
