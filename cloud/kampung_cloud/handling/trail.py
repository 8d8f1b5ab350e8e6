"""The audit trail of alarms (``alarm_log``). Lines are added and never changed; what an alarm's handling is now follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kampung_cloud.handling.family import AT_ONCE
from kampung_cloud.records.message_models import AlarmLogRow

Kind = Literal[
    "raised", "resolved", "withdrawn", "told", "acknowledged", "assigned", "commented", "marked", "escalated", "silenced", "inhibited"
]
Via = Literal["page", "message", "kiosk", "system"]
ACTS = ("acknowledged", "assigned", "commented", "marked")
"""What people do; the rest is what the alarm and the system did."""


@dataclass(frozen=True, slots=True)
class Line:
    """``key`` names the line for ever. ``at`` is when it happened, ms UTC; ``body`` holds what the kind tells."""

    key: str
    alarm: str
    village: str
    at: int
    kind: Kind
    actor: str
    via: Via
    body: dict[str, Any] = field(default_factory=dict)


def append(session: Session, line: Line) -> bool:
    """Add a line; False when it is there already, whoever else is adding it now."""
    return bool(session.execute(_insert(session).values(_values(line))).rowcount > 0)  # type: ignore[attr-defined]


def lines(session: Session, alarms: Sequence[str], kinds: Iterable[str] | None = None) -> list[AlarmLogRow]:
    """Of these alarms, in the order in which it happened."""
    out: list[AlarmLogRow] = []
    for first in range(0, len(alarms), AT_ONCE):
        query = select(AlarmLogRow).where(AlarmLogRow.alarm.in_(alarms[first : first + AT_ONCE]))
        if kinds is not None:
            query = query.where(AlarmLogRow.kind.in_(tuple(kinds)))
        out += session.scalars(query)
    return sorted(out, key=lambda row: (row.at, row.id))


def _insert(session: Session) -> Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(AlarmLogRow).on_conflict_do_nothing(index_elements=["key"])
    return sqlite.insert(AlarmLogRow).on_conflict_do_nothing(index_elements=["key"])


def _values(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "alarm": line.alarm,
        "village": line.village,
        "at": line.at,
        "kind": line.kind,
        "actor": line.actor,
        "via": line.via,
        "body": line.body,
    }
