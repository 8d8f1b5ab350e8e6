"""Tables. Times are integer milliseconds UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base
from kampung_cloud.resealing import Kept


class CitizenReportRow(Base):
    """A report. ``digest`` is of the id that its writer's device made, ``secret`` checks the ticket's word; neither can be turned back.

    ``contact`` is sealed, null when nobody gave one. ``status`` since ``since``; ``level`` is how far it was taken up;
    ``released``: staff let the photo be seen by everybody.
    """

    __tablename__ = "citizen_reports"
    __table_args__ = (UniqueConstraint("digest"), UniqueConstraint("ticket"))
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(String(64))
    ticket: Mapped[str] = mapped_column(String(12))
    secret: Mapped[str] = mapped_column(String(64))
    village: Mapped[str] = mapped_column(String(13), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(500))
    spot: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy: Mapped[float | None]
    origin: Mapped[str] = mapped_column(String(63))
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[int] = mapped_column(index=True)
    received: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), index=True)
    since: Mapped[int]
    level: Mapped[int] = mapped_column(Integer, default=0)
    handler: Mapped[str | None] = mapped_column(String(80))
    into: Mapped[int | None] = mapped_column(Integer)
    photo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    has_photo: Mapped[bool]
    released: Mapped[bool]


class CitizenStepRow(Base):
    """The trail of a report, never changed. ``kind``: came, step, comment, taken_up, merged, photo_released, photo_hidden, contact_read.

    ``public``: the reporter reads its note.
    """

    __tablename__ = "citizen_steps"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    report: Mapped[int] = mapped_column(Integer, index=True)
    at: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(80))
    status: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(500))
    public: Mapped[bool]
    body: Mapped[dict[str, Any]]


def context(digest: str) -> str:
    """What binds a sealed contact to its report."""
    return f"contact {digest}"


KEPT = (Kept(CitizenReportRow.__table__, {"contact": "contact {digest}"}),)
"""What is sealed here, for a change of keys."""
