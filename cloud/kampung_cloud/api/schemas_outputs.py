"""Shapes of what the API says of outputs. Text times are ISO 8601 in WIB."""

from __future__ import annotations

from typing import Annotated, Literal

from kampung_contract.command import LONGEST_S
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kampung_cloud.outputs import commands

OutputState = Literal["on", "off", "unknown"]


class OutputOut(BaseModel):
    """An output (relay, valve, siren).

    ``max_on`` seconds is the longest its kiosk leaves it on; ``guard`` is the device/quantity without which it does not go on, silent
    for at most ``guard_age`` seconds. ``state`` was so at ``as_of``, ``age_s`` seconds ago, and has been since ``since``; ``until`` is
    when the kiosk switches it off by itself. ``unknown``: the device has not confirmed that it is off.
    """

    village: str
    node: str
    name: str
    title: str
    device: str
    model: str
    origin: str
    max_on: int
    guard: str | None
    guard_age: int | None
    state: OutputState
    since: str | None
    until: str | None
    cause: str | None
    code: str | None
    detail: str | None
    online: bool
    as_of: str | None
    age_s: int | None


class CommandIn(BaseModel):
    """Switch on (for ``seconds``, or as long as the kiosk allows) or off; ``expires_in`` seconds it is void."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    seconds: int | None = Field(None, ge=1, le=LONGEST_S)
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    expires_in: int = Field(commands.LIFE_S, ge=commands.SHORTEST_S, le=commands.LONGEST_S)


class CommandOut(BaseModel):
    """A command: ``queued`` until it is sent, ``sent`` until it is answered with ``done``, ``refused`` or ``failed``.

    ``expired``: no answer came in time (when ``sends`` is 0 it never left). ``replaced``: another command to the same output followed.
    """

    id: str
    village: str
    node: str
    output: str
    on: bool
    seconds: int | None
    actor: str
    reason: str
    at: str
    expires: str
    state: Literal["queued", "sent", "done", "refused", "failed", "expired", "replaced"]
    sent_at: str | None
    sends: int
    answered_at: str | None
    code: str | None
    detail: str | None
    until: str | None


class LogLineOut(BaseModel):
    """A line of the audit trail; which of the later fields are there depends on ``kind``."""

    id: int
    at: str
    village: str
    node: str
    output: str
    kind: Literal["asked", "sent", "answered", "expired", "replaced", "switched"]
    command: str | None
    on: bool | None = None
    seconds: int | None = None
    actor: str | None = None
    reason: str | None = None
    expires: str | None = None
    answer: str | None = None
    state: OutputState | None = None
    cause: str | None = None
    code: str | None = None
    detail: str | None = None
    kiosk_at: str | None = None
    until: str | None = None
    sends: int | None = None
    replaced_by: str | None = None
