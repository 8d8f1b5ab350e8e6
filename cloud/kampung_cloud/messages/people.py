"""People on record."""

from __future__ import annotations

from collections.abc import Sequence

from kampung_contract.errors import InvalidRequest, NotFound
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from kampung_cloud.messages.address import Address
from kampung_cloud.messages.person import Person, quiet_hours
from kampung_cloud.messages.quiet import Quiet, minute
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import MessageRow, PersonRow

AT_ONCE = 10_000
"""People in one import."""


def put(records: Records, people: Sequence[Person], now: int) -> list[str]:
    """Write all of them, or none; those that are new. Raises ``InvalidRequest`` for one named twice, and ``StorageUnavailable``."""
    names = [each.id for each in people]
    if len(names) > AT_ONCE:
        raise InvalidRequest(f"{len(names):,} people at once; give at most {AT_ONCE:,}")
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise InvalidRequest(f"id = {twice!r}: two people have it; give each his own")
    with records.session() as session:
        there = set(session.scalars(select(PersonRow.id)))
        at = max(now, (session.scalar(select(func.max(PersonRow.at))) or 0) + 1)
        for each in people:
            session.merge(_row(each, at))
    return [name for name in names if name not in there]


def find(records: Records, name: str) -> Person:
    """Raises ``NotFound``."""
    with records.session() as session:
        row = session.get(PersonRow, name)
    if row is None:
        raise NotFound(f"nobody has the id {name[:63]!r}; GET /api/v1/people lists those who hear of alarms")
    return from_row(row)


def listed(records: Records, village: str | None = None, role: str | None = None) -> list[Person]:
    """By village and name; an empty ``village`` is the regency."""
    query = select(PersonRow).order_by(PersonRow.village, PersonRow.name, PersonRow.id)
    if village is not None:
        query = query.where(PersonRow.village == village)
    if role is not None:
        query = query.where(PersonRow.role == role)
    with records.session() as session:
        return [from_row(row) for row in session.scalars(query)]


def remove(records: Records, name: str, now: int) -> None:
    """Forget somebody; what waits for him does not go. Raises ``NotFound``."""
    with records.session() as session:
        if session.execute(delete(PersonRow).where(PersonRow.id == name)).rowcount == 0:  # type: ignore[attr-defined]
            raise NotFound(f"nobody has the id {name[:63]!r}; there is nobody to remove")
        waiting = update(MessageRow).where(MessageRow.person == name, MessageRow.state == "waiting")
        session.execute(waiting.values(state="dropped", detail="the person was removed"))


class Directory:
    """All people, read again only when somebody changed them."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._people: tuple[Person, ...] = ()

    def all(self, session: Session) -> tuple[Person, ...]:
        """Those of now. Raises as the session does."""
        count, newest = session.execute(select(func.count(), func.max(PersonRow.at)).select_from(PersonRow)).one()
        if (count, newest) != self._version:
            self._people = tuple(from_row(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.id)))
            self._version = (count, newest)
        return self._people


def from_row(row: PersonRow) -> Person:
    """As read from records."""
    return Person(
        row.id,
        row.village,
        row.name,
        row.role,
        row.language,
        tuple(Address(each["channel"], each["address"]) for each in row.addresses),
        tuple(row.fields),
        frozenset(row.about),
        row.least,
        None if row.quiet is None else Quiet(minute(row.quiet["from"]), minute(row.quiet["to"])),
        row.active,
    )


def _row(each: Person, at: int) -> PersonRow:
    return PersonRow(
        id=each.id,
        village=each.village,
        name=each.name,
        role=each.role,
        language=each.language,
        addresses=[{"channel": a.channel, "address": a.address} for a in each.addresses],
        fields=list(each.fields),
        about=sorted(each.about),
        least=each.least,
        quiet=quiet_hours(each.quiet),
        active=each.active,
        at=at,
    )
