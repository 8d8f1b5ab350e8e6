"""Tables of messages: who hears of alarms, what is to be said, what was delivered, what people did about an alarm. Times are ms UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class PersonRow(Base):
    """Somebody who hears of alarms. ``village`` is empty for the regency's own.

    ``role``: resident, farmer, rt, desa, petugas, ppl, bpbd, operator. ``addresses``: ``{channel, address}`` in the order in which they
    are tried. ``fields``: names of his fields. ``about``: kinds of alarms, empty for those of the role. ``least``: the lowest severity
    he wants. ``quiet``: ``{from, to}`` of the local day, None for the norm's.
    """

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    name: Mapped[str] = mapped_column(String(127))
    role: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8), default="id")
    addresses: Mapped[list[Any]]
    fields: Mapped[list[Any]]
    about: Mapped[list[Any]]
    least: Mapped[int] = mapped_column(Integer, default=1)
    quiet: Mapped[dict[str, Any] | None]
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[int]


class SilenceRow(Base):
    """Alarms that tell nobody for a time. What is None fits everything; ``rule`` may end in ``*``. ``ended`` early, by ``ended_by``."""

    __tablename__ = "silences"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    village: Mapped[str | None] = mapped_column(String(13))
    rule: Mapped[str | None] = mapped_column(String(127))
    node: Mapped[str | None] = mapped_column(String(63))
    device: Mapped[str | None] = mapped_column(String(63))
    start: Mapped[int]
    until: Mapped[int]
    by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(300))
    ended: Mapped[int | None]
    ended_by: Mapped[str | None] = mapped_column(String(80))


class MessageRow(Base):
    """What is to be said to a person: durable before it is sent. ``id`` follows from what it says to whom, so that it is written once.

    ``kind``: raised, worse, repeat, escalated, resolved, cancelled, digest, test, or answer, to what a person wrote. ``group`` is what it
    is about, ``alarms`` their names. ``text`` is the long form, ``short`` the one of at most 160 GSM-7 characters; ``code`` is what an
    answer names it by. ``state``: waiting (not before ``due``), sending, sent, failed, expired or dropped (taken back before it went);
    ``detail`` says why. ``channel`` is the one it is to go through next, or went through. While it is sending, ``holder`` is the process
    that does it, and nobody else may before ``leased``.
    """

    __tablename__ = "messages"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(63), index=True)
    village: Mapped[str] = mapped_column(String(13))
    kind: Mapped[str] = mapped_column(String(10))
    group: Mapped[str] = mapped_column(String(191), index=True)
    alarms: Mapped[list[Any]]
    severity: Mapped[int] = mapped_column(Integer)
    about: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    title: Mapped[str]
    text: Mapped[str]
    short: Mapped[str]
    code: Mapped[str] = mapped_column(String(8), index=True)
    created: Mapped[int] = mapped_column(index=True)
    due: Mapped[int]
    expires: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), index=True)
    channel: Mapped[str | None] = mapped_column(String(63))
    sent_at: Mapped[int | None]
    detail: Mapped[str | None]
    holder: Mapped[str | None] = mapped_column(String(127))
    leased: Mapped[int | None]


class DeliveryRow(Base):
    """An attempt to deliver a message, written before it is made. Never deleted while its message is kept.

    ``key`` is what the channel is given, the same for a message and an address however often it is tried, then ``/`` and the attempt's
    number. ``address`` is masked. ``outcome``: trying, sent, retry, failed (refused for good), or unknown (it may have gone: the process
    or the connection ended before the answer); ``provider`` is the channel's own name for it.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(191))
    message: Mapped[str] = mapped_column(String(64), index=True)
    channel: Mapped[str] = mapped_column(String(63))
    address: Mapped[str] = mapped_column(String(191))
    attempt: Mapped[int] = mapped_column(Integer)
    at: Mapped[int]
    ended: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(10))
    detail: Mapped[str | None]
    provider: Mapped[str | None] = mapped_column(String(191))


class ChannelMarkRow(Base):
    """What channels remember, shared by all that send: how far a limit is used up (``rate/…``), when somebody wrote to us (``heard/…``).

    ``value`` in microseconds UTC for rates, milliseconds for the rest; addresses stand in ``key`` as hashes.
    """

    __tablename__ = "channel_marks"
    key: Mapped[str] = mapped_column(String(191), primary_key=True)
    value: Mapped[int]


class PushRow(Base):
    """A browser that wants web push: ``endpoint`` and ``keys`` as it gave them; for a person, or for a village's alarms and fields."""

    __tablename__ = "push_subscriptions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str | None] = mapped_column(String(63), index=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    fields: Mapped[list[Any]]
    endpoint: Mapped[str]
    keys: Mapped[dict[str, Any]]
    language: Mapped[str] = mapped_column(String(8))
    at: Mapped[int]


class AlarmActRow(Base):
    """An act at a kiosk about an alarm that the regency does not know yet: readings may come after the word about them. Kept until then."""

    __tablename__ = "alarm_acts"
    id: Mapped[str] = mapped_column(String(127), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    alarm: Mapped[str] = mapped_column(String(383))
    rule: Mapped[str] = mapped_column(String(127))
    scope: Mapped[str] = mapped_column(String(191))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]


class AlarmHandlingRow(Base):
    """What people made of an alarm, as of now; how it came to that is in ``alarm_log``. ``verdict``: true or false (a false alarm)."""

    __tablename__ = "alarm_handling"
    alarm: Mapped[str] = mapped_column(String(383), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    acknowledged: Mapped[int | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(80))
    acknowledged_via: Mapped[str | None] = mapped_column(String(16))
    assigned: Mapped[int | None]
    assigned_to: Mapped[str | None] = mapped_column(String(80))
    verdict: Mapped[str | None] = mapped_column(String(8))
    verdict_by: Mapped[str | None] = mapped_column(String(80))


class AlarmLogRow(Base):
    """The audit trail of alarms: a line for each step. Never changed, never deleted; ``key`` makes a line that comes twice one line.

    ``kind``: raised, resolved, withdrawn, told, acknowledged, assigned, commented, marked, escalated, silenced, inhibited. ``via``:
    page, message, kiosk, system.
    """

    __tablename__ = "alarm_log"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(500))
    alarm: Mapped[str] = mapped_column(String(383), index=True)
    village: Mapped[str] = mapped_column(String(13))
    at: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(80))
    via: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]]
