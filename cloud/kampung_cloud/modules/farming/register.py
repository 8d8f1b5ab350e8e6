"""The register of fields, and what farmers report of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.placing import check_place
from kampung_contract.villages import village as find_village
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.modules.farming.crops import crop
from kampung_cloud.modules.farming.models import FarmFieldRow, FarmReportRow
from kampung_cloud.modules.farming.plot import Plot
from kampung_cloud.modules.farming.soils import texture
from kampung_cloud.records import Records

MOST_SENSORS = 12
OLDEST = timedelta(days=40 * 365)
"""A perennial may be old; an annual of two years ago is a slip of the pen."""
OLDEST_ANNUAL = timedelta(days=500)


class Conflict(KampungError):
    """Something that stands in another field already."""

    code = "conflict"


class Register:
    """Fields in the records. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def put(self, given: dict[str, Any], now: int, today: date) -> FarmFieldRow:
        """Register or change a field (``given["id"]`` or a new one).

        Raises ``InvalidRequest`` for what does not fit, ``UnknownVillage``, and ``Conflict`` for a sensor that stands in another field.
        """
        place = find_village(given["village"])
        check_place(place, given["latitude"], given["longitude"])
        row, soil = crop(given["crop"]), texture(given["texture"])
        planted = given.get("planted")
        _check_planting(planted, today, annual=row.stages is not None)
        with self._records.session() as session:
            known = session.get(FarmFieldRow, given["id"]) if given.get("id") else None
            if given.get("id") and known is None and not _fits(given["id"]):
                raise InvalidRequest(f"id = {given['id']!r}: expected small letters, digits and dashes")
            name = given.get("id") or f"lahan-{secrets.token_hex(4)}"
            sensors = self._sensors(session, name, given.get("sensors", []), known, today)
            values = {
                "village": place.code, "name": given["name"], "crop": row.name, "variety": given.get("variety", ""), "texture": soil.name,
                "area": given["area"], "flow": given.get("flow"), "latitude": given["latitude"], "longitude": given["longitude"],
                "altitude": given.get("altitude", 50.0), "planted": None if planted is None else planted.isoformat(),
                "target": given.get("target", 6), "direct": given.get("direct", False), "sensors": sensors, "tell": given.get("tell", []),
            }  # fmt: skip
            if known is None:
                known = FarmFieldRow(id=name, at=now, ended=None, **values)
                session.add(known)
            else:
                for key, value in values.items():
                    setattr(known, key, value)
                known.ended = None
            session.flush()
            session.expunge(known)
        return known

    def _sensors(
        self, session: Session, field: str, given: Iterable[dict[str, Any]], known: FarmFieldRow | None, today: date
    ) -> list[dict[str, Any]]:
        """A series stands in one field at a time; moving it ends its time in the other one on the day it was moved."""
        now = {g["series"]: (g.get("since") or today).isoformat() for g in given}
        if len(now) > MOST_SENSORS:
            raise InvalidRequest(f"sensors: {len(now)} series; at most {MOST_SENSORS} stand in a field")
        for other in session.scalars(select(FarmFieldRow).where(FarmFieldRow.id != field, FarmFieldRow.ended.is_(None))):
            taken = [s for s in other.sensors if s["series"] in now and s["until"] is None]
            for sensor in taken:
                moved = next((g.get("since") for g in given if g["series"] == sensor["series"]), None)
                if moved is None or moved.isoformat() < sensor["since"]:
                    raise Conflict(
                        f"sensor {sensor['series']} stands in {other.name} ({other.id}) since {sensor['since']}; "
                        "give 'since', the day it was moved"
                    )
                other.sensors = [{**s, "until": moved.isoformat()} if s == sensor else s for s in other.sensors]
        before = [] if known is None else list(known.sensors)
        kept = []
        for old in before:
            if old["until"] is None and old["series"] not in now:
                kept.append({**old, "until": today.isoformat()})
            elif old["until"] is None and old["series"] in now:
                kept.append(old)
                del now[old["series"]]
            else:
                kept.append(old)
        return kept + [{"series": series, "since": since, "until": None} for series, since in now.items()]

    def get(self, field: str) -> FarmFieldRow:
        """One that is not given up. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(FarmFieldRow, field)
            if row is None or row.ended is not None:
                raise NotFound(f"no field is named {field[:63]!r}; GET /api/v1/farming/fields lists them")
            session.expunge(row)
        return row

    def village_of(self, field: str) -> str | None:
        """Where a field lies, given up or not; None where there never was one of that name."""
        with self._records.session() as session:
            row = session.get(FarmFieldRow, field)
            return None if row is None else row.village

    def listed(self, village: str | None = None) -> list[FarmFieldRow]:
        """Those that are not given up, by village and name."""
        query = select(FarmFieldRow).where(FarmFieldRow.ended.is_(None)).order_by(FarmFieldRow.village, FarmFieldRow.name, FarmFieldRow.id)
        with self._records.session() as session:
            rows = list(session.scalars(query if village is None else query.where(FarmFieldRow.village == village)))
            session.expunge_all()
        return rows

    def end(self, field: str, now: int) -> None:
        """Give a field up; what was said of it stays. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(FarmFieldRow, field)
            if row is None or row.ended is not None:
                raise NotFound(f"no field is named {field[:63]!r}")
            row.ended = now

    def report(self, field: str, day: date, kind: str, body: dict[str, Any], *, by: str, now: int, said: str | None = None) -> None:
        """Keep what somebody said; ``said`` is the name that his phone or kiosk gave it."""
        with self._records.session() as session:
            session.add(FarmReportRow(field=field, day=day.isoformat(), kind=kind, body=body, by=by, at=now, said=said))

    def heard(self, said: str) -> bool:
        """Whether something of that name was kept already."""
        with self._records.session() as session:
            return session.scalar(select(FarmReportRow.id).where(FarmReportRow.said == said)) is not None

    def reports(self, fields: Iterable[str], since: date) -> dict[str, list[FarmReportRow]]:
        """By field, in the order in which they were said."""
        out: dict[str, list[FarmReportRow]] = {name: [] for name in fields}
        with self._records.session() as session:
            query = select(FarmReportRow).where(FarmReportRow.day >= since.isoformat(), FarmReportRow.field.in_(list(out)))
            for row in session.scalars(query.order_by(FarmReportRow.id)):
                out[row.field].append(row)
            session.expunge_all()
        return out


def plot(row: FarmFieldRow) -> Plot:
    """As the rules see it."""
    planted = None if row.planted is None else date.fromisoformat(row.planted)
    soil = texture(row.texture).soil
    return Plot(row.id, row.name, crop(row.crop), soil, planted, row.area, row.flow, target=row.target, direct=row.direct)


def standing_in(row: FarmFieldRow, day: date) -> list[str]:
    """Series that stand in the field on a day."""
    text = day.isoformat()
    return [s["series"] for s in row.sensors if s["since"] <= text and (s["until"] is None or text < s["until"])]


def _fits(name: str) -> bool:
    return 0 < len(name) <= 63 and all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in name)


def _check_planting(planted: date | None, today: date, *, annual: bool) -> None:
    if planted is None:
        return
    if planted > today + timedelta(1):
        raise InvalidRequest(f"planted = {planted}: that day is still to come; leave it out until the crop stands")
    if today - planted > (OLDEST_ANNUAL if annual else OLDEST):
        raise InvalidRequest(f"planted = {planted}: longer ago than such a crop stands; check the year")
