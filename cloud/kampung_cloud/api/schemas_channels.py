"""What the API says about channels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class LimitOut(BaseModel):
    """At most ``count`` messages in ``seconds``, ``burst`` at once; to one address where ``each``, to groups alone where ``only``."""

    count: float
    seconds: float
    burst: int
    each: bool
    only: str | None


class ChannelOut(BaseModel):
    """``resting`` was asked for patience until ``opens``; ``down`` did not answer the last times, ``error`` is what was the matter."""

    name: str
    kind: str
    state: Literal["up", "resting", "down"]
    error: str | None
    waiting: int
    last_sent: str | None
    opens: str | None
    recognises_repetition: bool
    parallel: int
    tries: int
    limits: list[LimitOut]


class DeliveryOut(BaseModel):
    """An attempt. ``unknown``: it may have gone. ``provider`` is the channel's own name for it."""

    channel: str
    address: str
    attempt: int
    at: str
    ended: str | None
    outcome: Literal["trying", "sent", "retry", "failed", "unknown"]
    detail: str | None
    provider: str | None


class TestIn(BaseModel):
    """A person who has an address on the channel."""

    __test__ = False
    person: Annotated[str, Field(min_length=1, max_length=63)]


class TestOut(BaseModel):
    """The message's name, for ``/messages/{id}/deliveries``."""

    __test__ = False
    message: str


class InboundOut(BaseModel):
    """``taken`` answers were acted upon; ``unknown`` came from somebody who was never told anything, and are dead letters."""

    taken: int
    unknown: int
