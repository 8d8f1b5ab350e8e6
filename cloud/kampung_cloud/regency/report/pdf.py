"""A report set into a PDF, or into pictures of its pages, by Typst: without the machine's fonts, so that it is the same everywhere."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal

from kampung_cloud.regency.report.compose import Report, shown


def pdf(report: Report) -> bytes:
    """One file."""
    made = _set(report, "pdf")
    return bytes(made[0] if isinstance(made, list) else made)


def pages(report: Report) -> list[bytes]:
    """PNG pictures, a page each, to be looked at."""
    made = _set(report, "png")
    return [bytes(each) for each in (made if isinstance(made, list) else [made])]


def _set(report: Report, kind: Literal["pdf", "png"]) -> Any:
    import typst

    folder = files(__package__)
    given = {"data": json.dumps(shown(report), ensure_ascii=False), "mark": (folder / "gajah-oling.svg").read_text(encoding="utf-8")}
    template = (folder / "report.typ").read_bytes()
    options: dict[str, Any] = {"ppi": 90.0} if kind == "png" else {}
    return typst.compile(template, format=kind, sys_inputs=given, ignore_system_fonts=True, **options)
