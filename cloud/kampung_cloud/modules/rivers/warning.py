"""What the regency works out itself and commits as readings of a series of its own, so that ordinary alarm rules look at it:

- ``kabupaten-<desa>.longsor.warning_index``: how near the rain is to what triggers landslides, where slopes are marked;
- ``kabupaten-<desa>.hulu-<gauge>.warning_index``: 1 while the gauge upstream is silent and heavy rain falls, else 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kampung_contract.pack import Column

from kampung_cloud.gauges.gauge import Gauge
from kampung_cloud.gauges.slopes import series_of
from kampung_cloud.gauges.warning import blind_series
from kampung_cloud.modules.rivers.fallen import in_village
from kampung_cloud.modules.rivers.landslide import BEFORE_H, WITHIN_H, Danger, of_hours
from kampung_cloud.modules.rivers.looking import State
from kampung_cloud.modules.rivers.rain import HOUR, HOUR_MS
from kampung_cloud.telemetry.store import Batch, SeriesKey, TelemetryStore
from kampung_cloud.words.subject import INDEX

HEAVY_HOUR = next(c.at_least for c in HOUR if c.key == "very_heavy")
"""mm in an hour at which nobody waits for a gauge that is silent."""
WINDOW_H = WITHIN_H + BEFORE_H


@dataclass(frozen=True, slots=True)
class Blind:
    """Whether a village is without word from upstream while it rains hard: ``rain`` mm in the last hour at the wettest gauge around."""

    gauge: Gauge
    above: str
    silent: bool
    rain: float | None
    told: bool
    """Whether BMKG warns of weather here."""

    @property
    def holds(self) -> bool:
        """Missing is not resolved: silence in rain is news."""
        return self.silent and ((self.rain or 0.0) >= HEAVY_HOUR or self.told)


def blind(states: Mapping[str, State], rains: Mapping[str, float], warned: Iterable[str] = ()) -> list[Blind]:
    """For every way from one gauge to the next. ``rains``: mm of the last hour by village; ``warned``: villages under a warning of BMKG."""
    told, out = set(warned), []
    for state in states.values():
        gauge = state.gauge
        for coming in state.coming:
            places = {s.gauge.village for s in states.values() if s.gauge.river == gauge.river} | {coming.state.gauge.village}
            around = [rains[place] for place in places if place in rains]
            out.append(Blind(gauge, coming.way.gauge, coming.silent, max(around, default=None), not told.isdisjoint(places)))
    return out


def danger(store: TelemetryStore, series: Sequence[str], now: int) -> Danger:
    """By the wettest gauge of a village, over eighteen days and the hour under way."""
    end = now // HOUR_MS * HOUR_MS + HOUR_MS
    found = in_village(store, series, end - WINDOW_H * HOUR_MS, end)
    return of_hours([found.hours.get(t, 0.0) for t in range(end - WINDOW_H * HOUR_MS, end, HOUR_MS)])


def batch(now: int, blinds: Sequence[Blind], slopes: Mapping[str, Danger]) -> Batch:
    """What is to be committed."""
    out = Batch()
    for each in blinds:
        node, device = blind_series(each.gauge, each.above)
        out.add(SeriesKey(each.gauge.village, node, device, INDEX, "1"), _one(now, 1.0 if each.holds else 0.0), now)
    for code, found in slopes.items():
        node, device = series_of(code)
        out.add(SeriesKey(code, node, device, INDEX, "1"), _one(now, round(min(found.index, 100.0), 2)), now)
    return out


def _one(now: int, value: float) -> Column:
    return Column("", "1", now, [value])
