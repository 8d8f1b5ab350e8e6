"""Samples as the API shows them."""

from __future__ import annotations

from typing import Any

from kampung_contract.times import text

from kampung_cloud.modules.waterquality.index import WORDS
from kampung_cloud.modules.waterquality.parameters import parameters
from kampung_cloud.modules.waterquality.sample import Sample
from kampung_cloud.modules.waterquality.samples import Kept
from kampung_cloud.modules.waterquality.sites import site_of


def shown(sample: Sample, kept: Kept | None = None) -> dict[str, Any]:
    """``SampleOut``."""
    index, site = sample.index, site_of(sample.place)
    terms = [
        {
            "parameter": t.parameter, "title": parameters()[t.parameter].title, "value": t.value, "limit": t.limit, "unit": t.unit,
            "decimals": parameters()[t.parameter].decimals, "ratio": round(t.ratio, 4), "term": round(t.term, 4),
            "below": t.parameter in sample.below,
        }
        for t in index.terms
    ]  # fmt: skip
    out: dict[str, Any] = {
        "id": kept.id if kept else None, "village": sample.village, "place": sample.place, "class": sample.water,
        "taken": text(sample.taken), "laboratory": sample.laboratory, "index": round(index.value, 3), "status": index.status,
        "word": WORDS[index.status], "worst": index.worst, "terms": terms, "unlimited": list(index.unlimited),
        "doubts": list(sample.doubts), "note": site.note if site else None, "by": kept.by if kept else None, "withdrawn": None,
    }  # fmt: skip
    if kept is not None and kept.withdrawn_at is not None:
        out["withdrawn"] = {"by": kept.withdrawn_by, "at": text(kept.withdrawn_at), "why": kept.why}
    return out
