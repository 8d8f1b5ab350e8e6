"""How each gauge stands: level, pace, the next level in minutes, whether a second sensor agrees, and what is on its way from upstream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kampung_contract.errors import NotFound
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.rules import word

from kampung_cloud.gauges.gauge import Gauge, Upstream
from kampung_cloud.gauges.pace import OVER_MS, Pace, Point, fast, minutes_to, ordinal, pace
from kampung_cloud.telemetry.store import TelemetryStore

MINUTE_MS = 60_000
SILENT_MS = 20 * MINUTE_MS
"""A gauge that was heard each minute and is not for so long is silent."""
AGREE = 0.15
"""Metres within which two sensors over the same water say the same."""
BESIDE_MS = 10 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Coming:
    """The gauge upstream as this village needs it. ``crossed``: since when it stands at its level (ms UTC), None below Siaga 3.

    ``radio`` is the newest reading that the village's own kiosk heard of it. The water is expected from ``first`` to ``last`` (ms UTC).
    """

    way: Upstream
    state: State
    crossed: int | None
    radio: Point | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing is heard of it, by any way."""
        return self.state.silent and (self.radio is None or self.state.now - self.radio.t > SILENT_MS)

    @property
    def point(self) -> Point | None:
        """The newest that is known of it."""
        return max((p for p in (self.state.point, self.radio) if p is not None), default=None)

    @property
    def first(self) -> int | None:
        """At the earliest."""
        return None if self.crossed is None else self.crossed + round(self.way.minutes[0] * MINUTE_MS)

    @property
    def last(self) -> int | None:
        """At the latest."""
        return None if self.crossed is None else self.crossed + round(self.way.minutes[1] * MINUTE_MS)


@dataclass(frozen=True)
class State:
    """A gauge at ``now`` (ms UTC). ``point`` is its newest good reading on its present zero, None where there is none."""

    gauge: Gauge
    now: int
    point: Point | None = None
    pace: Pace | None = None
    second: Point | None = None
    coming: tuple[Coming, ...] = ()

    @property
    def ordinal(self) -> int | None:
        """0 below Siaga 3 to 3 at Siaga 1; None where nothing was measured."""
        return None if self.point is None else ordinal(self.point.value, self.gauge.marks)

    @property
    def words(self) -> tuple[str, str]:
        """Both words for it: that of river gauges, which count down, and that of BNPB."""
        grade = self.ordinal
        return ("", "") if grade is None else (word(grade, "siaga"), word(grade))

    @property
    def age(self) -> int | None:
        """Ms since the newest reading."""
        return None if self.point is None else max(0, self.now - self.point.t)

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for a while; it says nothing about the water then."""
        return self.age is None or self.age > SILENT_MS

    @property
    def certainty(self) -> str:
        """observed (two sensors agree, or there is one alone), likely (the second is not heard), doubted (they disagree)."""
        if self.gauge.second is None or self.point is None:
            return "observed"
        if self.second is None or abs(self.second.t - self.point.t) > BESIDE_MS:
            return "likely"
        return "observed" if abs(self.second.value - self.point.value) <= AGREE else "doubted"

    @cached_property
    def next_mark(self) -> tuple[int, float] | None:
        """The next level above the water: its severity and metres; None at Siaga 1."""
        if self.point is None:
            return None
        grade = ordinal(self.point.value, self.gauge.marks)
        return (grade + 1, self.gauge.marks[grade]) if grade < 3 else None

    @property
    def minutes(self) -> float | None:
        """Until the next level at the present pace; None when the water does not rise."""
        if self.point is None or self.pace is None or self.next_mark is None or self.pace.trend != "rising":
            return None
        return minutes_to(self.point.value, self.next_mark[1], self.pace.rate)

    @property
    def fast(self) -> bool:
        """Whether it rises so fast that people are told."""
        return self.point is not None and self.gauge.rise and fast(self.pace, self.point.value, self.gauge.marks)


class Looking:
    """Over the store. Everything raises ``StorageUnavailable``."""

    def __init__(self, store: TelemetryStore, gauges: Sequence[Gauge]) -> None:
        self._store = store
        self._gauges = {gauge.id: gauge for gauge in gauges}

    def states(self, now: int) -> Mapping[str, State]:
        """By gauge."""
        alone = {name: self._alone(gauge, now) for name, gauge in self._gauges.items()}
        return {name: replace(state, coming=self._coming(state.gauge, alone)) for name, state in alone.items()}

    def points(self, series: str, start: int, stop: int, begins: int = 0) -> list[Point]:
        """Good readings, in order; none of a series that is not there, none from before ``begins``."""
        try:
            found = self._store.window(series, max(start, begins), stop)
        except NotFound:
            return []
        rows = zip(found.t, found.v, found.q, strict=True)
        return [Point(t, v) for t, v, q in rows if q not in (FAIL, MISSING)]

    def _alone(self, gauge: Gauge, now: int) -> State:
        recent = self._recent(gauge.series, gauge.begins, now)
        second = self._recent(gauge.second, gauge.begins, now)[-1:] if gauge.second else []
        return State(gauge, now, recent[-1] if recent else None, pace(recent), second[0] if second else None)

    def _recent(self, series: str, begins: int, now: int) -> list[Point]:
        """The last half an hour before the newest reading, not later than ``now``."""
        latest = self._store.find(series)
        if latest is None or latest.estimated:
            return []
        end = min(latest.t, now)
        return self.points(series, end - OVER_MS, end + 1, begins)

    def _coming(self, gauge: Gauge, alone: Mapping[str, State]) -> tuple[Coming, ...]:
        out = []
        for way in gauge.upstream:
            state = alone[way.gauge]
            radio = self._recent(way.radio, state.gauge.begins, state.now)[-1:] if way.radio else []
            coming = Coming(way, state, None, radio[0] if radio else None)
            series = way.radio if way.radio and coming.point is coming.radio else state.gauge.series
            out.append(replace(coming, crossed=self._crossed(state.gauge, series, coming.point, state.now)))
        return tuple(out)

    def _crossed(self, gauge: Gauge, series: str, newest: Point | None, now: int) -> int | None:
        """Since when the gauge has stood at Siaga 3 or above by a series, looking two days back."""
        mark, start = gauge.marks[0], max(now - 48 * 60 * MINUTE_MS, gauge.begins)
        if newest is None or newest.value < mark:
            return None
        found = self._store.window(series, start, newest.t + 1, 5 * MINUTE_MS, aggregates=("max",))
        since = newest.t
        for t, most in zip(reversed(found.t), reversed(found.aggregates["max"]), strict=True):
            if most < mark:
                break
            since = min(since, t)
        return since
