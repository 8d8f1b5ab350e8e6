"""What became of attempts, on record; and those of which nobody knows, since who made them ended in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from kampung_cloud.channels.choice import failures, pause
from kampung_cloud.channels.claim import Owner, count, tried_of
from kampung_cloud.channels.lane import Done, Lane
from kampung_cloud.records.message_models import DeliveryRow, MessageRow

RATHER_TWICE = 2
"""From this severity on, what may have gone through a channel that cannot tell a repetition is sent again (decision 0024)."""


def settle(session: Session, done: Iterable[Done], lanes: Mapping[str, Lane], owner: Owner, now: int) -> None:
    """Write outcomes; of a message that is not ours any more only the attempt."""
    for each in done:
        _end(session, each, now)
        row = session.get(MessageRow, each.job.message)
        if row is not None and row.state == "sending" and row.holder == owner.name:
            _carry_on(session, row, each, lanes, now)
    session.flush()


def recover(session: Session, lanes: Mapping[str, Lane], owner: Owner, now: int, mine: Iterable[str], *, alone: bool) -> int:
    """Take up what another process has left under way, ``alone`` without waiting for its lease to end; how many messages.

    ``mine`` are under way here.
    """
    left: ColumnElement[bool] = MessageRow.leased <= now
    if alone:
        left = left | (MessageRow.holder != owner.name)
    query = select(MessageRow).where(MessageRow.state == "sending", left, MessageRow.id.not_in(list(mine)))
    rows = list(session.scalars(query.with_for_update(skip_locked=True)))
    for row in rows:
        trying = (DeliveryRow.message == row.id, DeliveryRow.outcome == "trying")
        last = session.scalar(select(DeliveryRow).where(*trying).order_by(DeliveryRow.id.desc()).limit(1))
        why = "the process that sent it ended before the answer"
        count(session, update(DeliveryRow).where(*trying).values(outcome="unknown", ended=now, detail=why))
        _doubt(row, last.channel if last is not None else row.channel, lanes, now)
    session.flush()
    return len(rows)


def _end(session: Session, done: Done, now: int) -> None:
    row = session.get(DeliveryRow, done.job.delivery)
    if row is not None:
        row.outcome, row.ended, row.detail, row.provider = done.outcome, now, done.detail or None, done.provider or None


def _carry_on(session: Session, row: MessageRow, done: Done, lanes: Mapping[str, Lane], now: int) -> None:
    if done.outcome == "sent":
        row.state, row.sent_at, row.channel = "sent", now, done.channel
        row.holder = row.leased = None
        return
    if done.outcome == "unknown":
        _doubt(row, done.channel, lanes, now, done.detail)
    else:
        _wait(row, now, done.detail)
    if done.outcome != "failed" and row.state == "waiting":
        session.flush()
        failed = failures(done.job.key, tried_of(session, [row]).get(row.id, []))
        row.due = now + round(1000 * max(pause(row.severity, failed), done.wait_s))


def _doubt(row: MessageRow, channel: str | None, lanes: Mapping[str, Lane], now: int, why: str = "") -> None:
    """Nobody knows whether it went: again where the channel can tell a repetition, else by what is worse."""
    lane = lanes.get(channel or "")
    if lane is None or lane.channel.recognises or row.severity >= RATHER_TWICE:
        _wait(row, now, why or "a process ended while it was sent")
        return
    row.state, row.sent_at, row.channel = "sent", now, channel
    row.detail = "whether it went is not known; the channel would show a repetition, so it was not sent again"
    row.holder = row.leased = None


def _wait(row: MessageRow, now: int, why: str) -> None:
    row.state, row.due, row.detail = "waiting", now, why or None
    row.channel = row.holder = row.leased = None
