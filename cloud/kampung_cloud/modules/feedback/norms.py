"""What satisfaction is judged by, with sources."""

from __future__ import annotations

from kampung_cloud.module import Norm
from kampung_cloud.modules.feedback.publishing import LEAST
from kampung_cloud.modules.feedback.skm import GRADES, SOURCE


def norms() -> tuple[Norm, ...]:
    """Bands of the grade, and how many answers are told at least."""
    return (
        Norm("feedback.skm.grades", "Mutu pelayanan", [[float(least), grade] for least, grade, _ in GRADES], "", SOURCE, "V2"),
        Norm("feedback.skm.least", "Responden paling sedikit untuk ditampilkan", LEAST, "persons", "usulan platform", "K"),
    )
