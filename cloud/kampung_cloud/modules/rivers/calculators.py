"""``calc river_level``, ``calc rain_category``, ``calc landslide``."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from kampung_contract.rules import word
from pydantic import Field

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.gauges.gauge import PROPOSAL, SHARES
from kampung_cloud.gauges.pace import Point, fast, minutes_to, ordinal, pace
from kampung_cloud.modules.rivers import landslide
from kampung_cloud.modules.rivers.rain import LABELS, SOURCE, Span, category

MINUTE_MS = 60_000


class Reading(Inputs):
    """A level at a time."""

    minute: float = quantity("minutes, from any beginning", "min", ge=0, le=10_000)
    level: float = quantity("water above the gauge's zero", "m", ge=-5, le=15)


class LevelInputs(Inputs):
    """A level with the gauge's marks, or its bank-full; readings of the last half an hour for the pace."""

    level: float | None = quantity("water above the gauge's zero; the last of readings without it", "m", default=None, ge=-5, le=15)
    bank_full: float | None = quantity("top of the bank above the gauge's zero, where there are no levels", "m", default=None, gt=0, le=15)
    siaga_3: float | None = quantity("level of Siaga 3", "m", default=None, ge=-5, le=15)
    siaga_2: float | None = quantity("level of Siaga 2", "m", default=None, ge=-5, le=15)
    siaga_1: float | None = quantity("level of Siaga 1", "m", default=None, ge=-5, le=15)
    readings: list[Reading] = Field(default=[], description="levels over time, in order", max_length=500, json_schema_extra={"unit": ""})


def _marks(given: LevelInputs) -> tuple[tuple[float, float, float], str]:
    marks = (given.siaga_3, given.siaga_2, given.siaga_1)
    three, two, one = marks
    if three is not None and two is not None and one is not None:
        if not three < two < one:
            raise ValueError(f"siaga_3 = {three:g}, siaga_2 = {two:g}, siaga_1 = {one:g}: each must be higher than the last")
        return (three, two, one), "levels of the site"
    if any(mark is not None for mark in marks):
        raise ValueError("siaga_3, siaga_2 and siaga_1: give all three, or bank_full alone")
    if given.bank_full is None:
        raise ValueError("no levels: give siaga_3, siaga_2 and siaga_1, or bank_full, of which they are then 50, 75 and 90 %")
    low, middle, high = (share * given.bank_full for share in SHARES)
    return (low, middle, high), "50, 75, 90 % of bank-full: a proposal"


def _level(given: LevelInputs) -> Result:
    marks, method = _marks(given)
    points = [Point(round(r.minute * MINUTE_MS), r.level) for r in given.readings]
    if any(b.t <= a.t for a, b in pairwise(points)):
        raise ValueError("readings: minute must rise from one to the next")
    level = given.level if given.level is not None else points[-1].value if points else None
    if level is None:
        raise ValueError("level is missing: give level, or readings")
    found, grade = pace(points), ordinal(level, marks)
    following = marks[grade] if grade < len(marks) else None
    left = None if found is None or following is None else minutes_to(level, following, found.rate)
    more = {
        "category": word(grade, "siaga"),
        "word": word(grade),
        "ordinal": grade,
        "levels": {"siaga_3": marks[0], "siaga_2": marks[1], "siaga_1": marks[2]},
        "rate": None if found is None else found.rate,
        "rate_unit": "m/h",
        "rise_30_min": None if found is None else found.rise,
        "next_level": following,
        "minutes_to_next": left,
        "rising_fast": fast(found, level, marks),
        "proposed": given.siaga_3 is None,
    }
    source = PROPOSAL if given.siaga_3 is None else "levels as given; rate: median of slopes (Theil 1950, Sen 1968); docs/sources.md"
    return Result(level, "m", f"{method}; alarm at 30 cm in 30 min or an hour to the next level", source, more)


class RainInputs(Inputs):
    """An amount of rain."""

    millimetres: float = quantity("rain", "mm")
    span: Literal["day", "hour"] = quantity("whether it is a day's (to 07.00 WIB) or an hour's", "", default="day")


def _rain(given: RainInputs) -> Result:
    span: Span = given.span
    found = category(given.millimetres, span)
    more = {"category": found.word, "key": found.key, "at_least": found.at_least, "span": LABELS[span]}
    return Result(given.millimetres, "mm", f"BMKG's classes, {LABELS[span]}", SOURCE, more)


class SlideInputs(Inputs):
    """Rain by the hour, or sums of it; and whether the village marked slopes."""

    hours: list[float] = Field(
        default=[], description="rain of each hour, the newest last", max_length=24 * 60, json_schema_extra={"unit": "mm"}
    )
    intensity: float | None = quantity("mean intensity of a spell, for Caine's curve", "mm/h", default=None, ge=0, le=200)
    duration: float | None = quantity("how long that spell lasted", "h", default=None, ge=0.167, le=500)
    day: float | None = quantity("rain of one day", "mm", default=None, ge=0, le=2000)
    three_days: float | None = quantity("rain of three days", "mm", default=None, ge=0, le=4000)
    fifteen_days_before: float | None = quantity("rain of the fifteen days before these three", "mm", default=None, ge=0, le=8000)
    marked: bool = quantity("whether slopes are marked there: without one nobody is warned", "", default=True)


def _slide(given: SlideInputs) -> Result:
    if (given.intensity is None) != (given.duration is None):
        raise ValueError("intensity and duration: give both, or neither")
    if wrong := next((mm for mm in given.hours if not 0 <= mm <= 200), None):
        raise ValueError(f"hours: {wrong:g} is no rain of an hour; write 0 to 200 mm, and 0 for an hour that nobody measured")
    found = landslide.of_hours(given.hours)
    terms = list(found.terms)
    if given.intensity is not None and given.duration is not None:
        terms.append(
            landslide.Term(f"caine-{given.duration:g}h", given.intensity * given.duration, landslide.caine(given.duration) * given.duration)
        )
    if given.day is not None:
        terms.append(landslide.Term("lews-1d", given.day, landslide.DAY_MM))
    if given.three_days is not None:
        terms.append(landslide.Term("lews-3d", given.three_days, landslide.THREE_DAYS_MM))
    line = found.line
    if given.three_days is not None and given.fifteen_days_before is not None:
        terms.append(landslide.grindulu(given.three_days, given.fifteen_days_before))
        line = landslide.line(given.fifteen_days_before)
    if not terms:
        raise ValueError("nothing to judge by: give hours, or intensity and duration, day, three_days with fifteen_days_before")
    danger = landslide.Danger(tuple(terms), line)
    gravest = danger.gravest
    more = {
        "category": word(danger.severity) if given.marked else word(0),
        "marked": given.marked,
        "gravest": gravest.rule if gravest else None,
        "terms": [{"rule": t.rule, "fell": t.fell, "warns": t.warns, "ratio": t.ratio} for t in terms],
        "grindulu_line_p3": line,
    }
    return Result(danger.index, "1", "the greatest of: Caine's curve, LEWS, Grindulu; 0.8 Waspada, 1 Siaga", landslide.SOURCE, more)


RIVER_LEVEL = Calculator(
    "river_level",
    "A river's level in both scales, its pace, and minutes to the next level",
    LevelInputs,
    _level,
    {"bank_full": 2.5, "readings": [{"minute": 0, "level": 1.4}, {"minute": 30, "level": 1.8}]},
)
RAIN_CATEGORY = Calculator("rain_category", "An amount of rain in BMKG's words", RainInputs, _rain, {"millimetres": 63.5})
LANDSLIDE = Calculator(
    "landslide",
    "How near rain is to what triggers landslides",
    SlideInputs,
    _slide,
    {"day": 58, "three_days": 96, "fifteen_days_before": 210},
)
CALCULATORS = (RIVER_LEVEL, RAIN_CATEGORY, LANDSLIDE)
