"""The table of certified signatures, beside the register of letters."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base
from kampung_cloud.resealing import Kept


class CertifiedRow(Base):
    """What became of asking for a certified signature on a letter. ``state``: asked, signed, failed (``why`` says how).

    ``traced``: whether the certificate comes from a root that was given then. ``pdf``: the file that came back, sealed; it is the
    letter from then on. No passphrase and no NIK stands anywhere.
    """

    __tablename__ = "certified_letters"
    __table_args__ = (Index("ix_certified_letters_state", "state"),)
    letter: Mapped[str] = mapped_column(String(26), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[int]
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(String(20), default="")
    simulated: Mapped[bool] = mapped_column(Boolean, default=False)
    signer: Mapped[str] = mapped_column(String(200), default="")
    issuer: Mapped[str] = mapped_column(String(200), default="")
    until: Mapped[str] = mapped_column(String(10), default="")
    traced: Mapped[bool] = mapped_column(Boolean, default=False)
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)


KEPT = (Kept(CertifiedRow.__table__, {"pdf": "certified {letter}"}),)
"""What is sealed here, for a change of keys."""
