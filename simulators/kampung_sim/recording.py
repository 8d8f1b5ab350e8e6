"""Recordings of real sensors, and where in one "now" lies."""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Recording:
    """Values over time; ``times`` in milliseconds UTC, rising. A hole wider than ``bridge`` ms is a hole, not a straight line."""

    times: tuple[int, ...]
    values: tuple[float, ...]
    bridge: int

    def at(self, time: int) -> float | None:
        """The value at ``time``, on the straight line between its neighbours; None in a hole and outside the recording."""
        index = bisect_right(self.times, time)
        if index == 0 or index == len(self.times):
            return self.values[-1] if self.times and time == self.times[-1] else None
        before, after = self.times[index - 1], self.times[index]
        if after - before > self.bridge:
            return self.values[index - 1] if time == before else None
        share = (time - before) / (after - before)
        return self.values[index - 1] + share * (self.values[index] - self.values[index - 1])


@dataclass(frozen=True, slots=True)
class Loop:
    """Lays a stretch of a recording over real time: ``now`` of the recording is ``anchor`` at wall time ``begun``.

    When the stretch from ``first`` to ``last`` is over it begins again. All in milliseconds UTC.
    """

    first: int
    last: int
    anchor: int
    begun: int

    def place(self, wall: int) -> int:
        """The recording's time at a wall time."""
        return self.first + (wall - self.begun + self.anchor - self.first) % (self.last - self.first)


def utc(text: str) -> int:
    """Milliseconds of ``2018-10-14T06:23`` or ``2018-10-14``, read as UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def load(file: str, time: str, value: str, bridge: int) -> Recording:
    """A column of one of the packaged recordings. Rows without a value are left out; dates stand for their noon."""
    text = files("kampung_sim").joinpath("recordings", file).read_text(encoding="utf-8")
    rows = [(r[time].removesuffix("Z"), r[value]) for r in csv.DictReader(text.splitlines())]
    points = sorted((utc(at if "T" in at else f"{at}T12:00"), float(v)) for at, v in rows if v)
    return Recording(tuple(p[0] for p in points), tuple(p[1] for p in points), bridge)


def sea_level() -> Recording:
    """Metres against mean sea level, hourly; holes over three hours stay holes."""
    return load("coastal_water_level_hourly_ioos.csv", "time", "sea_surface_height_above_sea_level", 3 * HOUR)


def soil(column: str) -> Recording:
    """A column of the soil recording, daily; a missing day is bridged, two are not."""
    return load("soil_vwc_drummondville_daily_2018_2021.csv", "date", column, 2 * DAY)
