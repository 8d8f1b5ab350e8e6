"""Shapes of the API."""

from __future__ import annotations

from typing import Annotated, Literal

from kampung_contract.complaint import About
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.modules.complaints.status import Act, State


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActIn(_In):
    """What the office does: take, ask, answer, dismiss, forward. ``note`` is what the writer reads; for all but ``take``."""

    act: Literal["take", "ask", "answer", "dismiss", "forward"]
    note: Annotated[str, Field(max_length=1_000)] = ""


class CategoryIn(_In):
    """What it is about, as the office finds."""

    category: About


class ComplaintOut(BaseModel):
    """``left``: working days until it is due; ``known``: who may know the writer; ``past``: the village does not see it; ``acts``: what the
    reader may do now.
    """

    id: int
    ticket: str
    village: str
    village_name: str
    about: str
    category: About
    service: str
    state: State
    title: str
    office: str
    opened: str
    due: str | None
    left: int | None
    late: bool
    known: Literal["nobody", "inspectorate", "office"]
    past: bool
    objected: bool
    acts: list[Act]


class StepOut(BaseModel):
    """A step. ``by``: an account, "pengadu" or "sistem"."""

    at: str
    act: str
    by: str
    state: State
    title: str
    note: str


class DetailOut(ComplaintOut):
    """``day``: when it happened; ``asked``: Rp; ``head``: about the village head; ``writer``: whether the reader may ask who wrote;
    ``destroyed``: number of the certificate by which its words and notes were destroyed, null while they are there.
    """

    text: str
    destroyed: str | None
    day: str | None
    written: str
    reference: str
    asked: int
    head: bool
    writer: bool
    steps: list[StepOut]


class WriterOut(BaseModel):
    """Who complains, as he wrote."""

    name: str
    contact: str


class SuggestionOut(BaseModel):
    """``seen``: when somebody of the office read it; ``destroyed``: its words were over their time."""

    id: str
    village: str
    service: str
    opened: str
    text: str
    seen: str | None
    seen_by: str
    destroyed: bool


class CategoryOut(BaseModel):
    """How many of a kind."""

    category: About
    title: str
    n: int


class QuarterOut(BaseModel):
    """``waiting``: not answered yet; ``median_days``: working days to the first answer."""

    quarter: str
    n: int
    answered: int
    in_time: int
    waiting: int
    median_days: float | None
    categories: list[CategoryOut]


class ToldOut(BaseModel):
    """A quarter that is over, for everybody; ``answered`` and ``median_days`` are null over too few answers."""

    quarter: str
    n: int
    answered: int | None
    median_days: float | None


class VillageToldOut(ToldOut):
    """Of a village."""

    village: str
    name: str


class PublicOut(BaseModel):
    """``least``: complaints in a figure at least; ``inspectorate``: those about fees and village heads, of all villages."""

    year: int
    least: int
    villages: list[VillageToldOut]
    inspectorate: list[ToldOut]
