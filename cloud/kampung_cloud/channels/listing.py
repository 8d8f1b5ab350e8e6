"""Channels and deliveries as the API shows them: no secret, and no address that is not masked."""

from __future__ import annotations

import time
from typing import Any

from kampung_contract.errors import NotFound
from kampung_contract.times import text
from sqlalchemy import func, select

from kampung_cloud.channels.lane import Lane
from kampung_cloud.channels.sender import Sender
from kampung_cloud.health import now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import DeliveryRow, MessageRow


def channels(sender: Sender, records: Records) -> list[dict[str, Any]]:
    """Every configured channel. Raises ``StorageUnavailable``."""
    waiting = select(MessageRow.channel, func.count()).where(MessageRow.state.in_(("waiting", "sending"))).group_by(MessageRow.channel)
    with records.session() as session:
        counts = {row[0]: row[1] for row in session.execute(waiting)}
    return [_channel(lane, counts.get(name, 0)) for name, lane in sorted(sender.lanes.items())]


def deliveries(records: Records, message: str) -> list[dict[str, Any]]:
    """A message's attempts, the first first. Raises ``NotFound``, ``StorageUnavailable``."""
    with records.session() as session:
        if session.get(MessageRow, message) is None:
            raise NotFound(f"message {message[:80]!r} is not here; GET /api/v1/messages lists what is")
        rows = list(session.scalars(select(DeliveryRow).where(DeliveryRow.message == message).order_by(DeliveryRow.id)))
    return [
        {
            "channel": row.channel,
            "address": row.address,
            "attempt": row.attempt,
            "at": text(row.at),
            "ended": None if row.ended is None else text(row.ended),
            "outcome": row.outcome,
            "detail": row.detail,
            "provider": row.provider,
        }
        for row in rows
    ]


def _channel(lane: Lane, waiting: int) -> dict[str, Any]:
    channel, mono, now = lane.channel, time.monotonic(), now_ms()
    return {
        "name": channel.name,
        "kind": channel.kind,
        "state": "down" if lane.failing else "resting" if lane.opens > mono else "up",
        "error": lane.error or None,
        "waiting": waiting,
        "last_sent": None if lane.last_sent is None else text(now - round((mono - lane.last_sent) * 1000)),
        "opens": text(now + round((lane.opens - mono) * 1000)) if lane.opens > mono else None,
        "recognises_repetition": channel.recognises,
        "parallel": channel.limits.parallel,
        "tries": channel.limits.tries,
        "limits": [
            {"count": r.count, "seconds": r.seconds, "burst": r.burst, "each": r.each, "only": r.only or None} for r in channel.limits.rates
        ],
    }
