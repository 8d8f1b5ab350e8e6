"""Prices of commodities in villages and the district, entered by staff or taken in from a file, and where they go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.villages import village
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.modules.farming.models import FarmPriceRow
from kampung_cloud.records import Records

DISTRICT = "35.10"
MOST_RUPIAH = 100_000_000
SPANS = {"week": 7, "month": 30}
JUMP = 6
"""Times the last price beyond which a zero was slipped: ten of a price that has fallen by a third meanwhile (assumed, mark K)."""


@dataclass(frozen=True, slots=True)
class Price:
    """Rupiah for a unit, at a place, on a day."""

    commodity: str
    place: str
    day: date
    rupiah: int
    unit: str


class WrongPrice(InvalidRequest):
    """``why`` names what is wrong, for pages that say it in the reader's language with ``values``."""

    def __init__(self, message: str, why: str, **values: str | int) -> None:
        super().__init__(message)
        self.why, self.values = why, values


def parsed(commodity: str, place: str, day: str | date, rupiah: str | int, unit: str, *, today: date) -> Price:
    """Raises ``InvalidRequest`` with what, value and remedy."""
    name = commodity.strip().lower()
    if not 0 < len(name) <= 63:
        raise WrongPrice(f"commodity = {commodity[:40]!r}: expected a name of up to 63 letters", "commodity")
    if place != DISTRICT:
        try:
            village(place)
        except KampungError as error:
            raise WrongPrice(f"place = {place[:20]!r}: {error.message}; the district is {DISTRICT}", "place", value=place[:20]) from None
    try:
        when = day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError:
        raise WrongPrice(f"day = {str(day)[:20]!r}: expected YYYY-MM-DD", "day", value=str(day)[:20]) from None
    try:
        amount = int(rupiah)
    except ValueError:
        raise WrongPrice(f"rupiah = {str(rupiah)[:20]!r}: expected whole rupiah", "rupiah", value=str(rupiah)[:20]) from None
    if when > today:
        raise WrongPrice(f"day = {when}: that day is still to come", "future", value=when.isoformat())
    if not 0 < amount <= MOST_RUPIAH:
        raise WrongPrice(f"rupiah = {amount}: expected from 1 to {MOST_RUPIAH:,}", "rupiah", value=str(rupiah)[:20])
    if not 0 < len(unit) <= 20:
        raise WrongPrice(f"unit = {unit[:30]!r}: expected kg, ikat, butir, …", "unit")
    return Price(name, place, when, amount, unit)


class Prices:
    """In the records; a price of the same day and place is replaced. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def keep(self, prices: Iterable[Price], *, by: str, now: int) -> int:
        """How many. Raises ``InvalidRequest`` for one far above the last, or far below: a zero too many or too few."""
        count = 0
        with self._records.session() as session:
            for price in prices:
                check(price, before(session, price))
                key = {"commodity": price.commodity, "place": price.place, "day": price.day.isoformat()}
                session.merge(FarmPriceRow(**key, rupiah=price.rupiah, unit=price.unit, by=by, at=now))
                session.flush()
                count += 1
        return count

    def board(self, village: str | None, today: date, days: int) -> list[dict[str, Any]]:
        """Every commodity of a village and of the district, as ``trend`` has it; those with the newest price first."""
        places = [DISTRICT] if village is None else [village, DISTRICT]
        since = (today - timedelta(days)).isoformat()
        query = select(FarmPriceRow).where(FarmPriceRow.place.in_(places), FarmPriceRow.day >= since).order_by(FarmPriceRow.day)
        found: dict[tuple[str, str], list[Price]] = defaultdict(list)
        with self._records.session() as session:
            for r in session.scalars(query):
                found[r.commodity, r.place].append(Price(r.commodity, r.place, date.fromisoformat(r.day), r.rupiah, r.unit))
        ordered = sorted(found.items(), key=lambda item: (item[0][1] == DISTRICT, item[0][0]))
        return [_trend(commodity, place, rows) for (commodity, place), rows in ordered]

    def trend(self, commodity: str, place: str, today: date, days: int) -> dict[str, Any]:
        """The days, and the change in % against the newest price at least a week, and a month, old; None where there is none."""
        query = select(FarmPriceRow).where(
            FarmPriceRow.commodity == commodity.strip().lower(),
            FarmPriceRow.place == place,
            FarmPriceRow.day >= (today - timedelta(days)).isoformat(),
        )
        with self._records.session() as session:
            rows = [
                Price(r.commodity, r.place, date.fromisoformat(r.day), r.rupiah, r.unit)
                for r in session.scalars(query.order_by(FarmPriceRow.day))
            ]
        return _trend(commodity.strip().lower(), place, rows)

    def entered(self) -> int | None:
        """When the newest entry was made (ms UTC), or None."""
        with self._records.session() as session:
            return session.scalar(select(func.max(FarmPriceRow.at)))

    def listed(self, place: str) -> list[str]:
        """Commodities that have a price there."""
        with self._records.session() as session:
            return sorted(set(session.scalars(select(FarmPriceRow.commodity).where(FarmPriceRow.place == place))))


def _trend(commodity: str, place: str, rows: Sequence[Price]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "commodity": commodity, "place": place, "unit": rows[-1].unit if rows else None,
        "day": [r.day.isoformat() for r in rows], "rupiah": [r.rupiah for r in rows],
    }  # fmt: skip
    for name, span in SPANS.items():
        older = [r.rupiah for r in rows if r.day <= rows[-1].day - timedelta(span)]
        out[f"change_{name}"] = round(100 * (rows[-1].rupiah / older[-1] - 1), 1) if older else None
    return out


def before(session: Session, price: Price) -> Price | None:
    """The last one at its place before its day."""
    query = select(FarmPriceRow).where(
        FarmPriceRow.commodity == price.commodity, FarmPriceRow.place == price.place, FarmPriceRow.day < price.day.isoformat()
    )
    row = session.scalars(query.order_by(FarmPriceRow.day.desc()).limit(1)).first()
    return None if row is None else Price(row.commodity, row.place, date.fromisoformat(row.day), row.rupiah, row.unit)


def check(price: Price, last: Price | None) -> None:
    """Raises ``InvalidRequest`` for another unit than the last, and for a zero too many or too few."""
    if last is None:
        return
    if last.unit != price.unit:
        raise WrongPrice(
            f"{price.commodity} in {price.place} is priced by {last.unit}, not by {price.unit}; convert it", "other_unit",
            known=last.unit, value=price.unit,
        )  # fmt: skip
    if not last.rupiah / JUMP <= price.rupiah <= last.rupiah * JUMP:
        raise WrongPrice(
            f"{price.commodity} = {price.rupiah:,} rupiah, after {last.rupiah:,} on {last.day}; check the zeros", "zeros",
            value=f"{price.rupiah:,}".replace(",", "."), known=f"{last.rupiah:,}".replace(",", "."), day=last.day.isoformat(),
        )  # fmt: skip
