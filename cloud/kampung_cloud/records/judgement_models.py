"""The table of judgements that came after their readings. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class JudgementRow(Base):
    """A reading, named as rows are (series, time, value), that a test judged worse once more was known. The row itself stays as it came.

    ``by``: kiosk or regency; ``at``: when it was judged.
    """

    __tablename__ = "judgements"
    series: Mapped[str] = mapped_column(String(191), primary_key=True)
    t: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    v: Mapped[float] = mapped_column(Float, primary_key=True, autoincrement=False)
    test: Mapped[str] = mapped_column(String(15), primary_key=True)
    flag: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(10))
    at: Mapped[int]
