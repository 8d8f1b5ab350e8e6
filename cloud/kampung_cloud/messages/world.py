"""What a plan is made from: alarms, people and what was said about them, all as of one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kampung_contract.alarm import Alarm
from kampung_contract.rules import Rule

from kampung_cloud.messages.chain import Chain
from kampung_cloud.messages.classes import AlarmClass, class_of
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.settings import Messages
from kampung_cloud.messages.silence import Silence

DRILL = ":latihan"
Place = tuple[str, str]
"""A person and a group."""


@dataclass(frozen=True, slots=True)
class State:
    """What planning remembers, all of it on record: chains, and since when it has known of each alarm (ms UTC)."""

    chains: Mapping[Place, Chain] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """``alarms`` by name: those that fire, those that somebody knows of, and what these became. ``silences`` of the last day, too.

    ``acknowledged``: names of alarms that somebody sees to. ``fields``: series by field. ``ispu``: by rule. ``advice``: lines for a
    person's digest. ``drills``: rules whose alarms are exercises.
    """

    alarms: Mapping[str, Alarm]
    people: Sequence[Person]
    silences: Sequence[Silence] = ()
    acknowledged: frozenset[str] = frozenset()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ispu: Mapping[str, int] = field(default_factory=dict)
    advice: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Messages = field(default_factory=Messages)
    drills: frozenset[str] = frozenset()

    def firing(self, name: str) -> bool:
        """Whether people are to hear that it stands."""
        alarm = self.alarms.get(name)
        return alarm is not None and fires(alarm)

    def group(self, alarm: Alarm) -> str:
        """What its messages are about: the village and the kind. A drill is never told in one breath with the real thing."""
        return f"{alarm.village}:{alarm.about}{DRILL if alarm.rule in self.drills else ''}"

    def waits(self, alarm: Alarm) -> bool:
        """Whether it waits for the end of quiet hours."""
        return class_of(alarm).waits(alarm, self.ispu.get(alarm.rule, 0))

    def levels(self, kind: AlarmClass) -> list[tuple[str, int]]:
        """Whom an alarm of the class goes to when nobody answers: role, and ms after it was told."""
        minutes = self.settings.escalation.get(kind.name)
        if minutes is None:
            return [(level.role, level.after_ms) for level in kind.escalate]
        return [(level.role, m * 60_000) for level, m in zip(kind.escalate, minutes, strict=True)]


def fires(alarm: Alarm) -> bool:
    """Whether people are to hear that it stands: announced, and neither over nor withdrawn."""
    return alarm.announced and alarm.until is None and not alarm.withdrawn
