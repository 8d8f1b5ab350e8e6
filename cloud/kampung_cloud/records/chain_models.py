"""Tables of planning: since when it has known of an alarm, and what each person was told last. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class NoticeRow(Base):
    """When planning first saw that an alarm was announced."""

    __tablename__ = "alarm_notices"
    alarm: Mapped[str] = mapped_column(String(383), primary_key=True)
    at: Mapped[int]


class ChainRow(Base):
    """The end of the messages to a person about a group of alarms; ``messages/chain.py`` says what the columns mean.

    Written together with the message, so that none is said twice or forgotten. ``alarms``, ``before`` and ``after`` are JSON: thousands may
    hold the same, which is then read once. ``open``: there may be more to say though nothing fires.
    """

    __tablename__ = "message_chains"
    person: Mapped[str] = mapped_column(String(63), primary_key=True)
    group: Mapped[str] = mapped_column(String(191), primary_key=True, index=True)
    number: Mapped[int] = mapped_column(Integer)
    message: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    alarms: Mapped[str] = mapped_column(Text)
    severity: Mapped[int] = mapped_column(Integer)
    at: Mapped[int]
    due: Mapped[int]
    before_at: Mapped[int]
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    open: Mapped[bool] = mapped_column(Boolean, index=True)
