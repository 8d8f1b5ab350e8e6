"""Tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class QueueTicketRow(Base):
    """A ticket that came to an end at a kiosk, as it was told last. Times in ms UTC by the kiosk's clock, 0 for never; nobody's name."""

    __tablename__ = "queue_tickets"
    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    rev: Mapped[int] = mapped_column(Integer)
    village: Mapped[str] = mapped_column(String(13))
    node: Mapped[str] = mapped_column(String(63))
    day: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(8))
    line: Mapped[str] = mapped_column(String(1))
    title: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(8))
    counter: Mapped[int] = mapped_column(Integer)
    calls: Mapped[int] = mapped_column(Integer)
    priority: Mapped[bool] = mapped_column(Boolean)
    doubtful: Mapped[bool] = mapped_column(Boolean)
    simulated: Mapped[bool] = mapped_column(Boolean)
    taken: Mapped[int] = mapped_column(BigInteger)
    called: Mapped[int] = mapped_column(BigInteger)
    began: Mapped[int] = mapped_column(BigInteger)
    ended: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_queue_tickets_village_day", "village", "day"),)
