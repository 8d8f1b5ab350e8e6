"""Shapes of the API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ElementOut(BaseModel):
    """Of one element: ``mean`` (NRR), 1 to 4, two decimals."""

    element: str
    mean: float


class SatisfactionOut(BaseModel):
    """``index`` (IKM) 25 to 100 over ``n`` respondents; ``lowest`` is the element with the lowest mean."""

    n: int
    index: float
    grade: Literal["A", "B", "C", "D"]
    words: str
    lowest: str
    elements: list[ElementOut]


class ServiceOut(SatisfactionOut):
    """Of a service; an empty id: services with too few respondents each, together."""

    service: str
    title: str


class PeriodOut(BaseModel):
    """A quarter (``2026-Q3``), half (``2026-S2``) or year (``2026``): only what may be told."""

    period: str
    whole: SatisfactionOut
    services: list[ServiceOut]


class VillageOut(SatisfactionOut):
    """A village's year."""

    village: str
    name: str


class TrendOut(BaseModel):
    """A quarter of the trend."""

    quarter: str
    n: int
    index: float
    grade: Literal["A", "B", "C", "D"]


class AnswerOut(BaseModel):
    """How many said so of themselves; an empty answer: those that too few gave, together."""

    answer: str
    n: int


class ProfileOut(BaseModel):
    """What those who answered say of themselves: sex, age, schooling or work."""

    question: Literal["sex", "age", "schooling", "work"]
    answers: list[AnswerOut]


class SurveyOut(BaseModel):
    """``running`` counts the answers of the quarter that is not over and is told after it; ``least``: respondents of a figure at least."""

    village: str | None
    year: int
    least: int
    source: str
    running: int = Field(ge=0)
    periods: list[PeriodOut]
    trend: list[TrendOut]
    respondents: list[ProfileOut]
    villages: list[VillageOut]
