"""States, rain and slopes as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kampung_contract.rules import word
from kampung_contract.times import text
from kampung_contract.villages import village

from kampung_cloud.gauges.slopes import Landslide
from kampung_cloud.gauges.words import eta
from kampung_cloud.modules.rivers.fallen import Fallen
from kampung_cloud.modules.rivers.landslide import Danger
from kampung_cloud.modules.rivers.looking import Coming, State
from kampung_cloud.modules.rivers.rain import DAY_MS, HOUR_MS, SOURCE, closing, day_name, summed
from kampung_cloud.modules.rivers.schemas import Shown
from kampung_cloud.modules.rivers.slopes import Slope

CERTAIN = 3
"""Decimals of metres that are shown: a millimetre."""


def rivers(states: Mapping[str, State], tails: Mapping[str, Sequence[tuple[int, float]]]) -> list[Shown]:
    """By river, from the spring down."""
    names = list(dict.fromkeys(state.gauge.river for state in states.values()))
    ordered = sorted(states.values(), key=lambda s: (s.gauge.order, s.gauge.id))
    return [{"name": name, "gauges": [gauge(s, tails.get(s.gauge.id, ())) for s in ordered if s.gauge.river == name]} for name in names]


def gauge(state: State, tail: Sequence[tuple[int, float]]) -> Shown:
    """``GaugeOut``."""
    one, found, (siaga, said) = state.gauge, state.pace, state.words
    shown: Shown = {
        name: getattr(one, name) for name in ("id", "kind", "river", "village", "place", "order", "series", "second", "bank_full")
    }
    shown |= {"village_name": village(one.village).name, "marks": list(one.marks), "proposed": one.proposed, "source": one.source}
    shown |= {
        "newest": None if state.point is None else {"at": text(state.point.t), "level": round(state.point.value, CERTAIN)},
        "silent": state.silent,
        "age": state.age,
        "ordinal": state.ordinal,
        "siaga": siaga,
        "word": said,
        "rate": None if found is None else round(found.rate, CERTAIN),
        "rise": None if found is None else round(found.rise, CERTAIN),
        "trend": None if found is None or state.silent else found.trend,
        "fast": state.fast and not state.silent,
        "next_level": None if state.next_mark is None else state.next_mark[1],
        "minutes": None if state.minutes is None or state.silent else round(state.minutes, 1),
        "certainty": state.certainty,
        "second_level": None if state.second is None else round(state.second.value, CERTAIN),
        "breaks": [{"at": text(d.at), "note": d.note, "shift": d.shift} for d in one.datum],
        "upstream": [way(each) for each in state.coming],
        "tail": [[t, round(v, CERTAIN)] for t, v in tail],
    }
    return shown


def way(coming: Coming) -> Shown:
    """``WayOut``."""
    one, point = coming.state.gauge, coming.point
    by_radio = point is not None and point is coming.radio
    times = {"crossed": coming.crossed, "first": coming.first, "last": coming.last}
    return {
        "gauge": one.id,
        "place": one.place or village(one.village).name,
        "minutes": list(coming.way.minutes),
        "source": coming.way.source,
        "eta": eta(coming.way.minutes),
        "ordinal": None if point is None else sum(point.value >= mark for mark in one.marks),
        "silent": coming.silent,
        "radio": coming.way.radio,
        "heard_by": "radio" if by_radio else "regency",
        **{name: None if at is None else text(at) for name, at in times.items()},
    }


def rain(code: str, found: Fallen, danger: Danger, slopes: Sequence[str], *, setting: Landslide, now: int) -> Shown:
    """``RainOut``: fourteen days, two days of hours."""
    closes = closing(now)
    days = []
    for n in range(14):
        end = closes - n * DAY_MS
        known = found.known(end - DAY_MS, min(end, now // HOUR_MS * HOUR_MS + HOUR_MS))
        if known > 0:
            mm = round(found.total(end - DAY_MS, end), 1)
            kind = summed(mm)
            days.append({"day": day_name(end), "mm": mm, "kind": kind.key, "word": kind.word, "known": round(known, 2)})
    hours = []
    for t in sorted(t for t in found.hours if t >= now - 48 * HOUR_MS):
        mm = round(found.hours[t], 1)
        kind = summed(mm, "hour")
        hours.append({"t": t, "mm": mm, "kind": kind.key, "word": kind.word})
    return {
        "village": code,
        "series": found.series,
        "newest": text(found.newest) if found.newest else None,
        "left_out": found.left_out,
        "closes": text(closes),
        "days": days,
        "hours": hours,
        "danger": _danger(danger, bool(slopes), setting.holds(code)),
        "source": SOURCE,
    }


def _danger(found: Danger, marked: bool, switched_on: bool) -> Shown:
    why = ""
    if not marked:
        why = "Tidak ada lereng yang ditandai di desa ini, jadi tidak ada yang diperingatkan."
    elif not switched_on:
        why = "Peringatan longsor untuk desa ini belum dihidupkan di konfigurasi ([landslide] villages)."
    terms = [{"rule": t.rule, "fell": round(t.fell, 1), "warns": round(t.warns, 1), "ratio": round(t.ratio, 3)} for t in found.terms]
    shown: Shown = {"index": round(found.index, 3), "severity": found.severity, "word": word(found.severity), "terms": terms}
    return shown | {"warns": marked and switched_on, "why": why}


def slope(one: Slope, setting: Landslide) -> Shown:
    """``SlopeOut``."""
    shown: Shown = {name: getattr(one, name) for name in ("id", "village", "name", "latitude", "longitude", "note", "by")}
    return shown | {"village_name": village(one.village).name, "at": text(one.at), "warns": setting.holds(one.village)}
