"""An alarm under its names: late readings may move its beginning, which gives it a new one. What was done about it goes along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kampung_contract.errors import NotFound
from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from kampung_cloud.records.models import AlarmRow

AT_ONCE = 500
"""So many names in one question: databases limit the parameters of a statement."""

QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm as it is known now, under its newest name. Times in ms UTC."""

    alarm: str
    village: str
    until: int | None
    withdrawn: bool

    def over(self, at: int) -> bool:
        """Whether there was nothing left to be done about it by then."""
        return self.withdrawn or (self.until is not None and self.until <= at)


def held(session: Session, alarm: str) -> Standing:
    """The alarm under its newest name; nobody else changes it or acts on it until this transaction is over.

    Raises ``NotFound``.
    """
    seen: set[str] = set()
    while True:
        seen.add(alarm)
        # An update that changes nothing holds the row on PostgreSQL, and on SQLite keeps every other writer out.
        session.execute(update(AlarmRow).where(AlarmRow.id == alarm).values(became=AlarmRow.became), execution_options=QUIET)
        columns = (AlarmRow.village, AlarmRow.until, AlarmRow.withdrawn, AlarmRow.became)
        found = session.execute(select(*columns).where(AlarmRow.id == alarm)).one_or_none()
        if found is None:
            raise NotFound(f"alarm {alarm[:400]!r} is not known; GET /api/v1/alarms lists those that are")
        if found.became is None or found.became in seen:
            return Standing(alarm, found.village, found.until, found.withdrawn)
        alarm = found.became


def newest(session: Session, alarms: Iterable[str]) -> dict[str, str]:
    """By name, the newest name of that alarm; an unknown one is its own."""
    wanted = set(alarms)
    became: dict[str, str] = {}
    asked = wanted
    while asked:
        found = _became(session, AlarmRow.id, asked)
        became |= found
        asked = set(found.values()) - became.keys() - asked
    return {alarm: _end(alarm, became) for alarm in wanted}


def names(session: Session, alarm: str) -> list[str]:
    """Every name that the alarm of this newest name has had, the newest first."""
    out = [alarm]
    asked = {alarm}
    while asked:
        asked = set(_became(session, AlarmRow.became, asked)) - set(out)
        out += sorted(asked)
    return out


def _end(alarm: str, became: dict[str, str]) -> str:
    seen = {alarm}
    while (following := became.get(alarm, alarm)) not in seen:
        seen.add(following)
        alarm = following
    return alarm


def _became(session: Session, column: InstrumentedAttribute[Any], asked: set[str]) -> dict[str, str]:
    """By former name what it became, where ``column`` is one of those."""
    out: dict[str, str] = {}
    wanted = sorted(asked)
    for first in range(0, len(wanted), AT_ONCE):
        known = column.in_(wanted[first : first + AT_ONCE])
        query = select(AlarmRow.id, AlarmRow.became).where(AlarmRow.became.is_not(None), known)
        out |= {former: became for former, became in session.execute(query) if became is not None}
    return out
