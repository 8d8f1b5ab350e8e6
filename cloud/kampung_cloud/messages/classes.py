"""Classes of alarms (classes.toml): how often each is told, whether it waits for the morning, whom it goes to when nobody answers."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import msgspec
from kampung_contract.alarm import Alarm
from kampung_contract.conditions import duration


class Grouping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``wait``: before the first message of a group; ``interval``: between its messages."""

    wait: str
    interval: str
    source: str

    @property
    def wait_ms(self) -> int:
        """In milliseconds."""
        return duration(self.wait)

    @property
    def interval_ms(self) -> int:
        """In milliseconds."""
        return duration(self.interval)


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People of ``role`` are told ``after`` so long without an answer."""

    after: str
    role: str

    @property
    def after_ms(self) -> int:
        """In milliseconds."""
        return duration(self.after)


class AlarmClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """``rules`` (patterns) and ``severities`` narrow it where they are given. From severity ``awake`` on, or above ``ispu``, it is told
    in quiet hours, too. ``inhibits``: what tells nobody anything in the same village while one of this class fires.
    """

    name: str
    about: tuple[str, ...]
    repeat: str
    source: str
    severities: tuple[int, ...] = (1, 2, 3)
    rules: tuple[str, ...] = ()
    awake: int = 4
    ispu: int | None = None
    digest: bool = False
    escalate: tuple[Level, ...] = ()
    inhibits: tuple[str, ...] = ()

    @cached_property
    def repeat_ms(self) -> int:
        """In milliseconds."""
        return duration(self.repeat)

    def fits(self, alarm: Alarm) -> bool:
        """Whether the alarm is of this class."""
        if alarm.about not in self.about or alarm.severity not in self.severities:
            return False
        return not self.rules or any(fnmatchcase(alarm.rule, name) for name in self.rules)

    def waits(self, alarm: Alarm, ispu: int) -> bool:
        """Whether the alarm waits for the end of quiet hours; ``ispu`` is what its rule stands for, 0 where it stands for none."""
        return alarm.severity < self.awake and not (self.ispu is not None and ispu > self.ispu)


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people of a role hear of unless they say otherwise; see roles.toml."""

    about: frozenset[str]
    source: str
    answers: frozenset[str] = frozenset()
    fields: bool = False
    gathers: bool = False
    regency: bool = False


FALLBACK = "notice"
"""For kinds of alarms that no class names."""
_FOUND: dict[tuple[str, int, str], AlarmClass] = {}
"""There are as many as rules."""


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("kampung_cloud.messages").joinpath(name).read_text(encoding="utf-8"))


@cache
def grouping() -> Grouping:
    """How messages of a group follow one another."""
    return msgspec.convert(_table("classes.toml")["grouping"], Grouping)


@cache
def classes() -> tuple[AlarmClass, ...]:
    """In the order in which they are tried."""
    return msgspec.convert(_table("classes.toml")["class"], tuple[AlarmClass, ...])


@cache
def roles() -> dict[str, Role]:
    """By name."""
    return msgspec.convert(_table("roles.toml"), dict[str, Role])


def class_of(alarm: Alarm) -> AlarmClass:
    """The alarm's class."""
    key = (alarm.about, alarm.severity, alarm.rule)
    if key not in _FOUND:
        fallback = next(kind for kind in classes() if kind.name == FALLBACK)
        _FOUND[key] = next((kind for kind in classes() if kind.fits(alarm)), fallback)
    return _FOUND[key]
