"""Kiosks that were withdrawn. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class WithdrawalRow(Base):
    """Nothing is taken of the node and nothing goes to it, from ``at`` until ``restored``. Rows are kept for ever.

    ``public`` and ``epoch``: the key and the spool that it had; they stay refused after it was restored, unless the withdrawal was a
    ``mistake``. ``broker``: none (nobody is set up to be asked), asked, refused (it is let in no more); ``broker_note``: why not yet.
    """

    __tablename__ = "node_withdrawals"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    node: Mapped[str] = mapped_column(String(63), index=True)
    village: Mapped[str] = mapped_column(String(13))
    at: Mapped[int]
    by: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(String(400))
    public: Mapped[bytes | None] = mapped_column(LargeBinary)
    epoch: Mapped[str | None] = mapped_column(String(64))
    broker: Mapped[str] = mapped_column(String(8))
    broker_note: Mapped[str] = mapped_column(String(300))
    restored: Mapped[int | None]
    restored_by: Mapped[str | None] = mapped_column(String(63))
    restored_name: Mapped[str | None] = mapped_column(String(80))
    restored_why: Mapped[str | None] = mapped_column(String(400))
    mistake: Mapped[bool | None]
