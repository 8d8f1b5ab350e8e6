"""Shapes of the API's answers about quality control."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.api.schemas import Words


class TestOut(BaseModel):
    """A test in force and its ``limits``; ``by`` is whose they are. ``source`` says where the numbers come from."""

    test: str
    name: Words
    limits: dict[str, Any]
    by: Literal["catalogue", "site", "regency"]
    source: str


class StretchOut(BaseModel):
    """``test`` gave ``flag`` to ``count`` readings, the first at ``from``, the last at ``to`` (ms UTC)."""

    model_config = ConfigDict(populate_by_name=True)

    test: str
    name: Words
    flag: int
    since: int = Field(alias="from")
    to: int
    count: int
    by: Literal["kiosk", "regency"]


class JudgedOut(BaseModel):
    """A reading that was judged worse after it had come; ``at`` is when (ms UTC)."""

    t: int
    value: float
    flag: int
    test: str
    name: Words
    by: Literal["kiosk", "regency"]
    at: int


class QualityOut(BaseModel):
    """``flags``: readings by flag, null where the period holds too many to count; ``failed``: how many are in no mean and no line.

    ``doubts`` say which test spoke when.

    ``judged`` are the newest 500 that were judged later; ``judged_count`` is how many there are.
    """

    id: str
    unit: str
    start: int
    stop: int
    flags: dict[str, int] | None
    failed: int
    tests: list[TestOut]
    doubts: list[StretchOut]
    judged: list[JudgedOut]
    judged_count: int
