"""Prices of commodities in villages and the district, entered by staff or taken in from a file, and where they go."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.villages import village
from sqlalchemy import select

from kampung_cloud.modules.farming.models import FarmPriceRow
from kampung_cloud.records import Records

DISTRICT = "35.10"
HEAD = ["commodity", "place", "day", "rupiah", "unit"]
MOST_LINES = 20_000
MOST_RUPIAH = 100_000_000
SPANS = {"week": 7, "month": 30}
JUMP = 10
"""Times the last price beyond which a zero was slipped."""


@dataclass(frozen=True, slots=True)
class Price:
    """Rupiah for a unit, at a place, on a day."""

    commodity: str
    place: str
    day: date
    rupiah: int
    unit: str


def parsed(commodity: str, place: str, day: str | date, rupiah: str | int, unit: str, *, today: date) -> Price:
    """Raises ``InvalidRequest`` with what, value and remedy."""
    name = commodity.strip().lower()
    if not 0 < len(name) <= 63:
        raise InvalidRequest(f"commodity = {commodity[:40]!r}: expected a name of up to 63 letters")
    if place != DISTRICT:
        try:
            village(place)
        except KampungError as error:
            raise InvalidRequest(f"place = {place[:20]!r}: {error.message}; the district is {DISTRICT}") from None
    try:
        when = day if isinstance(day, date) else date.fromisoformat(day)
        amount = int(rupiah)
    except ValueError:
        raise InvalidRequest(f"day = {str(day)[:20]!r}, rupiah = {str(rupiah)[:20]!r}: expected YYYY-MM-DD and whole rupiah") from None
    if when > today:
        raise InvalidRequest(f"day = {when}: that day is still to come")
    if not 0 < amount <= MOST_RUPIAH:
        raise InvalidRequest(f"rupiah = {amount}: expected from 1 to {MOST_RUPIAH:,}")
    if not 0 < len(unit) <= 20:
        raise InvalidRequest(f"unit = {unit[:30]!r}: expected kg, ikat, butir, …")
    return Price(name, place, when, amount, unit)


def read_file(text: str, today: date) -> list[Price]:
    """Prices of a CSV file with the columns commodity, place, day, rupiah, unit: all of them or none. Raises ``InvalidRequest`` by line."""
    try:
        head, *rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")))) or [[]]
    except csv.Error as error:
        raise InvalidRequest(f"line 1 or after: not CSV: {error}") from None
    if [h.strip().lower() for h in head] != HEAD:
        raise InvalidRequest(f"line 1: {','.join(head)[:80]!r}: expected {','.join(HEAD)}")
    out = []
    for number, cells in enumerate(rows, 2):
        if not cells:
            continue
        if number > MOST_LINES:
            raise InvalidRequest(f"more than {MOST_LINES:,} lines; cut the file into parts")
        if len(cells) != len(HEAD):
            raise InvalidRequest(f"line {number}: {len(cells)} cells; expected {len(HEAD)}")
        try:
            out.append(parsed(cells[0], cells[1].strip(), cells[2].strip(), cells[3].strip(), cells[4].strip(), today=today))
        except InvalidRequest as error:
            raise InvalidRequest(f"line {number}: {error.message}") from None
    return out


class Prices:
    """In the records; a price of the same day and place is replaced. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def keep(self, prices: Iterable[Price], *, by: str, now: int) -> int:
        """How many. Raises ``InvalidRequest`` for one above ten times the last, or below a tenth: a zero too many or too few."""
        count = 0
        with self._records.session() as session:
            for price in prices:
                query = select(FarmPriceRow).where(
                    FarmPriceRow.commodity == price.commodity, FarmPriceRow.place == price.place, FarmPriceRow.day < price.day.isoformat()
                )
                last = session.scalars(query.order_by(FarmPriceRow.day.desc()).limit(1)).first()
                if last is not None and last.unit != price.unit:
                    raise InvalidRequest(f"{price.commodity} in {price.place} is priced by {last.unit}, not by {price.unit}; convert it")
                if last is not None and not last.rupiah / JUMP <= price.rupiah <= last.rupiah * JUMP:
                    raise InvalidRequest(
                        f"{price.commodity} = {price.rupiah:,} rupiah, after {last.rupiah:,} on {last.day}; check the zeros"
                    )
                key = {"commodity": price.commodity, "place": price.place, "day": price.day.isoformat()}
                session.merge(FarmPriceRow(**key, rupiah=price.rupiah, unit=price.unit, by=by, at=now))
                session.flush()
                count += 1
        return count

    def trend(self, commodity: str, place: str, today: date, days: int) -> dict[str, Any]:
        """The days, and the change in % against the newest price at least a week, and a month, old; None where there is none."""
        query = select(FarmPriceRow).where(
            FarmPriceRow.commodity == commodity.strip().lower(),
            FarmPriceRow.place == place,
            FarmPriceRow.day >= (today - timedelta(days)).isoformat(),
        )
        with self._records.session() as session:
            rows = [(date.fromisoformat(r.day), r.rupiah, r.unit) for r in session.scalars(query.order_by(FarmPriceRow.day))]
        out: dict[str, Any] = {
            "commodity": commodity.strip().lower(), "place": place, "unit": rows[-1][2] if rows else None,
            "day": [d.isoformat() for d, _, _ in rows], "rupiah": [r for _, r, _ in rows],
        }  # fmt: skip
        for name, span in SPANS.items():
            older = [r for d, r, _ in rows if rows and d <= rows[-1][0] - timedelta(span)]
            out[f"change_{name}"] = round(100 * (rows[-1][1] / older[-1] - 1), 1) if older else None
        return out

    def listed(self, place: str) -> list[str]:
        """Commodities that have a price there."""
        with self._records.session() as session:
            return sorted(set(session.scalars(select(FarmPriceRow.commodity).where(FarmPriceRow.place == place))))
