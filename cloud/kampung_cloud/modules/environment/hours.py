"""Means by the hour, and of the 24 hours before an hour: what an ISPU is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kampung_cloud.telemetry.store import TelemetryStore

HOUR = 3_600_000
DAY = 24 * HOUR
WIB = 7 * HOUR
ENOUGH = 18
"""Of 24 hours (75 %, practice); with fewer there is no mean of a day."""
LATE = 120_000
"""An hour is looked at so long after its end: readings need a moment to arrive."""

Hours = Mapping[int, float]
"""Mean of an hour by its beginning, ms UTC; an hour without a good reading is absent."""


class Mean(NamedTuple):
    """Over ``hours`` of 24; ``value`` is None where they are too few."""

    value: float | None
    hours: int


def last_hour(now: int) -> int:
    """The end of the last hour that is over, ms UTC."""
    return (now - LATE) // HOUR * HOUR


def last_midnight(at: int) -> int:
    """The local midnight at or before ``at``."""
    return (at + WIB) // DAY * DAY - WIB


def hours(store: TelemetryStore, series: str, start: int, stop: int) -> dict[int, float]:
    """Of the hours in [``start``, ``stop``), both whole hours. Readings that failed a check are not in a mean. Raises ``NotFound``."""
    found = store.window(series, start, stop, HOUR, aggregates=("mean",))
    return dict(zip(found.t, found.aggregates.get("mean", []), strict=True))


def running(values: Hours, at: int) -> Mean:
    """Mean of the hourly means of the 24 hours before ``at``."""
    known = [values[t] for t in range(at - DAY, at, HOUR) if t in values]
    return Mean(sum(known) / len(known) if len(known) >= ENOUGH else None, len(known))
