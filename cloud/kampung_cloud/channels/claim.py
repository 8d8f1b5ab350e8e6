"""Taking messages that are due: who sends what through which channel, on record before it goes. One transaction, by the sender's thread.

What two processes want at once one of them gets: a row is taken by an ``UPDATE`` that finds it waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from kampung_cloud.channels import marks, rates
from kampung_cloud.channels.channel import Outgoing
from kampung_cloud.channels.choice import LIFE, Address, Attempt, addresses, choose, key_of, masked, tries_for
from kampung_cloud.channels.lane import Job, Lane
from kampung_cloud.handling import family
from kampung_cloud.records.message_models import DeliveryRow, MessageRow, PersonRow
from kampung_cloud.records.models import AlarmRow

AIMED = 500
"""Messages for which a channel is chosen in one transaction."""
SPARE = 20
"""Looked at beyond what a lane takes, since an address may have had enough for now."""
STANDING = ("raised", "worse", "repeat", "escalated")
"""Kinds that say that something stands; they are not sent once it is over."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who sends. ``lease_ms``: so long nobody else may."""

    name: str
    lease_ms: int


def expire(session: Session, now: int) -> int:
    """Messages whose time is over; how many."""
    old = update(MessageRow).where(MessageRow.state == "waiting", MessageRow.expires <= now)
    why = func.coalesce(MessageRow.detail + "; ", "") + "its time was over before it could be sent"
    return count(session, old.values(state="expired", detail=why))


def aim(session: Session, lanes: Mapping[str, Lane], now: int) -> int:
    """Choose the channel of messages that have none; those for which there is none have failed. How many were looked at."""
    unaimed = or_(MessageRow.channel.is_(None), MessageRow.channel.not_in(list(lanes)))
    query = select(MessageRow).where(MessageRow.state == "waiting", MessageRow.due <= now, unaimed)
    rows = list(session.scalars(query.order_by(MessageRow.severity.desc(), MessageRow.due).limit(AIMED)))
    if not rows:
        return 0
    people, tried = _people(session, rows), tried_of(session, rows)
    for row in rows:
        listed = addresses(people[row.person].addresses) if row.person in people else []
        found = _choice(row, listed, tried.get(row.id, []), lanes)
        if found is not None:
            _still(session, row, channel=found.channel)
            continue
        why = _why_not(row.person in people, listed, lanes)
        _still(session, row, state="failed", detail=f"{row.detail}; {why}" if row.detail else why)
    return len(rows)


def release(session: Session, lane: Lane, lanes: Mapping[str, Lane]) -> None:
    """A channel takes nothing for now: what waits for it may go another way, where there is one."""
    if len(lanes) > 1 and lane.shut:
        least = 0 if lane.down else LIFE
        theirs = (MessageRow.state == "waiting", MessageRow.channel == lane.channel.name, MessageRow.severity >= least)
        count(session, update(MessageRow).where(*theirs).values(channel=None))


def something(session: Session, mine: Sequence[str], now: int) -> bool:
    """Whether there may be anything to do; a look that changes nothing keeps nobody from writing."""
    waits = (MessageRow.state == "waiting") & ((MessageRow.due <= now) | (MessageRow.expires <= now))
    left = (MessageRow.state == "sending") & MessageRow.id.not_in(mine)
    return session.scalar(select(MessageRow.id).where(waits | left).limit(1)) is not None


def take(session: Session, lane: Lane, lanes: Mapping[str, Lane], owner: Owner, now: int) -> tuple[list[Job], int]:
    """Messages for a lane, theirs are now on record as tried; and when the channel's own limit allows more, 0 for at once."""
    channel, room = lane.channel, lane.room
    due = (MessageRow.state == "waiting", MessageRow.channel == channel.name, MessageRow.due <= now, MessageRow.expires > now)
    query = select(MessageRow).where(*due).order_by(MessageRow.severity.desc(), MessageRow.due, MessageRow.id)
    rows = list(session.scalars(query.limit(room + SPARE))) if room else []
    if not rows:
        return [], 0
    people, tried, over = _people(session, rows), tried_of(session, rows), _over(session, rows)
    whole = rates.limits_of(channel, None)
    jobs: list[Job] = []
    for row in rows:
        if len(jobs) == room:
            break
        if row.kind in STANDING and row.alarms and all(over.get(alarm, False) for alarm in row.alarms):
            _still(session, row, state="dropped", detail="what it tells was over before its turn came")
            continue
        attempts = tried.get(row.id, [])
        listed = [a for a in addresses(people[row.person].addresses) if a.channel == channel.name] if row.person in people else []
        address = _choice(row, listed, attempts, {channel.name: lane})
        if address is None:
            _still(session, row, channel=None)  # his addresses changed since the channel was chosen
            continue
        if free := rates.free(session, whole, now):
            return jobs, free
        own = rates.limits_of(channel, address.at)
        if free := rates.free(session, own, now):
            _still(session, row, due=free)
            continue
        if _still(session, row, state="sending", holder=owner.name, leased=now + owner.lease_ms):
            rates.use(session, [*whole, *own], now)
            jobs.append(_job(session, row, address, attempts, now=now))
    return jobs, 0


def renew(session: Session, messages: Sequence[str], owner: Owner, now: int) -> None:
    """What is under way stays ours."""
    mine = update(MessageRow).where(MessageRow.id.in_(messages), MessageRow.holder == owner.name, MessageRow.state == "sending")
    count(session, mine.values(leased=now + owner.lease_ms))


def _choice(row: MessageRow, listed: Sequence[Address], tried: Sequence[Attempt], lanes: Mapping[str, Lane]) -> Address | None:
    def tries(name: str) -> int | None:
        return tries_for(row.severity, lanes[name].channel.limits.tries) if name in lanes else None

    return choose(row.id, listed, tried, tries, lambda name: lanes[name].down or (row.severity >= LIFE and lanes[name].shut))


def _why_not(known: bool, listed: Sequence[Address], lanes: Mapping[str, Lane]) -> str:
    if not known:
        return "the person is not here any more"
    if not listed:
        return "the person has no address"
    lost = sorted({a.channel for a in listed} - lanes.keys())
    return f"no [[channel]] is named {', '.join(lost)}" if lost else "every address refused it"


def _job(session: Session, row: MessageRow, address: Address, tried: Sequence[Attempt], *, now: int) -> Job:
    key = key_of(row.id, address)
    before = [attempt for attempt in tried if attempt.key == key]
    number = len(before) + 1
    delivery = DeliveryRow(
        key=f"{key}/{number}",
        message=row.id,
        channel=address.channel,
        address=masked(address.at),
        attempt=number,
        at=now,
        outcome="trying",
    )
    session.add(delivery)
    session.flush()
    said = Outgoing(
        row.id, row.kind, row.village, row.severity, row.about, tuple(row.alarms), row.language, row.title, row.text, row.short,
        row.code, row.created, row.expires, again=any(attempt.outcome == "unknown" for attempt in before),
        heard=marks.heard(session, address.channel, address.at),
    )  # fmt: skip
    return Job(row.id, delivery.id, address.at, key, said)


def _still(session: Session, row: MessageRow, **values: Any) -> bool:
    """Change a message that still waits; whether it did."""
    query = update(MessageRow).where(MessageRow.id == row.id, MessageRow.state == "waiting").values(**values)
    return count(session, query) == 1


def count(session: Session, query: Any) -> int:
    return int(session.execute(query, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


def _people(session: Session, rows: Sequence[MessageRow]) -> dict[str, PersonRow]:
    wanted = {row.person for row in rows}
    return {person.id: person for person in session.scalars(select(PersonRow).where(PersonRow.id.in_(wanted)))}


def tried_of(session: Session, rows: Sequence[MessageRow]) -> dict[str, list[Attempt]]:
    query = select(DeliveryRow.message, DeliveryRow.key, DeliveryRow.outcome).where(DeliveryRow.message.in_([row.id for row in rows]))
    found: dict[str, list[Attempt]] = {}
    for message, key, outcome in session.execute(query.order_by(DeliveryRow.id)):
        found.setdefault(message, []).append(Attempt(key.rpartition("/")[0], outcome))
    return found


def _over(session: Session, rows: Sequence[MessageRow]) -> dict[str, bool]:
    """Alarms of which the records know, and whether they ended or never were; one that goes by another name now counts as that."""
    now = family.newest(session, {alarm for row in rows for alarm in row.alarms if row.kind in STANDING})
    query = select(AlarmRow.id, AlarmRow.until, AlarmRow.withdrawn).where(AlarmRow.id.in_(set(now.values())))
    ended = {name: until is not None or withdrawn for name, until, withdrawn in session.execute(query)}
    return {alarm: ended[newest] for alarm, newest in now.items() if newest in ended}
