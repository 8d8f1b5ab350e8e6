"""How much rain fell in a village, hour by hour, out of the stored readings.

A reading of ``rain`` is what fell since the one before; ``rain_total`` counts on for ever, and begins again when a gauge is reset. What a
gauge cannot have seen (less than nothing, BMKG's codes, more than falls in an hour) is left out and counted. Of several gauges in a village
the wettest stands for it: this is about warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from kampung_contract.pack import FAIL, MISSING

from kampung_cloud.modules.rivers.rain import CODES, HOUR_MS, MOST_HOUR
from kampung_cloud.telemetry.store import Selector, TelemetryStore

STEP_MS = 5 * 60_000
QUANTITIES = ("rain", "rain_total")
"""Of a device that has both, the first."""


@dataclass(frozen=True, slots=True)
class Fallen:
    """``hours``: mm by the hour's beginning (ms UTC), an hour without a reading is absent. ``newest``: of the last reading, 0 for none.

    ``left_out``: readings that could not be.
    """

    hours: Mapping[int, float] = field(default_factory=dict)
    series: str = ""
    newest: int = 0
    left_out: int = 0

    def total(self, start: int, stop: int) -> float:
        """mm from ``start`` to before ``stop`` (ms UTC, whole hours)."""
        return sum(mm for t, mm in self.hours.items() if start <= t < stop)

    def known(self, start: int, stop: int) -> float:
        """Share of the hours of which something is known."""
        wanted = max(1, (stop - start) // HOUR_MS)
        return sum(start <= t < stop for t in self.hours) / wanted


def gauges(store: TelemetryStore, villages: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Series of rain by village. Raises ``StorageUnavailable``."""
    wanted = None if villages is None else set(villages)
    out: dict[str, list[str]] = {}
    known: set[tuple[str, str]] = set()
    for quantity in QUANTITIES:
        for key in store.series(Selector(quantity=quantity)):
            place = (key.node, key.device)
            if key.unit == "mm" and place not in known and (wanted is None or key.village in wanted):
                known.add(place)
                out.setdefault(key.village, []).append(key.id)
    return out


def fallen(store: TelemetryStore, series: str, start: int, stop: int) -> Fallen:
    """Of one gauge, from ``start`` to before ``stop`` (ms UTC). Raises ``StorageUnavailable``, ``NotFound``."""
    if series.endswith(".rain_total"):
        return _counted(store, series, start, stop)
    found = store.window(series, start // HOUR_MS * HOUR_MS, stop, HOUR_MS)
    mean, low, high, count = (found.aggregates[name] for name in ("mean", "min", "max", "count"))
    hours, left_out = {}, 0
    for t, middle, least, most, n in zip(found.t, mean, low, high, count, strict=True):
        total, bad = (middle * n, 0) if least >= 0 and most <= MOST_HOUR else _one_by_one(store, series, t)
        if total is not None and total > MOST_HOUR:
            total, bad = None, round(n)  # each could be, all of them cannot: the gauge is stuck
        left_out += bad
        if total is not None:
            hours[t] = total
    latest = store.find(series)
    return Fallen(hours, series, latest.t if latest and not latest.estimated else 0, left_out)


def last_hour(store: TelemetryStore, series: Iterable[str], now: int) -> float:
    """mm of the last sixty minutes, to five of them, at the wettest of several gauges."""
    return max((_recent(store, each, now) for each in series), default=0.0)


def _recent(store: TelemetryStore, series: str, now: int) -> float:
    start = now - HOUR_MS
    if series.endswith(".rain_total"):
        found = store.window(series, start - STEP_MS, now + 1, STEP_MS, aggregates=("last",))
        counts = [v for v in found.aggregates["last"] if v >= 0 and v not in CODES]
        total = sum(b - a if b >= a else b for a, b in pairwise(counts))
    else:
        found = store.window(series, start, now + 1, STEP_MS)
        mean, low, high, count = (found.aggregates[name] for name in ("mean", "min", "max", "count"))
        rows = zip(mean, low, high, count, strict=True)
        total = sum(middle * n for middle, least, most, n in rows if least >= 0 and most <= MOST_HOUR)
    return total if total <= MOST_HOUR else 0.0


def _counted(store: TelemetryStore, series: str, start: int, stop: int) -> Fallen:
    """Of a counter: what it grew by from hour to hour. Hours without a reading get even shares; a lower count is a new beginning."""
    begin = start // HOUR_MS * HOUR_MS
    found = store.window(series, begin - HOUR_MS, stop, HOUR_MS, aggregates=("min", "last"))
    hours, left_out = dict[int, float](), 0
    before: tuple[int, float] | None = None
    for t, low, last in zip(found.t, found.aggregates["min"], found.aggregates["last"], strict=True):
        if last < 0 or last in CODES:
            left_out += 1
            continue
        since, base = before if before is not None else (t - HOUR_MS, low)
        over = (t - since) // HOUR_MS
        grown = last - base if last >= base else last
        before = (t, last)
        if grown > MOST_HOUR * over:
            left_out += 1
            continue
        for n in range(over):
            if t - n * HOUR_MS >= begin:
                hours[t - n * HOUR_MS] = grown / over
    latest = store.find(series)
    return Fallen(hours, series, latest.t if latest and not latest.estimated else 0, left_out)


def in_village(store: TelemetryStore, series: Iterable[str], start: int, stop: int) -> Fallen:
    """Of the wettest of several gauges."""
    return max((fallen(store, each, start, stop) for each in series), key=lambda f: (sum(f.hours.values()), f.newest), default=Fallen())


def _one_by_one(store: TelemetryStore, series: str, hour: int) -> tuple[float | None, int]:
    raw = store.window(series, hour, hour + HOUR_MS)
    told = [v for v, q in zip(raw.v, raw.q, strict=True) if q not in (FAIL, MISSING)]
    good = [v for v in told if 0 <= v <= MOST_HOUR]
    return (sum(good) if good else None), len(told) - len(good)
