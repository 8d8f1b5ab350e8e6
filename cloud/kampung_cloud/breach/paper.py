"""Writings as PDF/A, one or many in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import typst
from kampung_contract.errors import ConfigurationError

from kampung_cloud.breach.saying import Writing
from kampung_cloud.letterhead import Place, day
from kampung_cloud.local_day import day_of

TEMPLATES = Path(str(files("kampung_cloud"))) / "breach" / "templates"


def pdf(writings: Sequence[Writing], place: Place, now: int) -> bytes:
    """Each from a new sheet. Raises ``ConfigurationError`` when they cannot be set, as for a letter that the font lacks."""
    data = {
        "writings": [asdict(w) for w in writings], "kind": place.kind, "village": place.village, "district": place.district,
        "day": day(now),
        "date": dict(zip(("year", "month", "day"), day_of(now).timetuple()[:3], strict=True)),
    }  # fmt: skip
    try:
        return typst.compile(
            TEMPLATES / "writing.typ", root=TEMPLATES, ignore_system_fonts=True, format="pdf", sys_inputs={"data": json.dumps(data)}
        )
    except typst.TypstError as error:
        raise ConfigurationError(f"template writing.typ: {str(error).splitlines()[0]}") from None
