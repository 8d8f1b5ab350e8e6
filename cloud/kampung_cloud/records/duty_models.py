"""Late work of a village's office: who has to hear of what, and whether he has. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class DutyRow(Base):
    """Something is late, and ``role`` has to hear of it: one row a rung. ``key`` makes the same rung one row however often it is found.

    ``village`` is empty for the regency's own people. ``kind``: request, report or complaint; ``subject``: its reference or number;
    ``line``: what is said of it, without a name of anybody. ``told``: when messages were written, ``people`` how many got one; ``ended``:
    it was seen to before anybody was told.
    """

    __tablename__ = "duties"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    role: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    rung: Mapped[int] = mapped_column(Integer)
    line: Mapped[str] = mapped_column(String(200))
    at: Mapped[int]
    told: Mapped[int | None] = mapped_column(index=True)
    people: Mapped[int] = mapped_column(Integer, default=0)
    ended: Mapped[int | None]
