"""``calc season_onset``: the wet season's beginning by the village's gauge."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.farming import season


class OnsetInputs(Inputs):
    """Daily rain from a day on."""

    start: dt.date = quantity("the first day", "ISO 8601")
    rain: list[float | None] = Field(
        description="a sum each day, null where nothing was measured", min_length=1, max_length=1100, json_schema_extra={"unit": "mm"}
    )


def _compute(given: OnsetInputs) -> Result:
    rain = {given.start + dt.timedelta(n): mm for n, mm in enumerate(given.rain) if mm is not None}
    sums = season.sums(rain, given.start, given.start + dt.timedelta(len(given.rain)))
    found = season.onset(sums)
    shown = [{"from": d.first.isoformat(), "mm": d.mm, "missing_days": d.missing, "wet": d.wet} for d in sums]
    method = "first day of the first of three dasarian in a row with at least 50 mm"
    return Result(None if found is None else found.isoformat(), "ISO 8601", method, season.SOURCE, {"dasarian": shown})


SEASON_ONSET = Calculator("season_onset", "Beginning of the wet season", OnsetInputs, _compute, {"start": "2026-11-01", "rain": [6.0] * 30})
