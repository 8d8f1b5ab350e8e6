"""What people at kiosks did about alarms, on its way from a pack into the book."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from kampung_contract.acting import AlarmAct, parse_event
from kampung_contract.alarm import Alarm
from kampung_contract.errors import InvalidEvent
from kampung_contract.pack import Pack
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kampung_cloud import events
from kampung_cloud.handling import book
from kampung_cloud.handling.state import Handling
from kampung_cloud.records.message_models import AlarmActRow
from kampung_cloud.records.models import AlarmRow

log = structlog.get_logger()

Acted = tuple[str, str, AlarmAct, int]
"""(village, node, act, received)."""


def of_pack(pack: Pack, village: str, node: str, received: int) -> tuple[list[Acted], list[tuple[dict[str, Any], InvalidEvent]]]:
    """Acts in the pack's events, and events that claim to be one and are not."""
    acts, wrong = events.typed(pack, parse_event)
    return [(village, node, act, received) for act in acts], wrong


def keep(session: Session, acted: Iterable[Acted], alarms: Sequence[Alarm]) -> list[Handling]:
    """Write acts into the book, and those that waited for one of ``alarms``, which were saved just now. Twice is once.

    Gives how the alarms stand now, for open pages.
    """
    done: dict[str, Handling] = {}
    for village, node, act, received in acted:
        # The kiosk's clock may be ahead; nothing was seen after it was heard of.
        row = AlarmActRow(
            id=f"{node}/{act.id}", village=village, alarm=act.alarm, rule=act.rule, scope=act.scope, by=act.by, at=min(act.at, received)
        )
        handling = _take(session, row, act.since)
        if handling is None:
            session.merge(row)
        else:
            done[handling.alarm] = handling
    session.flush()
    for village in sorted({alarm.village for alarm in alarms}):
        for row in list(session.scalars(select(AlarmActRow).where(AlarmActRow.village == village))):
            handling = _take(session, row, row.at)
            if handling is not None:
                done[handling.alarm] = handling
                session.delete(row)
    return list(done.values())


def _take(session: Session, row: AlarmActRow, since: int) -> Handling | None:
    """None while its alarm is not known."""
    named = session.execute(select(AlarmRow.id, AlarmRow.village).where(AlarmRow.id == row.alarm)).one_or_none()
    if named is not None and named.village != row.village:
        log.warning("a kiosk spoke about another village's alarm", act=row.id, alarm=row.alarm)
        return Handling(row.alarm, row.village)
    name = named.id if named is not None else _meant(session, row, since)
    return None if name is None else book.acknowledge(session, name, row.by, "kiosk", row.at)


def _meant(session: Session, row: AlarmActRow, since: int) -> str | None:
    """The alarm of that rule over the same that stood when it was seen, or when the kiosk thought that it began."""
    same = (AlarmRow.rule == row.rule, AlarmRow.scope == row.scope, AlarmRow.village == row.village, AlarmRow.withdrawn.is_(False))
    stood = [(AlarmRow.since <= t) & (AlarmRow.until.is_(None) | (AlarmRow.until >= t)) for t in {row.at, since}]
    return session.scalar(select(AlarmRow.id).where(*same, or_(*stood)).order_by(AlarmRow.since.desc()).limit(1))
