"""What complaints are judged by, with sources."""

from __future__ import annotations

from typing import cast

from kampung_cloud.module import Mark, Norm
from kampung_cloud.modules.complaints.clocks import clocks
from kampung_cloud.modules.complaints.statistics import LEAST


def norms() -> tuple[Norm, ...]:
    """The clocks, and how many complaints are told at least."""
    known = clocks()
    named = {
        "review": known.review, "answer.village": known.village, "answer.inspectorate": known.inspectorate,
        "completion": known.completion, "objection": known.objection,
    }  # fmt: skip
    return (
        *(
            Norm(f"complaints.{key}", clock.title, clock.days or clock.workdays, "d" if clock.days else "workdays", clock.source,
                 cast(Mark, clock.mark))
            for key, clock in named.items()
        ),
        Norm("complaints.least", "Pengaduan paling sedikit untuk ditampilkan", LEAST, "complaints", "usulan platform", "K"),
    )  # fmt: skip
