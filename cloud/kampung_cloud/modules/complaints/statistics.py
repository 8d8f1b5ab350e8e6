"""How many complaints there were and how they were answered, by quarter: for the office as they are, for everybody so that nobody is known.

What is told to everybody is a village's quarter that is over, with at least ``LEAST`` complaints, and a median over at least ``LEAST``
answers. Those that go past the village are in no village's figure, or its staff could work out that there are any by subtracting what they
see: they are told for the whole regency, and only where they are ``LEAST`` themselves.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from kampung_contract.times import quarter
from kampung_contract.villages import village as find_village
from sqlalchemy import select

from kampung_cloud.local_day import day_of
from kampung_cloud.modules.complaints.models import ComplaintRow
from kampung_cloud.modules.complaints.status import ABOUT
from kampung_cloud.records import Records

COLUMNS = ("village", "name", "quarter", "n", "answered", "median_days")
LEAST = 5
"""Complaints in a figure for everybody; proposal of the project, as for the satisfaction survey."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one complaint. ``days``: working days to the first answer, None without one; ``busy``: the office has still to answer."""

    village: str
    quarter: str
    category: str
    past: bool
    days: int | None
    in_time: bool | None
    busy: bool


def counted(records: Records, years: Sequence[int], village: str | None, *, past: bool) -> list[Counted]:
    """Those of some years that follow one another; with ``past`` those, too, that go past the village."""
    row = ComplaintRow
    query = select(row.village, row.opened, row.category, row.past, row.days, row.in_time, row.state)
    query = query.where(row.opened.between(f"{min(years)}-01-01", f"{max(years)}-12-31"))
    if village is not None:
        query = query.where(row.village == village)
    if not past:
        query = query.where(row.past.is_(False))
    with records.session() as session:
        return [
            Counted(place, quarter(day), category, is_past, days, in_time, state in {"received", "checking", "asked"})
            for place, day, category, is_past, days, in_time, state in session.execute(query)
        ]


def by_quarter(found: Iterable[Counted]) -> list[dict[str, Any]]:
    """For the office, the newest first: figures as they are."""
    quarters: dict[str, list[Counted]] = {}
    for each in found:
        quarters.setdefault(each.quarter, []).append(each)
    return [_figures(name, quarters[name]) for name in sorted(quarters, reverse=True)]


def public(found: Sequence[Counted], now: int) -> dict[str, Any]:
    """For everybody: ``villages`` and ``inspectorate``, quarters that are over."""
    running = quarter(day_of(now).isoformat())
    over = [each for each in found if each.quarter < running]
    cells: dict[tuple[str, str], list[Counted]] = {}
    for each in over:
        if not each.past:
            cells.setdefault((each.quarter, each.village), []).append(each)
    villages = [
        {"village": place, "name": find_village(place).name} | _told(name, cells[name, place])
        for name, place in sorted(cells, reverse=True)
        if len(cells[name, place]) >= LEAST
    ]
    passed: dict[str, list[Counted]] = {}
    for each in over:
        if each.past:
            passed.setdefault(each.quarter, []).append(each)
    inspectorate = [_told(name, passed[name]) for name in sorted(passed, reverse=True) if len(passed[name]) >= LEAST]
    return {"least": LEAST, "villages": villages, "inspectorate": inspectorate}


def table(found: Sequence[Counted], now: int) -> str:
    """CSV of what everybody is told."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow(["desa", "nama", "triwulan", "pengaduan", "dijawab", "median_hari_kerja"])
    told = public(found, now)
    for row in (*told["villages"], *({"village": "", "name": "Inspektorat kabupaten"} | each for each in told["inspectorate"])):
        lines.writerow(["" if value is None else value for value in (row[key] for key in COLUMNS)])
    return out.getvalue()


def _figures(name: str, mine: Sequence[Counted]) -> dict[str, Any]:
    answered = [each for each in mine if each.days is not None]
    kinds = Counter(each.category for each in mine)
    return {
        "quarter": name,
        "n": len(mine),
        "answered": len(answered),
        "in_time": sum(each.in_time is True for each in answered),
        "waiting": sum(each.busy for each in mine),
        "median_days": median(each.days for each in answered if each.days is not None) if answered else None,
        "categories": [{"category": key, "title": title, "n": kinds[key]} for key, title in ABOUT.items() if kinds[key]],
    }


def _told(name: str, mine: Sequence[Counted]) -> dict[str, Any]:
    days = [each.days for each in mine if each.days is not None]
    enough = len(days) >= LEAST
    return {"quarter": name, "n": len(mine), "answered": len(days) if enough else None, "median_days": median(days) if enough else None}
