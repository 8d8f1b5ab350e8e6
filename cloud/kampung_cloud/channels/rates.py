"""Rate limits that every process which sends shares: the generic cell rate algorithm, one number a limit, in the records.

Source: ITU-T I.371 (2004), annex A: a cell may come when the theoretical arrival time is not further ahead than the tolerance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kampung_cloud.channels.channel import Channel, Rate
from kampung_cloud.records.message_models import ChannelMarkRow

OLD_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate and the name under which its use is kept."""

    key: str
    rate: Rate


def limits_of(channel: Channel, to: str | None) -> list[Limit]:
    """What holds for the whole channel; with ``to``, what holds for that address."""
    out = []
    for number, rate in enumerate(channel.limits.rates):
        if rate.each != (to is not None) or (rate.only == "group" and not (to and channel.group(to))):
            continue
        whose = f"/{fingerprint(to)}" if to is not None else ""
        out.append(Limit(f"rate/{channel.name}/{number}{whose}", rate))
    return out


def fingerprint(address: str) -> str:
    """An address as a key has it."""
    return hashlib.sha256(address.encode()).hexdigest()[:24]


def free(session: Session, limits: Sequence[Limit], now: int) -> int:
    """When all of them allow one more, in ms UTC; 0 for now. Their rows are locked from here on."""
    wait = max((_free(_row(session, limit.key).value, limit.rate) for limit in limits), default=0)
    return -(-wait // 1_000) if wait > now * 1_000 else 0


def use(session: Session, limits: Sequence[Limit], now: int) -> None:
    """Count one message with each."""
    for limit in limits:
        row = _row(session, limit.key)
        row.value = max(row.value, now * 1_000) + _step(limit.rate)


def clean(session: Session, now: int) -> None:
    """Forget limits that nobody has used for a day."""
    session.execute(delete(ChannelMarkRow).where(ChannelMarkRow.key.like("rate/%"), ChannelMarkRow.value < now * 1_000 - OLD_US))


def _row(session: Session, key: str) -> ChannelMarkRow:
    """Locked, where the database has several writers."""
    row = session.get(ChannelMarkRow, key, with_for_update=True)
    if row is None:
        row = ChannelMarkRow(key=key, value=0)
        session.add(row)
    return row


def _step(rate: Rate) -> int:
    """µs between messages once a burst is through, so that burst and all stay below ``count`` in any ``seconds``."""
    return round(rate.seconds / (rate.count - rate.burst + 1) * 1_000_000)


def _free(tat: int, rate: Rate) -> int:
    """When the next may go, in µs UTC."""
    return tat - (rate.burst - 1) * _step(rate)
