"""The survey's result as it is told: quarters, halves and the year of a village or of all, by service, and villages side by side."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from kampung_contract.times import quarter
from kampung_contract.villages import village as find_village

from kampung_cloud.content import Contents
from kampung_cloud.modules.feedback.kiosks import cells
from kampung_cloud.modules.feedback.publishing import LEAST, REST, Cell, lowest, together, told
from kampung_cloud.modules.feedback.respondents import profile
from kampung_cloud.modules.feedback.skm import ELEMENTS, SOURCE
from kampung_cloud.records import Records

WIB = timedelta(hours=7)
Titles = Callable[[str, str], str]
"""A service's title, by village and id."""


def running(now: int) -> str:
    """The quarter of an instant (ms UTC)."""
    return quarter((datetime.fromtimestamp(now / 1000, UTC) + WIB).date().isoformat())


def survey(records: Records, year: int, village: str | None, title: Titles, now: int) -> dict[str, Any]:
    """As ``SurveyOut``."""
    found = cells(records, year, village)
    shown = told(found, running(now))
    by_village = {code: together(c for c in shown if c.village == code) for code in sorted({c.village for c in shown})}
    return {
        "village": village,
        "year": year,
        "least": LEAST,
        "source": SOURCE,
        "running": sum(c.n for c in found if c.quarter == running(now)),
        "periods": [_period(name, mine, title) for name, mine in _periods(year, shown)],
        "trend": trend(records, year, village, now),
        "respondents": [
            {"question": question, "answers": [{"answer": answer, "n": n} for answer, n in found.items()]}
            for question, found in profile(records, year, village, running(now)).items()
            if found
        ],
        "villages": [{"village": code, "name": find_village(code).name} | _figures(c) for code, c in by_village.items() if c is not None],
    }


def trend(records: Records, year: int, village: str | None, now: int) -> list[dict[str, Any]]:
    """Index and respondents of each quarter that may be told, of the year and the two before it, the oldest first."""
    quarters: dict[str, list[Cell]] = {}
    for cell in told(cells(records, year, village, before=2), running(now)):
        quarters.setdefault(cell.quarter, []).append(cell)
    whole = ((name, _sum(quarters[name])) for name in sorted(quarters))
    return [{"quarter": name, "n": cell.n, "index": float(cell.result.index), "grade": cell.result.grade} for name, cell in whole]


def publish(records: Records, contents: Contents, now: int) -> None:
    """To each village's kiosks, the newest quarter of this year or the last that may be told."""
    this = running(now)
    newest: dict[str, list[Cell]] = {}
    for cell in told(cells(records, int(this[:4]), before=1), this):  # in order of quarters
        same = newest.get(cell.village, [])
        newest[cell.village] = [*same, cell] if same and same[0].quarter == cell.quarter else [cell]
    for village, mine in newest.items():
        figures = _figures(_sum(mine))
        contents.put(village, "satisfaction", {"period": mine[0].quarter} | {key: figures[key] for key in ("n", "index", "grade", "words")})


def table(records: Records, year: int, title: Titles, now: int) -> str:
    """CSV: each cell that is told, which is what every other figure is made of."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow(["desa", "nama", "periode", "layanan", "responden", *(f"nrr_{name}" for name in ELEMENTS), "ikm", "mutu"])
    for cell in told(cells(records, year), running(now)):
        figures = _figures(cell)
        means = [f"{e['mean']:.2f}" for e in figures["elements"]]
        name = find_village(cell.village).name
        lines.writerow([cell.village, name, cell.quarter, _title(cell, title), cell.n, *means, f"{figures['index']:.2f}", figures["grade"]])
    return out.getvalue()


def _periods(year: int, shown: list[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    """Those with anything to tell, the longest first."""
    spans = {f"{year}": "1234", f"{year}-S2": "34", f"{year}-S1": "12", **{f"{year}-Q{q}": q for q in "4321"}}
    for name, quarters in spans.items():
        mine = [c for c in shown if c.quarter[-1] in quarters]
        if mine:
            yield name, mine


def _period(name: str, mine: list[Cell], title: Titles) -> dict[str, Any]:
    services = []
    for service in sorted({c.service for c in mine}, key=lambda s: (s == REST, s)):
        cell = _sum(c for c in mine if c.service == service)
        services.append({"service": service, "title": _title(cell, title)} | _figures(cell))
    return {"period": name, "whole": _figures(_sum(mine)), "services": services}


def _sum(cells: Iterable[Cell]) -> Cell:
    total = together(cells)
    assert total is not None  # a period and a service are named by their cells
    return total


def _figures(cell: Cell) -> dict[str, Any]:
    found = cell.result
    means = [floor(mean * 100 + Fraction(1, 2)) / 100 for mean in found.means]  # half up, as the index is
    elements = [{"element": name, "mean": mean} for name, mean in zip(ELEMENTS, means, strict=True)]
    index = float(found.index)
    return {"n": cell.n, "index": index, "grade": found.grade, "words": found.words, "lowest": lowest(cell), "elements": elements}


def _title(cell: Cell, title: Titles) -> str:
    return "Layanan lain (digabung)" if cell.service == REST else title(cell.village, cell.service)
