"""Why there was an alarm: the readings that its rule looked at, the rule's marks, and how it stood over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kampung_contract.alarm import Alarm
from kampung_contract.conditions import Band, Leaf, Reach, Threshold
from kampung_contract.machine import Row
from kampung_contract.pack import GOOD
from kampung_contract.phases import Stretch, lead_ms, phases
from kampung_contract.rules import Rule

from kampung_cloud.readings import budget
from kampung_cloud.telemetry.store import SeriesKey, TelemetryStore, Window
from kampung_cloud.watch import Watch

LEAST_MARGIN_MS = 3_600_000
MOST_MARGIN_MS = 2 * 86_400_000
MOST_ROWS = 50_000
"""Of one series: through more single readings nobody's patience goes to find phases and doubtful ones."""
MOST_SERIES = 6
MOST_DOUBTED = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that readings are compared with. ``kind``: threshold, clear, low, high, low_clear, high_clear, level."""

    kind: str
    value: float


@dataclass(frozen=True, slots=True)
class Traced:
    """A series in the window: single readings, or buckets of ``every`` ms. ``doubted``: readings that are not good, as (t, value, flag),
    at most ``MOST_DOUBTED``.
    """

    key: SeriesKey
    every: int | None
    readings: Window
    marks: tuple[Mark, ...]
    doubted: tuple[tuple[int, float, int], ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """From ``start`` to ``stop`` (ms UTC). ``stretches`` is None when there are too many readings to tell, or no rule any more."""

    start: int
    stop: int
    series: tuple[Traced, ...]
    more: int
    """So many series that the rule looks at are left out."""
    stretches: tuple[Stretch, ...] | None


def trace(store: TelemetryStore, alarm: Alarm, rule: Rule | None, standing_before: int | None, *, now: int, points: int) -> Trace:
    """``rule`` as it is in force; ``standing_before``: since when an alarm of the rule stood ``lead_ms`` before the window, if one did.

    At most ``points`` of each series. Raises ``StorageUnavailable``.
    """
    start, stop = window(alarm, rule, now)
    watch = None if rule is None else Watch(rule, alarm.scope, store, (), 0)
    keys = _keys(store, alarm, watch)
    shown = keys[:MOST_SERIES]
    traced = tuple(_traced(store, key, alarm, rule, start, stop, points) for key in shown)
    stretches = None
    if rule is not None and watch is not None:
        begin = max(start - lead_ms(rule), 0)
        if sum(store.count(key.id, begin, stop) for key in keys) <= MOST_ROWS:
            found = phases(rule, watch.matches, _until(watch.stored(begin, stop), stop), min(stop, now), standing=standing_before)
            cut = (Stretch(p, max(a, start), min(b, stop)) for p, a, b in found)
            stretches = tuple(each for each in cut if each.start < each.stop)
    return Trace(start, stop, traced, len(keys) - len(shown), stretches)


def window(alarm: Alarm, rule: Rule | None, now: int) -> tuple[int, int]:
    """The alarm's time with room before and behind, ms UTC."""
    end = max(now if alarm.until is None else alarm.until, alarm.since)
    waits = 0 if rule is None else max(rule.hold_ms, rule.clear_ms)
    margin = max(LEAST_MARGIN_MS, min(max(2 * waits, (end - alarm.since) // 4), MOST_MARGIN_MS))
    return alarm.since - margin, end + (margin if alarm.until is not None else 0) + 1


def marks(rule: Rule, key: SeriesKey) -> tuple[Mark, ...]:
    """What the rule compares that series with; a rate has no mark of its own."""
    found = [mark for leaf in rule.leaves if leaf.concerns(key.node, key.device, key.quantity) for mark in _of(leaf)]
    return tuple(dict.fromkeys(found))


def _of(leaf: Leaf) -> Iterator[Mark]:
    match leaf:
        case Threshold():
            yield Mark("threshold", leaf.threshold)
            if leaf.clear != leaf.threshold:
                yield Mark("clear", leaf.clear)
        case Band():
            yield Mark("low", leaf.low)
            yield Mark("high", leaf.high)
            if leaf.deadband:
                yield Mark("low_clear", leaf.low + leaf.deadband)
                yield Mark("high_clear", leaf.high - leaf.deadband)
        case Reach():
            yield Mark("level", leaf.level)


def _keys(store: TelemetryStore, alarm: Alarm, watch: Watch | None) -> list[SeriesKey]:
    """What raised it first."""
    found = [] if watch is None else watch.looked_at()
    if all(key.id != alarm.series for key in found):
        own = store.find(alarm.series)
        found = found if own is None else [own.key, *found]
    return sorted(found, key=lambda key: (key.id != alarm.series, key.id))


def _traced(store: TelemetryStore, key: SeriesKey, alarm: Alarm, rule: Rule | None, start: int, stop: int, points: int) -> Traced:  # noqa: PLR0917 - what and when
    every = budget.fitting(store, key.id, start, stop, points)
    readings = store.window(key.id, start, stop, every)
    single = readings
    if every is not None:
        few = store.count(key.id, start, stop) <= MOST_ROWS
        single = store.window(key.id, start, stop) if few else Window([], [], [], [])
    doubted = tuple((t, v, q) for t, v, q in zip(single.t, single.v, single.q, strict=True) if q != GOOD)[:MOST_DOUBTED]
    own = (Mark("threshold", alarm.threshold),) if rule is None and alarm.threshold is not None else ()
    return Traced(key, every, readings, own if rule is None else marks(rule, key), doubted)


def _until(rows: Iterator[Row], stop: int) -> Iterator[Row]:
    return (row for row in rows if row.t < stop)
