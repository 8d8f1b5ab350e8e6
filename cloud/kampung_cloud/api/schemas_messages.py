"""Shapes of what the API says of people, silences and messages, and takes for them. Text times are ISO 8601 in WIB."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=191)]
By = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
MessageState = Literal["waiting", "sending", "sent", "failed", "expired", "dropped"]


class AddressIn(BaseModel):
    """``channel`` is the name of a ``[[channel]]`` table; ``address`` a number, a mail address or what that channel calls people."""

    model_config = ConfigDict(extra="forbid")

    channel: Word
    address: Word


class QuietIn(BaseModel):
    """Quiet hours of the local day, as 21.00 and 05.00."""

    model_config = ConfigDict(extra="forbid")

    begin: Annotated[str, Field(alias="from", max_length=8)]
    end: Annotated[str, Field(alias="to", max_length=8)]


class PersonIn(BaseModel):
    """Somebody who hears of alarms; docs/messages.md says what the keys mean."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=500)]
    role: Word
    village: Annotated[str, Field(max_length=40)] = ""
    language: Word = "id"
    addresses: Annotated[list[AddressIn], Field(max_length=100)]
    fields: Annotated[list[Word], Field(max_length=1_000)] = []
    about: Annotated[list[Word], Field(max_length=100)] = []
    least: int = 1
    quiet: QuietIn | None = None
    active: bool = True


class PersonNamedIn(PersonIn):
    """One of several."""

    id: Word


class PeopleIn(BaseModel):
    """All of them, or none."""

    model_config = ConfigDict(extra="forbid")

    people: Annotated[list[PersonNamedIn], Field(max_length=10_000)]


class PersonOut(BaseModel):
    """``hears`` are the kinds of alarms that he is told of at once: his own choice, or his role's."""

    id: str
    village: str
    name: str
    role: str
    language: str
    addresses: list[dict[str, str]]
    fields: list[str]
    about: list[str]
    hears: list[str]
    least: int
    quiet: dict[str, str] | None
    active: bool


class ImportedOut(BaseModel):
    """How many were new, and how many took the place of themselves."""

    new: int
    changed: int


class SilenceIn(BaseModel):
    """What is to be silent (what is left out fits everything), until when (ms or ISO 8601), who says so and why. ``rule`` may end in *."""

    model_config = ConfigDict(extra="forbid")

    village: Annotated[str, Field(max_length=40)] | None = None
    rule: Word | None = None
    node: Word | None = None
    device: Word | None = None
    until: Annotated[str, Field(max_length=40)]
    by: By
    reason: Reason


class EndIn(BaseModel):
    """Who ends it."""

    model_config = ConfigDict(extra="forbid")

    by: By


class SilenceOut(BaseModel):
    """``state``: holds, over (its time came) or ended (by ``ended_by``)."""

    id: str
    village: str | None
    rule: str | None
    node: str | None
    device: str | None
    start: str
    until: str
    by: str
    reason: str
    ended: str | None
    ended_by: str | None
    state: Literal["holds", "over", "ended"]


class MessageOut(BaseModel):
    """A message: what is said to whom, when, and what became of it. ``person`` and ``name`` only with the token.

    ``due``: it goes from then on, and not after ``expires``. ``state``: waiting, sending, sent, failed (nobody could be reached), expired
    (its time was over), dropped (it was not true any more before it went); ``detail`` says why.
    """

    id: str
    person: str | None
    name: str | None
    role: str | None
    village: str
    kind: str
    group: str
    alarms: list[str]
    severity: int
    about: str
    language: str
    title: str
    text: str
    short: str
    code: str
    created: str
    due: str
    expires: str
    state: MessageState
    channel: str | None
    sent_at: str | None
    detail: str | None
