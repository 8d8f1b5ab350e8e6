"""An alarm with all that was done about it, to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kampung_contract.alarm import Alarm
from kampung_contract.errors import NotFound
from kampung_contract.phases import lead_ms
from kampung_contract.rules import Rule
from kampung_contract.times import text
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kampung_cloud.alarm import Where, from_row
from kampung_cloud.handling import book, family, figures, trail
from kampung_cloud.handling.state import Handling
from kampung_cloud.handling.trace import window
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import AlarmHandlingRow, AlarmLogRow
from kampung_cloud.records.models import AlarmRow

TIMES = ("known", "since", "until", "was")
"""What of a line's body is a time, ms UTC."""


@dataclass(frozen=True, slots=True)
class Looked:
    """``names`` that it has had, the newest first."""

    alarm: Alarm
    names: list[str]
    handling: Handling
    figures: figures.Figures


def look(records: Records, name: str, now: int) -> Looked:
    """The alarm of that name, under whatever name it goes now. Raises ``NotFound`` and ``StorageUnavailable``."""
    with records.session() as session:
        alarm = find(session, name)
        done = book.handled(session, [alarm.id]).get(alarm.id) or Handling(alarm.id, alarm.village)
        return Looked(alarm, family.names(session, alarm.id), done, figures.of_rule(session, alarm.rule, now))


def find(session: Session, name: str) -> Alarm:
    """The alarm as it is now. Raises ``NotFound``."""
    row = session.get(AlarmRow, family.newest(session, [name])[name])
    if row is None:
        raise NotFound(f"alarm {name[:400]!r} is not known; GET /api/v1/alarms lists those that are")
    return from_row(row)


def log(records: Records, name: str) -> list[dict[str, Any]]:
    """The trail for the API, in the order in which it happened. Raises ``NotFound`` and ``StorageUnavailable``."""
    with records.session() as session:
        return [shown(row) for row in trail.lines(session, family.names(session, find(session, name).id))]


def shown(row: AlarmLogRow) -> dict[str, Any]:
    """A line for the API."""
    said = {key: text(value) if key in TIMES and isinstance(value, int) else value for key, value in row.body.items()}
    own = {"id": row.id, "alarm": row.alarm, "at": text(row.at), "kind": row.kind, "actor": row.actor, "via": row.via}
    return said | own


def stood_before(session: Session, alarm: Alarm, rule: Rule, now: int) -> int | None:
    """Since when an alarm of the same rule over the same stood when ``trace`` begins to look, ms UTC."""
    at = window(alarm, rule, now)[0] - lead_ms(rule)
    same = (AlarmRow.rule == alarm.rule, AlarmRow.scope == alarm.scope, AlarmRow.withdrawn.is_(False))
    stood = select(AlarmRow.since).where(*same, AlarmRow.since < at, or_(AlarmRow.until.is_(None), AlarmRow.until > at))
    return session.scalar(stood.order_by(AlarmRow.since).limit(1))


def seen(acknowledged: bool) -> Where:
    """Alarms that somebody has acknowledged, or nobody."""
    those = select(AlarmHandlingRow.alarm).where(AlarmHandlingRow.acknowledged.is_not(None))
    return AlarmRow.id.in_(those) if acknowledged else AlarmRow.id.not_in(those)
