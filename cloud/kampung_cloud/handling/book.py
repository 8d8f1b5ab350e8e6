"""The book of alarms: what a person does about one is written here, in the caller's transaction.

The same act twice is one act. Acts may come late and in any order, under a name that the alarm no longer has: the state is the same.
Whoever publishes does so after the transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.times import clock
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.handling import family, trail
from kampung_cloud.handling.state import Handling, Verdict, follows
from kampung_cloud.handling.trail import Kind, Line, Via
from kampung_cloud.records.message_models import AlarmHandlingRow

NAME = 80
NOTE = 300
COMMENT = 1_000
"""Characters."""


def acknowledge(session: Session, alarm_id: str, by: str, via: Via, at: int, note: str = "") -> Handling:  # noqa: PLR0917 - who, how, when
    """Somebody has seen it and sees to it (``at`` ms UTC). Who has acknowledged before is not written down again.

    Raises ``NotFound``, and ``InvalidRequest`` for a name or a note that does not fit.
    """
    return _act(session, alarm_id, "acknowledged", by, via, at, _noted({}, note))


def assign(session: Session, alarm_id: str, to: str, by: str, via: Via, at: int) -> Handling:  # noqa: PLR0917 - who, how, when
    """Give it to somebody, by name. Raises as ``acknowledge``, and ``conflict`` when it was over by then."""
    return _act(session, alarm_id, "assigned", by, via, at, {"to": _name("to", to)})


def comment(session: Session, alarm_id: str, text: str, by: str, via: Via, at: int) -> Handling:  # noqa: PLR0917 - who, how, when
    """Say something about it, also afterwards. Raises as ``acknowledge``."""
    text = text.strip()
    if not text:
        raise InvalidRequest("text = '': a comment that says nothing; write what you saw or did")
    return _act(session, alarm_id, "commented", by, via, at, {"text": _at_most("text", text, COMMENT)})


def verdict(session: Session, alarm_id: str, verdict: Verdict, by: str, via: Via, at: int, note: str = "") -> Handling:  # noqa: PLR0917 - who, how, when
    """Say that it was a false alarm, or a true one. The last word counts. Raises as ``acknowledge``."""
    if verdict not in ("false", "true"):
        raise InvalidRequest(f"verdict = {str(verdict)[:80]!r}: say 'false' for a false alarm or 'true' for a true one")
    return _act(session, alarm_id, "marked", by, via, at, _noted({"verdict": verdict}, note))


def note(  # noqa: PLR0917 - a line and its key
    session: Session, alarm_id: str, village: str, at: int, kind: Kind, actor: str, via: Via, body: dict[str, Any], key: str
) -> bool:
    """Append a line to the trail; False when one with this key is there. ``key`` has at most 500 characters."""
    return trail.append(session, Line(key, alarm_id, village, at, kind, actor, via, body))


def acknowledged(session: Session, alarm_ids: Iterable[str]) -> set[str]:
    """Those of them that somebody has acknowledged, under whatever name."""
    now = family.newest(session, alarm_ids)
    found = handled(session, sorted(set(now.values())))
    return {alarm for alarm, newest in now.items() if newest in found and found[newest].acknowledged is not None}


def handled(session: Session, alarms: Sequence[str]) -> dict[str, Handling]:
    """By newest name, what was done about alarms; of the others nothing was."""
    out: dict[str, Handling] = {}
    for first in range(0, len(alarms), family.AT_ONCE):
        query = select(AlarmHandlingRow).where(AlarmHandlingRow.alarm.in_(alarms[first : first + family.AT_ONCE]))
        out |= {row.alarm: Handling.of(row) for row in session.scalars(query)}
    return out


def settle(session: Session, alarm: str, village: str) -> Handling:
    """Write down what follows from all that was done about the alarm of this newest name."""
    now = follows(alarm, village, trail.lines(session, family.names(session, alarm), trail.ACTS))
    if now != Handling(alarm, village):
        session.merge(now.row())
        session.flush()
    return now


def _act(  # noqa: PLR0917 - an act and where it goes
    session: Session, alarm_id: str, kind: Kind, by: str, via: Via, at: int, body: dict[str, Any]
) -> Handling:
    by = _name("by", by)
    standing = family.held(session, alarm_id)
    if kind == "assigned" and standing.over(at):
        ended = standing.until is not None and not standing.withdrawn
        why = f"it ended at {clock(standing.until)}" if ended else "it turned out never to have been"  # type: ignore[arg-type]
        raise KampungError(f"alarm {alarm_id!r} is over: {why}; it is given to nobody any more, but takes comments", code="conflict")
    if kind == "acknowledged":
        before = settle(session, standing.alarm, standing.village)
        if before.acknowledged is not None and before.acknowledged <= at and before.acknowledged_by == by:
            return before
    said = hashlib.sha256(repr((by, via, sorted(body.items()))).encode()).hexdigest()[:16]
    trail.append(session, Line(f"{alarm_id}#{kind}#{at}#{said}", standing.alarm, standing.village, at, kind, by, via, body))
    return settle(session, standing.alarm, standing.village)


def _noted(body: dict[str, Any], note: str) -> dict[str, Any]:
    note = note.strip()
    return body | {"note": _at_most("note", note, NOTE)} if note else body


def _name(key: str, value: str) -> str:
    value = " ".join(value.split())
    if not value:
        raise InvalidRequest(f"{key} = '': write a name or a role, such as Pak RT")
    return _at_most(key, value, NAME)


def _at_most(key: str, value: str, characters: int) -> str:
    if len(value) > characters:
        raise InvalidRequest(f"{key} = {value[:40]!r}…: {len(value)} characters; write at most {characters}")
    return value
