"""Silences on record. One is ended, never deleted: who hushed an alarm, and why, stays to be seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.times import text
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kampung_cloud.alarm import from_row as alarm_from
from kampung_cloud.handling import book
from kampung_cloud.messages.silence import Silence
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import SilenceRow
from kampung_cloud.records.models import AlarmRow

LONGEST_MS = 31 * 86_400_000
"""Longer than a month nobody remembers; whoever still wants it says so again."""
_FIELDS = tuple(Silence.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be silent; None fits everything."""

    village: str | None = None
    rule: str | None = None
    node: str | None = None
    device: str | None = None


def add(records: Records, wanted: Wanted, *, until: int, by: str, reason: str, now: int) -> Silence:
    """A silence from ``now`` to ``until`` (ms UTC). Raises ``InvalidRequest``."""
    if wanted == Wanted():
        raise InvalidRequest("a silence of everything; name village, rule, node or device")
    if until <= now:
        raise InvalidRequest(f"until = {text(until)}: that is over; give a time to come")
    if until > now + LONGEST_MS:
        raise InvalidRequest(f"until = {text(until)}: at most 31 days from now, so that no alarm is forgotten; say it again then")
    made = Silence(secrets.token_hex(6), now, until, by, reason, wanted.village, wanted.rule, wanted.node, wanted.device)
    with records.session() as session:
        session.add(SilenceRow(**{name: getattr(made, name) for name in _FIELDS}))
    return made


def end(records: Records, name: str, by: str, now: int) -> Silence:
    """Take it back; alarms that it kept quiet are told if they still stand. Raises ``NotFound``, and ``conflict`` when it is over."""
    with records.session() as session:
        row = session.get(SilenceRow, name, with_for_update=True)
        if row is None:
            raise NotFound(f"no silence has the id {name[:63]!r}; GET /api/v1/silences lists them")
        if not _from(row).holds(now):
            raise KampungError(f"silence {name!r} was over at {text(_from(row).end)} already; nothing is left to be ended", code="conflict")
        row.ended, row.ended_by = now, by
        ended = _from(row)
        for standing in session.scalars(select(AlarmRow).where(AlarmRow.until.is_(None), AlarmRow.announced.is_(True))):
            if ended.fits(alarm_from(standing)):
                body = {"silence": name, "ended": now}
                book.note(session, standing.id, standing.village, now, "silenced", by, "page", body, f"{standing.id}#silenced#{name}#end")
    return ended


def listed(records: Records, village: str | None, now: int, *, everything: bool = False) -> list[Silence]:
    """Those in force, the last to end first; ``everything``: the last 1,000 that there were."""
    query = select(SilenceRow).order_by(SilenceRow.until.desc(), SilenceRow.id).limit(1_000)
    if village is not None:
        query = query.where(or_(SilenceRow.village.is_(None), SilenceRow.village == village))
    if not everything:
        query = query.where(SilenceRow.until > now, SilenceRow.start <= now, func.coalesce(SilenceRow.ended, now + 1) > now)
    with records.session() as session:
        return [_from(row) for row in session.scalars(query)]


def recent(session: Session, since: int) -> Sequence[Silence]:
    """Those that were in force at ``since`` (ms UTC) or later."""
    return [_from(row) for row in session.scalars(select(SilenceRow).where(SilenceRow.until >= since))]


def _from(row: SilenceRow) -> Silence:
    return Silence(**{name: getattr(row, name) for name in _FIELDS})
