"""What is to be said, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from kampung_contract.alarm import Alarm
from kampung_contract.rules import Rule

Kind = Literal["raised", "worse", "repeat", "escalated", "resolved", "cancelled", "digest", "test"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PAST = {"resolved": "over", "cancelled": "never"}
"""Of what is over: the key under ``do``."""
CODE = 8
"""Characters of a reply code at most."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One or several alarms to be told to somebody of ``village`` (empty for the regency's own). Times in milliseconds UTC.

    ``code`` is what an answer names the message by, ``contact`` the phone of the posko; both may be empty. ``until`` is when it is
    looked at again, or until when it holds. ``rules`` are those of the alarms, as far as they still exist: with them the message knows
    place, pace and limits. ``ispu``: the ISPU a rule stands for (``[cap] ispu``). ``at`` is now, so that times of another day show it.
    ``lines`` are what modules advise, for a digest, in its language; of its alarms those with an end are told as over.
    Raises ``ValueError`` for what no message can be made of.
    """

    kind: Kind
    alarms: tuple[Alarm, ...]
    village: str
    code: str = ""
    contact: str = ""
    until: int | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)
    ispu: Mapping[str, int] = field(default_factory=dict)
    drill: bool = False
    at: int | None = None
    lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}; it is one of {', '.join(KINDS)}")
        if not self.alarms and self.kind not in {"test", "digest"}:
            raise ValueError(f"a message of kind {self.kind!r} about no alarm; name at least one")
        if self.code and not (self.code.isascii() and self.code.isalnum() and len(self.code) <= CODE):
            raise ValueError(f"code {self.code!r}; it is at most {CODE} letters and digits, so that people can type it")

    @property
    def gravest(self) -> tuple[Alarm, ...]:
        """Its alarms, the gravest first."""
        return tuple(sorted(self.alarms, key=lambda alarm: (-alarm.severity, alarm.since, alarm.id)))


@dataclass(frozen=True, slots=True)
class Said:
    """``text`` holds lines; ``short`` is one line of at most 160 places of GSM-7, the number last.

    ``reviewed`` is False where a sentence was used that no native speaker has read yet.
    """

    title: str
    text: str
    short: str
    reviewed: bool
