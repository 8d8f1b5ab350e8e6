"""Shapes of the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=400)]
Reference = Annotated[str, Field(max_length=24)]
Act = Literal["take", "approve", "return", "resubmit", "reject", "cancel", "send_back", "arrived", "came_back", "hand_over"]


class Given(BaseModel):
    """What comes in: nothing unknown, nothing that is no finite number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class RequestIn(Given):
    """A request taken at the counter. ``person``: what the letter says of him, by the names of the catalogue (``nama``, ``lahir`` …)."""

    village: str
    service: Annotated[str, Field(max_length=63)]
    answers: dict[str, Any] = {}
    person: dict[str, Text] = {}
    person_id: Annotated[str, Field(max_length=40)] | None = None
    reference: Reference | None = None


class ActIn(Given):
    """An act on a request; ``note`` is the reason where one is needed; ``answers`` complete what was missing."""

    act: Act
    note: Text = ""
    answers: dict[str, Any] = {}


class GateIn(Given):
    """What the office has seen for Sedekah Oksigen: codes of trees, a pledge, exemptions by name. ``phone`` is compared and not kept."""

    trees: Annotated[list[Annotated[str, Field(max_length=12)]], Field(max_length=10)] = []
    pledges: bool = False
    exemptions: Annotated[list[Annotated[str, Field(max_length=31)]], Field(max_length=10)] = []
    phone: Annotated[str, Field(max_length=20)] = ""


class SignIn(Given):
    """Requests to sign, up to 50 at a time."""

    requests: Annotated[list[Reference], Field(min_length=1, max_length=50)]


class FollowIn(Given):
    """A reference as it is typed."""

    reference: Reference


class RevokeIn(Given):
    """Why a letter no longer holds."""

    reason: Annotated[str, Field(min_length=3, max_length=400)]


class CodeIn(Given):
    """The text of a QR code."""

    code: Annotated[str, Field(max_length=5000)]


class ServiceOut(BaseModel):
    """A service of the catalogue, in short."""

    id: str
    title: str
    summary: str
    kind: str
    self_service: bool
    identity: bool
    civil: bool
    oksigen: bool
    fee: int
    words: list[str]
    needs: list[dict[str, Any]]
    forward_to: str


class DefinitionOut(ServiceOut):
    """All of it: questions, standard, limits, letter."""

    definition: dict[str, Any]


class StepOut(BaseModel):
    """What was done, by whom, and where the request stood after it."""

    at: str
    act: str
    who: str
    actor: str
    state: str
    title: str
    note: str


class SignatureOut(BaseModel):
    """Which signature a letter has, in words. ``state``: none (ours alone), asked, signed (BSrE's too), failed; ``mark`` if simulated."""

    connected: bool
    state: Literal["none", "asked", "signed", "failed"]
    text: str
    trouble: str
    remedy: str
    mark: str | None
    signer: str
    issuer: str
    at: str | None


class LetterOut(BaseModel):
    """A line of the register."""

    id: str
    request: str
    village: str
    service: str
    title: str
    number: str
    day: str
    until: str | None
    signer: str
    at: str
    revoked: str | None
    reason: str
    signature: SignatureOut


class RequestOut(BaseModel):
    """A request in the inbox. ``left``: working minutes until it is late, below nothing when it is; None without a clock.
    ``passed_to``: who has been told last that it is late."""

    id: str
    village: str
    service: str
    title: str
    channel: str
    name: str
    state: str
    state_title: str
    opened: str
    since: str
    due: str | None
    left: int | None
    late: bool
    passed_to: str | None
    note: str
    number: str | None
    acts: list[str]


class ClockOut(BaseModel):
    """Working minutes so far: the village's part, Dukcapil's or another office's, the resident's; what the village promised for its own.
    ``counting``: on whom it counts now, None where on nobody."""

    village_minutes: int
    elsewhere_minutes: int
    resident_minutes: int
    limit_minutes: int
    counting: Literal["village", "elsewhere", "resident"] | None


class FieldMatchOut(BaseModel):
    """``agrees`` is None where the register did not say."""

    field: str
    title: str
    agrees: bool | None
    text: str


class LookupAnswerOut(BaseModel):
    """What a register said; ``warns``: to be looked at, it refuses nothing."""

    at: str
    by: str
    text: str
    remedy: str
    warns: bool
    fields: list[FieldMatchOut]
    decile: int | None


class LookupOut(BaseModel):
    """A register that may be asked for a request. ``mark`` stands on the page where it is simulated."""

    source: Literal["dukcapil", "dtsen"]
    name: str
    connected: bool
    mark: str | None
    needs_nik: bool
    answer: LookupAnswerOut | None


class DetailOut(RequestOut):
    """One request with what was answered, its times in working minutes, its trail, and what Sedekah Oksigen asks."""

    person: dict[str, str]
    resident: int | None = None
    answers: list[dict[str, Any]]
    minutes: dict[str, int]
    clock: ClockOut
    steps: list[StepOut]
    letter: LetterOut | None
    needs: list[dict[str, Any]]
    annexes: list[str] = Field(description="Those that these answers need")
    forms: list[str] = Field(description="Those annexes that can be printed, filled")
    gate: dict[str, Any] | None = None
    lookups: list[LookupOut] = []


class SignedOut(BaseModel):
    """What became of one request that was to be signed."""

    request: str
    number: str | None
    error: str | None


class FollowOut(BaseModel):
    """What whoever has the receipt may know: no name."""

    id: str
    service: str
    state: str
    title: str
    since: str
    note: str
    number: str | None
    what_next: str
    clock: ClockOut


class VerdictOut(BaseModel):
    """What a code says. ``verdict``: good, revoked, expired, refused; ``reason`` in words for whoever holds the letter."""

    verdict: Literal["good", "revoked", "expired", "refused"]
    reason: str
    number: str | None = None
    service: str | None = None
    village: str | None = None
    village_name: str | None = None
    day: str | None = None
    until: str | None = None
    name: str | None = None


class StatisticsOut(BaseModel):
    """Of a village and a span of days: by service, requests, handed over, and the village's working minutes (median, 90th of 100)."""

    village: str
    since: str
    services: list[dict[str, Any]]
    states: dict[str, int]
