"""When a crop flowers and is harvested: by warmth for rice, moved by what the farmer saw; by the table for the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kampung_cloud.modules.farming import growth
from kampung_cloud.modules.farming.advice.morning import Morning

USUAL_WARMTH = 17.4
"""°C·day above 10 °C on a day of Banyuwangi's lowlands (27.4 °C), for days without weather and those to come."""
LATEST = 200
NURSERY = 21
"""Days in the nursery: warmth counts from emergence, a rice field's age from transplanting (mark K)."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days after planting; ``warmth`` until today in °C·day; ``doubt`` says which report was left aside, and why."""

    flowering: int
    harvest: int
    warmth: float
    doubt: str = ""


def calendar(morning: Morning) -> Calendar:
    """Of an annual with a planting date; for a perennial, days that never come."""
    plot, age = morning.plot, morning.age
    if plot.crop.stages is None or age is None:
        return Calendar(LATEST * 100, LATEST * 101, 0.0)
    initial, development = plot.crop.stages[:2]
    if plot.crop.name != "rice":
        return Calendar(initial + development, sum(plot.crop.stages), warmth_until(morning, morning.today))
    stages, doubt = dict(growth.RICE_STAGES), ""
    for stage, day in sorted(morning.seen.items(), key=lambda item: item[1]):
        try:
            stages = growth.corrected(stages, stage, warmth_until(morning, day))
        except ValueError as error:
            doubt = str(error)
    warmth = warmth_until(morning, morning.today)
    flowering, harvest = (max(1, age + round((stages[s] - warmth) / USUAL_WARMTH)) for s in ("flowering", "maturity"))
    return Calendar(flowering, max(harvest, flowering + 1), warmth, doubt)


def warmth_until(morning: Morning, day: date) -> float:
    """°C·day above 10 °C from emergence to before ``day``; a day without weather counts as a usual one."""
    planted = morning.plot.planted
    if planted is None:
        return 0.0
    known = {
        d.day: growth.degree_days(d.tmin, d.tmax, growth.RICE_BASE, growth.RICE_CAP)
        for d in morning.days
        if d.tmin is not None and d.tmax is not None and planted <= d.day < day
    }
    nursery = NURSERY if morning.plot.crop.flooded and not morning.plot.direct else 0
    return sum(known.values()) + USUAL_WARMTH * (nursery + max(0, (day - planted).days) - len(known))
