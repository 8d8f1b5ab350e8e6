"""What is asked of an output, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kampung_bridge.output import Switched
from kampung_contract.switching import Answer, Cause, OutputState


class Switch(Protocol):
    """``Port.switch`` of the port the device hangs on."""

    def __call__(self, device: str, output: str, on: bool, *, seconds: float | None = None, timeout: float = 5.0) -> Switched: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """An interlock that is not content."""

    cause: Cause
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an output; times in milliseconds UTC."""

    state: OutputState
    cause: Cause
    code: str
    detail: str
    at: int
    until: int | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a request; ``change`` is None when nothing changed."""

    answer: Answer
    code: str
    detail: str
    state: OutputState
    until: int | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """``done`` is called once, from the output's thread."""

    on: bool
    cause: Cause
    done: Callable[[Outcome], None]
    seconds: int | None = None
    command: str | None = None
