"""Tables of what is over its time: proposals to destroy it, certificates, and what is held back. Times are ms UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class DestructionRow(Base):
    """A proposal, and once it is ``done`` its certificate. ``state``: proposed, done, refused.

    ``by`` proposed it, ``second`` agreed or refused with ``reason``. Of a certificate: ``n`` counts those of the village, ``number`` is its
    name, ``body`` what it says, ``hash`` covers that and ``before``, the hash of the one before.
    """

    __tablename__ = "destructions"
    __table_args__ = (UniqueConstraint("village", "n"), Index("ix_destructions_village", "village", "state"))
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13))
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(400))
    by: Mapped[str] = mapped_column(String(63))
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
    second: Mapped[str] = mapped_column(String(63), default="")
    second_name: Mapped[str] = mapped_column(String(80), default="")
    decided: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
    n: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(60), default="")
    body: Mapped[dict[str, Any]]
    before: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64), default="")


class DestructionItemRow(Base):
    """One thing of a proposal: what was seen is what is destroyed. ``at``: when its time began; ``done``: whether it was destroyed."""

    __tablename__ = "destruction_items"
    destruction: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    at: Mapped[int]
    done: Mapped[bool] = mapped_column(Boolean, default=False)


class RetentionHoldRow(Base):
    """A thing that is not destroyed, whatever its time: a case at law is about it. ``subject`` as items name it."""

    __tablename__ = "retention_holds"
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(400))
    by: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]


class DiscardedFileRow(Base):
    """A file of what was destroyed that is still on the disk: the row goes with it. ``path`` is below the data folder."""

    __tablename__ = "discarded_files"
    path: Mapped[str] = mapped_column(String(191), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    certificate: Mapped[str] = mapped_column(String(60))
