"""The farm book: what was done, put in, harvested and sold, by field and season, in rupiah; and how neighbours fare, without names."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import quantiles
from typing import Any

from kampung_contract.errors import InvalidRequest
from sqlalchemy import select

from kampung_cloud.modules.farming.models import FarmBookRow, FarmFieldRow
from kampung_cloud.readings.csv_file import FORMULA, MARK
from kampung_cloud.records import Records

COLUMNS = ("musim", "tanggal", "jenis", "uraian", "jumlah", "satuan", "biaya_rupiah", "pemasukan_rupiah", "dicatat_oleh")
LEAST_NEIGHBOURS = 5
"""With fewer a neighbour could be recognised by his numbers."""
LAST_YEAR = timedelta(days=400)
HECTARE = 10_000
TONNE = {"kg": 0.001, "kuintal": 0.1, "ton": 1.0}


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a field's season: rupiah, and harvest in t; per hectare by ``per_hectare``."""

    cost: int
    income: int
    harvest: float

    @property
    def profit(self) -> int:
        """What is left."""
        return self.income - self.cost

    def per_hectare(self, area: float) -> dict[str, float]:
        """Rupiah and t on a hectare."""
        part = HECTARE / area
        return {"cost": self.cost * part, "income": self.income * part, "profit": self.profit * part, "harvest": self.harvest * part}


def season_of(row: FarmFieldRow, day: date) -> str:
    """A season is named by its planting day; where there is none, by the year."""
    return row.planted if row.planted is not None and row.planted <= day.isoformat() else str(day.year)


def totals(lines: Iterable[FarmBookRow]) -> Totals:
    """Sums; a harvest counts where its unit is kg, kuintal or ton."""
    rows = list(lines)
    harvest = sum((r.amount or 0.0) * TONNE.get(r.unit, 0.0) for r in rows if r.kind == "harvest")
    return Totals(sum(r.cost for r in rows), sum(r.income for r in rows), harvest)


class Book:
    """In the records. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def write(self, row: FarmFieldRow, given: dict[str, Any], now: int, today: date) -> FarmBookRow:
        """Add a line. Raises ``InvalidRequest`` for a day to come, and for a harvest without amount and weight."""
        day = given.get("day") or today
        if day > today:
            raise InvalidRequest(f"day = {day}: that day is still to come")
        if given["kind"] == "harvest" and (given.get("amount") is None or given.get("unit", "") not in TONNE):
            raise InvalidRequest(f"a harvest needs amount and unit, one of {', '.join(TONNE)}")
        line = FarmBookRow(
            field=row.id, season=season_of(row, day), day=day.isoformat(), kind=given["kind"], what=given["what"],
            amount=given.get("amount"), unit=given.get("unit", ""), cost=given.get("cost", 0),
            income=given.get("income", 0), by=given["by"], at=now,
        )  # fmt: skip
        with self._records.session() as session:
            session.add(line)
            session.flush()
            session.expunge(line)
        return line

    def lines(self, field: str, season: str | None = None) -> list[FarmBookRow]:
        """In order of day."""
        query = select(FarmBookRow).where(FarmBookRow.field == field).order_by(FarmBookRow.day, FarmBookRow.id)
        with self._records.session() as session:
            rows = list(session.scalars(query if season is None else query.where(FarmBookRow.season == season)))
            session.expunge_all()
        return rows

    def neighbours(self, row: FarmFieldRow, today: date) -> dict[str, Any]:
        """Quartiles of the last year's seasons of the same crop in the village, or in the kecamatan where the village has too few.

        Empty ``quartiles`` where there are fewer than five others. No name, no field, no number of one farmer alone.
        """
        for scope, start in (("village", row.village), ("kecamatan", row.village[:8])):
            found = self._seasons(row, start, today)
            if len(found) >= LEAST_NEIGHBOURS:
                return {"scope": scope, "fields": len(found), "quartiles": _quartiles(found)}
        return {"scope": "kecamatan", "fields": len(found), "quartiles": {}}

    def _seasons(self, row: FarmFieldRow, start: str, today: date) -> list[dict[str, float]]:
        since = (today - LAST_YEAR).isoformat()
        fields = select(FarmFieldRow).where(
            FarmFieldRow.village.startswith(start, autoescape=True), FarmFieldRow.crop == row.crop, FarmFieldRow.id != row.id
        )
        with self._records.session() as session:
            areas = {each.id: each.area for each in session.scalars(fields)}
            lines: dict[tuple[str, str], list[FarmBookRow]] = defaultdict(list)
            for line in session.scalars(select(FarmBookRow).where(FarmBookRow.field.in_(areas), FarmBookRow.day >= since)):
                lines[line.field, line.season].append(line)
            harvested = {field: totals(some) for (field, _), some in sorted(lines.items()) if any(s.kind == "harvest" for s in some)}
            return [found.per_hectare(areas[field]) for field, found in harvested.items()]


def _quartiles(found: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [round(q, 2) for q in quantiles([f[name] for f in found], n=4)] for name in found[0]}


def csv_of(lines: Iterable[FarmBookRow]) -> str:
    """A file for a spreadsheet; what a spreadsheet would compute is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for r in lines:
        writer.writerow(
            [_text(c) for c in (r.season, r.day, r.kind, r.what, "" if r.amount is None else r.amount, r.unit, r.cost, r.income, r.by)]
        )
    return out.getvalue()


def _text(cell: Any) -> Any:
    return MARK + cell if isinstance(cell, str) and FORMULA.match(cell) else cell
