"""Tables of failures to protect personal data (UU 27/2022 Ps 46). Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class BreachRow(Base):
    """An incident. ``known``: when the office came to know of it, from which the law's clock runs to ``due``; ``began`` and ``ended``:
    when data were open, as far as that is known. ``body_sealed``: JSON of how, data, handling and contact.

    ``agency`` and ``public``: when told."""

    __tablename__ = "breaches"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    known: Mapped[int]
    due: Mapped[int]
    began: Mapped[int]
    ended: Mapped[int | None]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]
    agency: Mapped[int | None]
    public: Mapped[int | None]
    closed: Mapped[int | None]


class BreachStepRow(Base):
    """What was done about it, for ever. ``act``: recorded, changed, found, told_agency, told_public, told_persons, closed."""

    __tablename__ = "breach_steps"
    breach: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int]
    by: Mapped[str] = mapped_column(String(80))
    act: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(400))


class BreachPersonRow(Base):
    """Somebody concerned. ``subject``: a resident's number in the register, or the reference of a request that names no resident."""

    __tablename__ = "breach_persons"
    breach: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(24), primary_key=True)
    resident: Mapped[int | None] = mapped_column(Integer, index=True)
    why: Mapped[str] = mapped_column(String(120))
    told: Mapped[int | None]
    how: Mapped[str] = mapped_column(String(80), default="")
