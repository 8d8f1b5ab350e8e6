"""``calc tree_growth``: clauses (e) and (f) of the rule *sudah tumbuh* between two measurements."""

from __future__ import annotations

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.trees.growing import Growth, fastest, grown, shrunk
from kampung_cloud.modules.trees.observing import UNITS, Kind, Measure
from kampung_cloud.modules.trees.thresholds import DAY_MS, rows, thresholds


class GrowthInputs(Inputs):
    """Two visits of one tree. Give height, collar (stem at the ground) or dbh (at breast height), each before and after."""

    days: float = quantity("days between the two visits", "days", ge=0, le=36_500)
    height_before_m: float | None = quantity("height at the first visit", "m", default=None, gt=0, le=100)
    height_after_m: float | None = quantity("height at the second visit", "m", default=None, gt=0, le=100)
    height_error_m: float = quantity("one standard error of the worse measurement of height", "m", default=0.05, gt=0, le=20)
    collar_before_mm: float | None = quantity("stem at the ground, first visit", "mm", default=None, gt=0, le=5000)
    collar_after_mm: float | None = quantity("stem at the ground, second visit", "mm", default=None, gt=0, le=5000)
    collar_error_mm: float = quantity("one standard error of the worse measurement of the collar", "mm", default=1.0, gt=0, le=500)
    dbh_before_cm: float | None = quantity("stem at breast height, first visit", "cm", default=None, gt=0, le=500)
    dbh_after_cm: float | None = quantity("stem at breast height, second visit", "cm", default=None, gt=0, le=500)
    dbh_error_cm: float = quantity("one standard error of the worse measurement of dbh", "cm", default=0.1, gt=0, le=50)
    fast_growing: bool = quantity("sengon and bamboo: growth by year has no limit", "", default=False)


def _pairs(given: GrowthInputs) -> list[tuple[Measure, Measure]]:
    rows: list[tuple[Kind, float | None, float | None, float]] = [
        ("height", given.height_before_m, given.height_after_m, given.height_error_m),
        ("collar", given.collar_before_mm, given.collar_after_mm, given.collar_error_mm),
        ("dbh", given.dbh_before_cm, given.dbh_after_cm, given.dbh_error_cm),
    ]
    for kind, before, after, _ in rows:
        if (before is None) != (after is None):
            raise ValueError(f"{kind}: give it before and after, or neither")
    pairs = [(Measure(k, b, e), Measure(k, a, e)) for k, b, a, e in rows if b is not None and a is not None]
    if not pairs:
        raise ValueError("nothing is measured; give height_before_m and height_after_m, or collar or dbh before and after")
    return pairs


def _compute(given: GrowthInputs) -> Result:
    by = thresholds()
    terms, wrong, enough = {}, [], False
    for before, after in _pairs(given):
        growth: Growth = grown(before, after, by)
        most = None if given.fast_growing else fastest(before, after, round(given.days * DAY_MS), by)
        if shrunk(before, after):
            wrong.append(f"{before.kind} has become less by more than its error")
        if most is not None and growth.grew > most:
            wrong.append(f"{before.kind} grew {growth.grew:.2f} {UNITS[before.kind]}, at most {most:.2f} are plausible")
        enough = enough or growth.enough
        terms[before.kind] = {
            "grew": growth.grew,
            "needed": growth.needed,
            "unit": UNITS[before.kind],
            "most": most,
            "enough": growth.enough,
        }
    soon = given.days < by.days_apart
    value = "tidak masuk akal" if wrong else "terlalu dini" if soon else "tumbuh" if enough else "belum"
    more = {"terms": terms, "wrong": wrong, "days_needed": by.days_apart}
    return Result(
        value,
        "",
        "growth beyond max(least, 2 × error), no shrinking, height at most 4 m a year; clauses (a), (e), (f) of 'sudah tumbuh'",
        f"{rows()['days_apart']['source']} (mark {rows()['days_apart']['mark']})",
        more,
    )


TREE_GROWTH = Calculator(
    "tree_growth",
    "Whether a tree has grown between two visits: tumbuh, belum, terlalu dini, or tidak masuk akal",
    GrowthInputs,
    _compute,
    {"days": 200, "height_before_m": 1.2, "height_after_m": 1.65},
)
