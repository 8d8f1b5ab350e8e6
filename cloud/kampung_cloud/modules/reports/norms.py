"""What the module judges by, gathered for ``GET /api/v1/modules``."""

from __future__ import annotations

from kampung_cloud.module import Norm
from kampung_cloud.modules.reports.book import NEAR_M, NEAR_MS
from kampung_cloud.modules.reports.kinds import HOUR_MS, kinds
from kampung_cloud.modules.reports.places import ROUNDED

PROJECT = "proposal of Smart Kampung, to be decided by the regency"


def norms() -> tuple[Norm, ...]:
    """Clocks by kind; what may be one thing; how exactly a place is published."""
    clocks = [
        Norm(f"clock.{key}", each.title, {"look": each.look / HOUR_MS, "done": each.done / HOUR_MS}, "h", each.source, "K")
        for key, each in kinds().items()
    ]
    near = {"m": NEAR_M, "days": NEAR_MS / 24 / HOUR_MS}
    place = "Pembulatan tempat untuk umum"
    return (
        *clocks,
        Norm("near", "Mungkin laporan yang sama", near, "m, days", PROJECT, "K"),
        Norm("rounding", place, ROUNDED, "decimals", PROJECT, "K"),
    )
