"""Alarms as they are kept and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kampung_contract.alarm import Alarm
from sqlalchemy import ColumnElement, select

from kampung_cloud.records import Records
from kampung_cloud.records.models import AlarmRow

FRESH_MS = 5 * 60_000


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """Times in milliseconds UTC."""

    t: int
    value: float
    flag: int
    received: int

    @property
    def fresh(self) -> bool:
        """Not older than five minutes when it arrived."""
        return self.received - self.t <= FRESH_MS


MOST = 1_000

Where = ColumnElement[bool]
"""A condition on rows of alarms."""


def listed(
    records: Records, village: str | None, state: str, start: int | None = None, stop: int | None = None, *, where: Sequence[Where] = ()
) -> list[Alarm]:
    """Alarms that began from ``start`` to before ``stop`` (ms UTC) and for which all of ``where`` holds, newest first, at most ``MOST``.

    ``firing`` leaves out what is not announced; ``resolved`` and ``all`` hold historic ones too. Those that never were are in
    ``withdrawn`` alone.
    """
    query = select(AlarmRow).where(AlarmRow.withdrawn.is_(state == "withdrawn"), *where).order_by(AlarmRow.since.desc(), AlarmRow.id)
    if village is not None:
        query = query.where(AlarmRow.village == village)
    if start is not None:
        query = query.where(AlarmRow.since >= start)
    if stop is not None:
        query = query.where(AlarmRow.since < stop)
    if state == "firing":
        query = query.where(AlarmRow.until.is_(None), AlarmRow.announced.is_(True))
    elif state == "resolved":
        query = query.where(AlarmRow.until.is_not(None))
    with records.session() as session:
        return [from_row(row) for row in session.scalars(query.limit(MOST))]


_FIELDS = tuple(Alarm.__dataclass_fields__)


def from_row(row: AlarmRow) -> Alarm:
    """As read from records."""
    return Alarm(**{name: getattr(row, name) for name in _FIELDS})


def to_row(alarm: Alarm) -> AlarmRow:
    """As written to records."""
    return AlarmRow(**{name: getattr(alarm, name) for name in _FIELDS})
