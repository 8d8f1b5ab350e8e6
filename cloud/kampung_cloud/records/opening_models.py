"""What villages open to everybody. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class OpeningRow(Base):
    """A decision about the readings of one quantity of one village; of several the newest stands, and none is ever changed."""

    __tablename__ = "openings"
    __table_args__ = (Index("ix_openings_village", "village", "quantity"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13))
    quantity: Mapped[str] = mapped_column(String(63))
    open: Mapped[bool] = mapped_column(Boolean)
    by: Mapped[str] = mapped_column(String(63))
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
