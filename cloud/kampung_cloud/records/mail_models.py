"""What waits to be sent to one kiosk, once, and is forgotten. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class KioskMailRow(Base):
    """A message for ``topic`` in ``village``, sent by whoever holds that village's line; nothing after ``until``."""

    __tablename__ = "kiosk_mail"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[int]
