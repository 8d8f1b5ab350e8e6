"""Slopes that officers marked. Only where one is marked is anybody warned of landslides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.villages import village
from sqlalchemy import select

from kampung_cloud.modules.rivers.models import SlopeRow
from kampung_cloud.records import Records

BEYOND_DEG = 0.02
"""About two kilometres: so far outside the rectangle around a village a slope may lie and still be its."""


@dataclass(frozen=True, slots=True)
class Slope:
    """``latitude`` and ``longitude`` in degrees; ``at`` in ms UTC."""

    id: int
    village: str
    name: str
    latitude: float
    longitude: float
    note: str
    by: str
    at: int


class Slopes:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def listed(self, villages: Iterable[str] | None = None) -> list[Slope]:
        """Those that stand, by village and name."""
        query = select(SlopeRow).where(SlopeRow.until.is_(None)).order_by(SlopeRow.village, SlopeRow.name, SlopeRow.id)
        if villages is not None:
            query = query.where(SlopeRow.village.in_(list(villages)))
        with self._records.session() as session:
            return [_slope(row) for row in session.scalars(query)]

    def mark(self, code: str, name: str, latitude: float, longitude: float, *, note: str, by: str, at: int) -> Slope:
        """Raises ``UnknownVillage``, and ``InvalidRequest`` for a place outside the village or a name that is there."""
        place = village(code)
        lat_0, lon_0, lat_1, lon_1 = place.bounds
        inside = lat_0 - BEYOND_DEG <= latitude <= lat_1 + BEYOND_DEG and lon_0 - BEYOND_DEG <= longitude <= lon_1 + BEYOND_DEG
        if not inside:
            raise InvalidRequest(
                f"latitude = {latitude:.5f}, longitude = {longitude:.5f}: that is not in {place.name}, which lies from "
                f"{lat_0:.3f} to {lat_1:.3f} and {lon_0:.3f} to {lon_1:.3f}; mark the slope within the village"
            )
        with self._records.session() as session:
            same = select(SlopeRow).where(SlopeRow.village == code, SlopeRow.name == name, SlopeRow.until.is_(None))
            if session.scalars(same).first() is not None:
                raise InvalidRequest(f"name = {name!r}: a slope of this name is marked there already; give it another")
            row = SlopeRow(village=code, name=name, latitude=latitude, longitude=longitude, note=note, by=by, at=at)
            session.add(row)
            session.flush()
            return _slope(row)

    def take_back(self, number: int, *, why: str, by: str, at: int) -> Slope:
        """It stays on record. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(SlopeRow, number)
            if row is None or row.until is not None:
                raise NotFound(f"slope {number} is not marked; GET /api/v1/slopes lists those that are")
            row.until, row.until_by, row.why = at, by, why
            return _slope(row)

    def of(self, number: int) -> Slope:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(SlopeRow, number)
            if row is None:
                raise NotFound(f"slope {number} is not there; GET /api/v1/slopes lists what is")
            return _slope(row)


def _slope(row: SlopeRow) -> Slope:
    return Slope(row.id, row.village, row.name, row.latitude, row.longitude, row.note, row.by, row.at)
