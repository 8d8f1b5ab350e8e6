"""Alarms that should have been: the regency's own rules over what was sent, and over what was true. Pure but for its arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kampung_contract.episode import FOREVER
from kampung_contract.machine import Row
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.rules import Rule
from kampung_contract.times import text
from kampung_contract.track import Track

SLACK_MS = 1_000
"""The API gives whole seconds."""
Episode = tuple[int, int]
"""From when to when an alarm stood, ms UTC."""
Faults = Callable[[int, int], list[str]]
"""What was wrong with a series between two times, in people's words."""


def _none(_begin: int, _end: int) -> list[str]:
    return []


@dataclass(slots=True)
class Alarms:
    """``expected`` by what was sent; ``true`` by what really was. ``hidden``: really was, but faulty sensors told nothing; ``false``: the
    reverse; ``delayed``: seen later than it was. Those are no fault of the regency: ``explained`` names each with what is behind it.

    ``missed`` and ``invented`` are the regency's: named in ``named``.
    """

    expected: int = 0
    found: int = 0
    missed: int = 0
    invented: int = 0
    true: int = 0
    hidden: int = 0
    false: int = 0
    delayed: int = 0
    named: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)

    def add(  # noqa: PLR0917 - all of them are needed
        self,
        series: str,
        rule: Rule,
        sent: Iterable[tuple[int, float, int]],
        truth: Iterable[tuple[int, float, int]],
        raised: list[int],
        faults: Faults = _none,
    ) -> None:
        """One rule that looks at one series. Readings; ``raised`` are the times (ms UTC) at which the regency has that alarm begin."""
        should, really = _episodes(rule, sent), _episodes(rule, truth)
        self.expected += len(should)
        self.found += len(raised)
        left = list(raised)
        for at, _ in should:
            near = min((r for r in left if abs(r - at) <= SLACK_MS), default=None)
            if near is not None:
                left.remove(near)
            else:
                self.missed += 1
                self.named.append(f"{rule.id} on {series}: should have been raised at {text(at)}")
        self.invented += len(left)
        self.named += [f"{rule.id} on {series}: raised at {text(at)} for no reason" for at in left]
        self.true += len(really)
        hidden, false = [e for e in really if not _meeting(e, should)], [e for e in should if not _meeting(e, really)]
        delayed = [(e[0], seen[0]) for e in really if (seen := _meeting(e, should)) and seen[0] - e[0] > SLACK_MS]
        self.hidden += len(hidden)
        self.false += len(false)
        self.delayed += len(delayed)
        for episodes, what in (
            (hidden, "seharusnya sejak {}, tidak tampak di bacaan"),
            (false, "sejak {}, padahal tidak terjadi"),
            (delayed, "seharusnya sejak {}, baru tampak {}"),
        ):
            for begin, end in episodes:
                why = ", ".join(faults(begin, end)) or "tanpa gangguan pada alat itu"
                upto = text(end) if end < FOREVER else ""
                self.explained.append(f"{rule.id}, {series}: {what.format(text(begin), upto)} ({why})")

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def _episodes(rule: Rule, readings: Iterable[tuple[int, float, int]]) -> list[Episode]:
    track = Track(rule, lambda *_: True, lambda *_: ())
    track.take([Row(t, "", value, flag) for t, value, flag in readings if flag not in (FAIL, MISSING)])
    return [(episode.since, episode.end) for episode in track.episodes]


def _meeting(one: Episode, others: list[Episode]) -> Episode | None:
    """The first of the others that is at the same time."""
    return next((o for o in others if o[0] <= one[1] and one[0] <= o[1]), None)
