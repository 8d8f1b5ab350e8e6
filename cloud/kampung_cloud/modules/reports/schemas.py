"""Shapes of the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from kampung_contract.citizen import Kind
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.modules.reports.status import Status

Note = Annotated[str, Field(max_length=500)]


class Given(BaseModel):
    """What comes in: nothing unknown, nothing that is no finite number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ReportIn(Given):
    """A report from a phone. ``id``: 32 random hexadecimal digits of its own, so that sending it twice is one report; ticket and
    word follow from it. ``at``: when it was written (ms UTC), which may be long before there was a line.
    ``photo``: base64 of a JPEG, PNG or WebP.
    """

    id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    village: str
    kind: Kind
    at: Annotated[int, Field(ge=0)]
    text: Annotated[str, Field(max_length=500)] = ""
    spot: Annotated[str, Field(max_length=120)] = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy: Annotated[float, Field(ge=0, le=100_000)] | None = None
    photo: str = ""
    contact: Annotated[str, Field(max_length=120)] = ""


class TicketOut(BaseModel):
    """By which the writer follows his report."""

    ticket: str
    word: str


class FollowIn(Given):
    """A ticket and its word, as people type them."""

    ticket: Annotated[str, Field(max_length=40)]
    word: Annotated[str, Field(max_length=60)]


class StepOut(BaseModel):
    """A line of the trail."""

    at: str
    kind: str
    by: str | None
    status: Status | None
    word: str | None
    note: str
    public: bool
    body: dict[str, Any]


class FollowedOut(BaseModel):
    """What the writer reads: how it stands, until when something is to happen, and what was said to him; ``destroyed``: number of the
    certificate by which words, notes and photo were destroyed.
    """

    ticket: str
    kind: Kind
    title: str
    village: str
    at: str
    status: Status
    word: str
    since: str
    deadline: str | None
    late: bool
    destroyed: str | None
    steps: list[StepOut]


class KindOut(BaseModel):
    """What can be reported; ``look`` and ``done`` in ms."""

    key: Kind
    title: str
    look: int
    done: int


class PublicOut(BaseModel):
    """What everybody may know: no text, no photo that staff did not release, the place to about 110 m."""

    id: int
    village: str
    kind: Kind
    title: str
    at: str
    status: Status
    word: str
    place: tuple[float, float] | None
    photo: bool


class ReportOut(BaseModel):
    """What staff see. ``left`` ms until something has to happen (negative: late; null: closed). ``contact``: whether one was left."""

    id: int
    ticket: str
    village: str
    kind: Kind
    title: str
    text: str
    spot: str
    latitude: float | None
    longitude: float | None
    accuracy: float | None
    origin: str
    at: str
    status: Status
    word: str
    since: str
    deadline: str | None
    left: int | None
    level: Literal[0, 1, 2]
    handler: str | None
    into: int | None
    photo: bool
    released: bool
    contact: bool


class NearOut(BaseModel):
    """Another report that may be of the same thing."""

    report: ReportOut
    metres: float | None


class DetailOut(ReportOut):
    """With its trail, the steps there are, and what may be the same thing; ``destroyed`` as the writer is told."""

    destroyed: str | None
    steps: list[StepOut]
    next: list[Status]
    near: list[NearOut]


class StepIn(Given):
    """The next step; ``done`` and ``rejected`` need a note, which the reporter reads."""

    to: Literal["checking", "handling", "done", "rejected"]
    note: Note = ""


class CommentIn(Given):
    """A word beside."""

    note: Annotated[str, Field(min_length=1, max_length=500)]
    public: bool = False


class MergeIn(Given):
    """``into``: the number of the report that this one is a part of."""

    into: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ReleaseIn(Given):
    """Whether everybody may see the photo. ``checked``: somebody looked that no face and no number plate is in it."""

    released: bool
    checked: bool = False


class PurposeIn(Given):
    """What the contact is read for; it goes on the trail."""

    purpose: Annotated[str, Field(min_length=5, max_length=300)]


class ContactOut(BaseModel):
    """How to reach the reporter; null when he left nothing."""

    contact: str | None
