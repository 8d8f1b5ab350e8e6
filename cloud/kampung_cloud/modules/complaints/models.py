"""Tables. Times are ms UTC, days ISO texts of WIB. What was written, and by whom, is sealed; nothing in clear names a person."""

from __future__ import annotations

from kampung_contract.complaint import About
from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.modules.complaints.status import Office, State
from kampung_cloud.records.models import Base
from kampung_cloud.resealing import Kept


class ComplaintRow(Base):
    """A complaint as it stands. ``digest``: of the id that its writer's device made; ``name``: what the village's document calls it.

    Sealed: ``said`` (JSON of text, day, reference, asked, head), ``writer`` (JSON of name and contact, null where nobody is to be known),
    ``opening`` (key and proof of ticket and word). ``told``: what the document says of it, sealed for both. ``past``: the village does not
    see it. ``known``: who may know the writer. ``opened``: the day it came, ``written`` the one it was written on; of neither is
    the time kept. ``counted``: the day from which the office's time runs. ``first``: the day of the first answer, ``days`` the working
    days it took, ``in_time`` whether that was in time. ``level``: how late it was found to be.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("digest"),
        UniqueConstraint("name"),
        Index("ix_complaints_inbox", "village", "state", "due"),
        Index("ix_complaints_due", "state", "due"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(24))
    ticket: Mapped[str] = mapped_column(String(13))
    village: Mapped[str] = mapped_column(String(13))
    about: Mapped[About] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(10))
    service: Mapped[str] = mapped_column(String(63))
    office: Mapped[Office] = mapped_column(String(12))
    past: Mapped[bool] = mapped_column(Boolean)
    known: Mapped[str] = mapped_column(String(12))
    said: Mapped[bytes] = mapped_column(LargeBinary)
    writer: Mapped[bytes | None] = mapped_column(LargeBinary)
    opening: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[str] = mapped_column(Text)
    state: Mapped[State] = mapped_column(String(10))
    since: Mapped[int]
    due: Mapped[int | None]
    opened: Mapped[str] = mapped_column(String(10), index=True)
    written: Mapped[str] = mapped_column(String(10))
    counted: Mapped[str] = mapped_column(String(10))
    first: Mapped[str | None] = mapped_column(String(10))
    days: Mapped[int | None] = mapped_column(Integer)
    in_time: Mapped[bool | None] = mapped_column(Boolean)
    objected: Mapped[bool] = mapped_column(Boolean, default=False)
    level: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form


class ComplaintStepRow(Base):
    """One act on a complaint, for ever. ``by``: the account, "pengadu" or "sistem"; ``note``: sealed, what was said."""

    __tablename__ = "complaint_steps"
    complaint: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int]
    act: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(80))
    state: Mapped[State] = mapped_column(String(10))
    note: Mapped[bytes | None] = mapped_column(LargeBinary)


class SuggestionRow(Base):
    """A suggestion. ``text``: sealed, people name people; ``seen``: when somebody of the office read it, ``seen_by`` who."""

    __tablename__ = "suggestions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    service: Mapped[str] = mapped_column(String(63))
    opened: Mapped[str] = mapped_column(String(10), index=True)
    text: Mapped[bytes] = mapped_column(LargeBinary)
    seen: Mapped[int | None]
    seen_by: Mapped[str] = mapped_column(String(80), default="")


KEPT = (
    Kept(
        ComplaintRow.__table__,
        {"said": "complaint {digest} said", "writer": "complaint {digest} writer", "opening": "complaint {digest} opening"},
    ),
    Kept(ComplaintStepRow.__table__, {"note": "complaint step {complaint} {n}"}),
    Kept(SuggestionRow.__table__, {"text": "suggestion {id}"}),
)
"""What is sealed here, for a change of keys."""
