"""The calculator of the satisfaction index."""

from __future__ import annotations

from typing import Any

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.modules.feedback.skm import ELEMENTS, SOURCE, satisfaction


class SkmIn(Inputs):
    """Sums of nine elements."""

    sums: list[int] = quantity(f"of the scores 1 to 4 of all respondents, by element: {', '.join(ELEMENTS)}", "")
    respondents: int = quantity("how many answered", "persons")


def _skm(given: SkmIn) -> Result:
    found = satisfaction(given.sums, given.respondents)
    means = {name: float(mean) for name, mean in zip(ELEMENTS, found.means, strict=True)}
    return Result(
        float(found.index),
        "",
        "IKM = 25 × the mean of nine NRR, each of weight 1/9, rounded half up to two decimals before it is graded",
        SOURCE,
        {"grade": found.grade, "category": found.words, "nrr": means},
    )


SKM = Calculator(
    "skm", "Indeks kepuasan masyarakat", SkmIn, _skm, {"sums": [310, 305, 298, 390, 312, 315, 330, 301, 322], "respondents": 100}
)

CALCULATORS: tuple[Calculator[Any], ...] = (SKM,)
