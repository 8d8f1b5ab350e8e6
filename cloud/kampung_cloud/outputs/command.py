"""One command to an output: what it goes through, and how it is shown."""

from __future__ import annotations

from typing import Any, Literal

from kampung_contract.switching import Reply
from kampung_contract.times import text
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from kampung_cloud.bus import Event
from kampung_cloud.outputs import log
from kampung_cloud.records.models import CommandRow

OPEN = ("queued", "sent")
UNANSWERED = (*OPEN, "expired", "replaced")


def close(session: Session, row: CommandRow, state: Literal["expired", "replaced"], now: int, by: str | None = None) -> bool:
    """Nothing more is sent of it; False when it was answered just now."""
    still = update(CommandRow).where(CommandRow.id == row.id, CommandRow.state.in_(OPEN)).values(state=state)
    if not session.execute(still, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
        return False
    set_committed_value(row, "state", state)
    log.append(session, line(row, state, now, {"sends": row.sends} if by is None else {"sends": row.sends, "replaced_by": by}))
    return True


def answered(session: Session, village: str, node: str, reply: Reply, received: int) -> CommandRow | None:
    """Put a kiosk's answer on record; gives the command when that was news. The first answer stands, also one that comes after all."""
    body = {
        "answer": reply.answer,
        "code": reply.code,
        "detail": reply.detail,
        "state": reply.state,
        "kiosk_at": reply.at,
        "until": reply.until,
    }
    log.append(
        session, log.Line(f"answered/{node}/{reply.command}", "answered", received, village, node, reply.output, reply.command, body)
    )
    row = session.get(CommandRow, reply.command)
    if row is None or row.node != node or row.state not in UNANSWERED:
        return None
    row.state, row.code, row.detail, row.until, row.answered_at = reply.answer, reply.code, reply.detail, reply.until, received
    session.flush()
    return row


def told(row: CommandRow) -> Event:
    """For open pages."""
    return Event("command", row.village, shown(row))


def shown(row: CommandRow) -> dict[str, Any]:
    """A command as the API gives it."""

    def moment(at: int | None) -> str | None:
        return None if at is None else text(at)

    return {
        "id": row.id,
        "village": row.village,
        "node": row.node,
        "output": row.output,
        "on": row.on,
        "seconds": row.seconds,
        "actor": row.actor,
        "reason": row.reason,
        "at": text(row.at),
        "expires": text(row.expires),
        "state": row.state,
        "sent_at": moment(row.sent_at),
        "sends": row.sends,
        "answered_at": moment(row.answered_at),
        "code": row.code,
        "detail": row.detail,
        "until": moment(row.until),
    }


def line(row: CommandRow, kind: log.Kind, at: int, body: dict[str, Any]) -> log.Line:
    """For the audit trail."""
    return log.Line(f"{kind}/{row.id}", kind, at, row.village, row.node, row.output, row.id, body)
