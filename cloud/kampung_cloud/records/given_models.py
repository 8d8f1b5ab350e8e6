"""Readings that the API's process gives to whoever takes in for their kecamatan. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class GivenReadingsRow(Base):
    """Readings for one kecamatan, as ``telemetry/entry.py`` packs them, given at ``at``.

    ``awaited``: somebody waits to hear what became of them; then ``taken`` says when they were committed and ``new`` and ``duplicate``
    count them, or ``refused`` says why not. Where nobody waits the row goes with the commit.
    """

    __tablename__ = "given_readings"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    area: Mapped[str] = mapped_column(String(13), index=True)
    at: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    awaited: Mapped[bool]
    taken: Mapped[int | None]
    new: Mapped[int] = mapped_column(Integer, default=0)
    duplicate: Mapped[int] = mapped_column(Integer, default=0)
    refused: Mapped[str | None]
