"""Tables. Times are integer milliseconds UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class VolcanoNoticeRow(Base):
    """A report of PVMBG's about the volcano ``code``; ``reported`` is the end of its period, ``shown`` what is told of it."""

    __tablename__ = "volcano_notices"
    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    reported: Mapped[int] = mapped_column(primary_key=True)
    received: Mapped[int]
    level: Mapped[int] = mapped_column(Integer)
    shown: Mapped[dict[str, Any]]
