"""The table of what registers of others answered. It is emptied of a request when that has been checked."""

from __future__ import annotations

from sqlalchemy import Boolean, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base
from kampung_cloud.resealing import Kept


class LookupRow(Base):
    """The newest answer of a register (dukcapil, dtsen) for a request. ``body``: sealed JSON of it; ``at`` in ms UTC, ``by`` an account."""

    __tablename__ = "service_lookups"
    request: Mapped[str] = mapped_column(String(20), primary_key=True)
    register: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[int]
    by: Mapped[str] = mapped_column(String(80))
    simulated: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[bytes] = mapped_column(LargeBinary)


KEPT = (Kept(LookupRow.__table__, {"body": "lookup {request} {register}"}),)
"""What is sealed here, for a change of keys."""
