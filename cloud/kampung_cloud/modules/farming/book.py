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
from sqlalchemy.orm import Session

from kampung_cloud.modules.farming.models import FarmBookRow, FarmFieldRow
from kampung_cloud.readings.csv_file import FORMULA, MARK
from kampung_cloud.records import Records

COLUMNS = ("musim", "tanggal", "jenis", "uraian", "jumlah", "satuan", "biaya_rupiah", "pemasukan_rupiah", "dicatat_oleh")
KINDS = {"activity": "kegiatan", "input": "bahan", "harvest": "panen", "sale": "penjualan"}
"""As a spreadsheet has them."""
LEAST_NEIGHBOURS = 5
"""With fewer a neighbour could be recognised by his numbers."""
STRIKE = "strike"
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


def standing(lines: Iterable[FarmBookRow]) -> list[FarmBookRow]:
    """Without those that were struck out, and without the strokes."""
    rows = list(lines)
    struck = {r.strikes for r in rows if r.kind == STRIKE}
    return [r for r in rows if r.kind != STRIKE and r.id not in struck]


def totals(lines: Iterable[FarmBookRow]) -> Totals:
    """Sums of what stands; a harvest counts where its unit is kg, kuintal or ton."""
    rows = standing(lines)
    harvest = sum((r.amount or 0.0) * TONNE.get(r.unit, 0.0) for r in rows if r.kind == "harvest")
    return Totals(sum(r.cost for r in rows), sum(r.income for r in rows), harvest)


class Book:
    """In the records. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def write(self, row: FarmFieldRow, given: dict[str, Any], now: int, today: date) -> FarmBookRow:
        """Add a line; one that was said before (``id``) is only given back.

        Raises ``InvalidRequest`` for a day to come, for a harvest without amount and weight, for a line without rupiah where its kind is of
        money, and for a stroke through what is no line of this book; by its code the phone says it in its own words.
        """
        day = given.get("day") or today
        if day > today:
            raise InvalidRequest(f"day = {day}: that day is still to come", code="future_day")
        _check(given)
        with self._records.session() as session:
            known = session.scalar(select(FarmBookRow).where(FarmBookRow.said == given["id"])) if given.get("id") else None
            if known is not None and known.field != row.id:
                raise InvalidRequest(f"id = {given['id']}: that name is taken by a line of another field; make a new one", code="id_taken")
            line = known
            if line is None:
                season = season_of(row, day)
                if given["kind"] == STRIKE:
                    season = _struck(session, row, given.get("strikes")).season
                line = FarmBookRow(
                    field=row.id, season=season, day=day.isoformat(), kind=given["kind"], what=given["what"],
                    amount=given.get("amount"), unit=given.get("unit", ""), cost=given.get("cost", 0),
                    income=given.get("income", 0), by=given["by"], at=now, said=given.get("id"), strikes=given.get("strikes"),
                )  # fmt: skip
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
            harvested = {field: totals(some) for (field, _), some in sorted(lines.items()) if totals(some).harvest > 0}
            return [found.per_hectare(areas[field]) for field, found in harvested.items()]


def _check(given: dict[str, Any]) -> None:
    """Raise ``InvalidRequest`` for what says nothing."""
    kind = given["kind"]
    if kind == "harvest" and (not given.get("amount") or given.get("unit", "") not in TONNE):
        raise InvalidRequest(f"a harvest needs amount and unit, one of {', '.join(TONNE)}", code="harvest_incomplete")
    if kind == "sale" and not given.get("income"):
        raise InvalidRequest("income = 0: a sale needs what was paid, in rupiah", code="sale_incomplete")
    if kind == STRIKE and (given.get("cost") or given.get("income") or given.get("amount")):
        raise InvalidRequest("a stroke has no amount, cost or income; it undoes the line that 'strikes' names")
    if kind != STRIKE and given.get("strikes") is not None:
        raise InvalidRequest(f"strikes = {given['strikes']}: only a line of kind strike undoes another")


def _struck(session: Session, row: FarmFieldRow, line: int | None) -> FarmBookRow:
    """The line that is to be undone. Raises ``InvalidRequest``."""
    found = None if line is None else session.get(FarmBookRow, line)
    if found is None or found.field != row.id or found.kind == STRIKE:
        raise InvalidRequest(f"strikes = {line}: the book of {row.name} has no such line; GET …/book lists them", code="no_such_line")
    if session.scalar(select(FarmBookRow.id).where(FarmBookRow.strikes == line)) is not None:
        raise InvalidRequest(f"strikes = {line}: that line was struck out already", code="already_struck")
    return found


def _quartiles(found: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [round(q, 2) for q in quantiles([f[name] for f in found], n=4)] for name in found[0]}


def csv_of(lines: Iterable[FarmBookRow], *, indonesian: bool = False) -> str:
    """What stands, for a spreadsheet; what that would compute is marked as text. ``indonesian``: semicolons, decimal commas, a BOM."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if indonesian else ",")
    writer.writerow(COLUMNS)
    for r in standing(lines):
        amount = "" if r.amount is None else f"{r.amount:.10g}"
        cells = (r.season, r.day, KINDS[r.kind], r.what, amount.replace(".", ",") if indonesian else amount, r.unit, r.cost, r.income, r.by)
        writer.writerow([_text(c) for c in cells])
    return ("\ufeff" if indonesian else "") + out.getvalue()


def _text(cell: Any) -> Any:
    return MARK + cell if isinstance(cell, str) and FORMULA.match(cell) else cell
