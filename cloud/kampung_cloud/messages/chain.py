"""A chain: the messages to one person about one group of alarms, of which only the last matters: it says what he knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

Kind = Literal["raised", "worse", "repeat", "escalated", "resolved", "cancelled", "digest"]
ARRIVES = ("waiting", "sending", "sent")
"""States of a message that reached its person, or will."""


@dataclass(frozen=True, slots=True)
class Known:
    """What he was told of an alarm that stands for all he knows; last told ``at`` (ms UTC), ``escalated`` to him or not."""

    severity: int
    at: int
    escalated: bool = False


Knowledge = Mapping[str, Known]
"""By the alarm's name."""
NOTHING: Knowledge = MappingProxyType({})
"""Of somebody who was told nothing yet."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said to whom, before it is put into words. Times in ms UTC; ``alarms`` the gravest first.

    ``number`` counts the messages of the chain, so that two who plan the same message write the same one.
    """

    person: str
    group: str
    number: int
    kind: Kind
    alarms: tuple[str, ...]
    severity: int
    about: str
    created: int
    due: int
    expires: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """``message`` was the last, in ``state``; it lists ``alarms``. It was made ``at``, the one before it ``before_at`` (ms UTC).

    ``after`` is what he knows once it has reached him, ``before`` what he knew without it.
    """

    person: str
    group: str
    number: int = 0
    message: str | None = None
    kind: str = ""
    state: str = "sent"
    alarms: tuple[str, ...] = ()
    severity: int = 0
    at: int = 0
    due: int = 0
    before_at: int = 0
    before: Knowledge = field(default_factory=lambda: NOTHING)
    after: Knowledge = field(default_factory=lambda: NOTHING)

    @property
    def known(self) -> Knowledge:
        """What he knows."""
        return self.after if self.state in ARRIVES else self.before

    @property
    def open(self) -> bool:
        """Whether there may be more to tell though nothing fires."""
        return bool(self.before or self.after)

    @property
    def retractable(self) -> bool:
        """Whether the last message has not gone yet. A digest is never taken back."""
        return self.state == "waiting" and self.kind != "digest"

    def without_last(self) -> Chain:
        """As though the last message had never been."""
        return replace(self, message=None, kind="", state="sent", alarms=(), at=self.before_at, after=self.before)

    def settled(self, known: Knowledge) -> Chain:
        """The same with another knowledge, where nothing is said about it."""
        return replace(self, before=known, after=known)

    def then(self, message: Message, name: str, after: Knowledge, known: Knowledge) -> Chain:
        """With one more message, which is called ``name``."""
        return Chain(
            self.person,
            self.group,
            self.number + 1,
            name,
            message.kind,
            "waiting",
            message.alarms,
            message.severity,
            message.created,
            message.due,
            self.at,
            known,
            after,
        )


def told(known: Knowledge, alarms: Iterable[tuple[str, int]], at: int, escalated: Iterable[str] = ()) -> dict[str, Known]:
    """Knowledge after being told of ``alarms`` (name, severity)."""
    marked = set(escalated)
    fresh = {name: Known(severity, at, name in marked or (name in known and known[name].escalated)) for name, severity in alarms}
    return {**known, **fresh}
