"""Tables."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class SurveyRow(Base):
    """One resident's answers: nine scores from 1 to 4 (U1 to U9). No person, no request, no time: only the day of WIB."""

    __tablename__ = "surveys"
    survey: Mapped[str] = mapped_column(String(32), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    service: Mapped[str] = mapped_column(String(63))
    day: Mapped[str] = mapped_column(String(10), index=True)
    u1: Mapped[int] = mapped_column(Integer)
    u2: Mapped[int] = mapped_column(Integer)
    u3: Mapped[int] = mapped_column(Integer)
    u4: Mapped[int] = mapped_column(Integer)
    u5: Mapped[int] = mapped_column(Integer)
    u6: Mapped[int] = mapped_column(Integer)
    u7: Mapped[int] = mapped_column(Integer)
    u8: Mapped[int] = mapped_column(Integer)
    u9: Mapped[int] = mapped_column(Integer)


SCORES = tuple(getattr(SurveyRow, f"u{n}") for n in range(1, 10))
"""The nine columns."""


class RespondentRow(Base):
    """What one of those who answered says of himself, empty where he does not. No scores, no service, no day: nobody puts them together."""

    __tablename__ = "survey_respondents"
    respondent: Mapped[str] = mapped_column(String(32), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    quarter: Mapped[str] = mapped_column(String(7), index=True)
    sex: Mapped[str] = mapped_column(String(10))
    age: Mapped[str] = mapped_column(String(10))
    schooling: Mapped[str] = mapped_column(String(10))
    work: Mapped[str] = mapped_column(String(10))
