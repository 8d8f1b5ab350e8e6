"""How much rain fell in a village, hour by hour, out of the stored readings.

A reading of ``rain`` is what fell since the one before. What a gauge cannot have seen (less than nothing, BMKG's codes, more than falls in
an hour) is left out and counted. Of several gauges in a village the wettest stands for it: this is about warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kampung_contract.pack import FAIL, MISSING

from kampung_cloud.modules.rivers.rain import HOUR_MS, MOST_HOUR
from kampung_cloud.telemetry.store import Selector, TelemetryStore

QUANTITY = "rain"


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
    for key in store.series(Selector(quantity=QUANTITY)):
        if key.unit == "mm" and (wanted is None or key.village in wanted):
            out.setdefault(key.village, []).append(key.id)
    return out


def fallen(store: TelemetryStore, series: str, start: int, stop: int) -> Fallen:
    """Of one gauge, from ``start`` to before ``stop`` (ms UTC). Raises ``StorageUnavailable``, ``NotFound``."""
    found = store.window(series, start // HOUR_MS * HOUR_MS, stop, HOUR_MS)
    mean, low, high, count = (found.aggregates[name] for name in ("mean", "min", "max", "count"))
    hours, left_out = {}, 0
    for t, middle, least, most, n in zip(found.t, mean, low, high, count, strict=True):
        if least < 0 or most > MOST_HOUR:
            total, bad = _one_by_one(store, series, t)
            left_out += bad
            if total is not None:
                hours[t] = total
        else:
            hours[t] = middle * n
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
