"""One rule over its sensors: readings in order of time in, beginnings and ends of alarms out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any as Anything
from typing import Literal, NamedTuple

from kampung_contract.conditions import All, Any, Condition, Leaf
from kampung_contract.rules import Rule
from kampung_contract.sensing import BETWEEN, BEYOND, INSIDE, Sense


class Phase(StrEnum):
    """Where a rule stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    CLEARING = "clearing"


class Row(NamedTuple):
    """A reading that passed quality control: ``t`` in ms UTC, ``source`` the series' identity. Rows are in order as tuples are."""

    t: int
    source: str
    value: float
    flag: int


class Transition(NamedTuple):
    """``raised`` or ``resolved`` at ``at`` (ms UTC, event time), with the value and the series that decided it."""

    kind: Literal["raised", "resolved"]
    at: int
    value: float
    source: str


Matches = Callable[[Leaf, str], bool]
"""Whether a condition looks at a series, by its identity."""


class Machine:
    """Phases inactive → pending (*for*) → firing → clearing (*clear_for*) → inactive."""

    __slots__ = ("_matches", "_says", "_senses", "_sources", "moment", "phase", "raised", "rule", "since", "worst", "worst_at")

    def __init__(self, rule: Rule, matches: Matches) -> None:
        self.rule = rule
        self._matches = matches
        self._senses: tuple[dict[str, Sense], ...] = tuple({} for _ in rule.leaves)
        self._sources: dict[str, tuple[Sense, ...]] = {}
        self._says = _compiled(rule.when, list(self._senses), rule.fresh_ms)
        self.phase = Phase.INACTIVE
        self.since = 0
        """When the phase began."""
        self.raised = 0
        """When the present or last alarm began."""
        self.worst = 0.0
        self.worst_at = 0
        """The present alarm's furthest value, and when that was."""
        self.moment: tuple[Row, ...] = ()
        """The newest rows that were heard, all of one time."""

    @property
    def firing(self) -> bool:
        """Whether an alarm stands."""
        return self.phase in (Phase.FIRING, Phase.CLEARING)

    @property
    def at(self) -> int:
        """The time of the newest rows heard, 0 before the first."""
        return self.moment[0].t if self.moment else 0

    def hear(self, moment: tuple[Row, ...]) -> int:
        """Let the sensors speak, without any consequence; what the rule as a whole then says."""
        self.moment = moment
        for row in moment:
            found = self._sources.get(row.source)
            if found is None:
                found = self._sources[row.source] = self._admit(row.source)
            for sense in found:
                sense.hear(row.t, row.value, row.flag, self.rule.fresh_ms)
        t = moment[0].t
        side = self._says(t)
        if side == BEYOND and self.rule.hours is not None and not self.rule.hours.hold(t):
            return BETWEEN
        return side

    def take(self, moment: tuple[Row, ...]) -> Transition | None:
        """Rows of one time, newer than all before."""
        gap = self.after_gap(moment[0].t)
        return self.step(moment, self.hear(moment), gap)

    def after_gap(self, t: int) -> bool:
        """Whether nothing was heard for so long that nothing is known of the time just before ``t``."""
        return not self.moment or t - self.moment[0].t > self.rule.fresh_ms

    def step(self, moment: tuple[Row, ...], side: int, gap: bool) -> Transition | None:
        """Go on with what the rule says at this time. After a ``gap`` durations begin anew."""
        phase, row = self.phase, self._telling(moment)
        t = row.t
        if phase is Phase.INACTIVE or phase is Phase.PENDING:
            if side != BEYOND:
                self.phase = Phase.INACTIVE
                return None
            if phase is Phase.INACTIVE or gap:
                self.phase, self.since = Phase.PENDING, t
            if t - self.since < self.rule.hold_ms:
                return None
            self.fire(t)
            self._measure(row)
            return Transition("raised", t, row.value, row.source)
        self._measure(row)
        if side != INSIDE:
            self.phase = Phase.FIRING
            return None
        if phase is Phase.FIRING or gap:
            self.phase, self.since = Phase.CLEARING, t
        if t - self.since < self.rule.clear_ms:
            return None
        self.phase, self.since = Phase.INACTIVE, t
        return Transition("resolved", t, row.value, row.source)

    def _telling(self, moment: tuple[Row, ...]) -> Row:
        """Of several rows the furthest that the first condition looks at."""
        if len(moment) == 1:
            return moment[0]
        own, far = self._senses[0], self.rule.leaves[0].far
        return max(moment, key=lambda row: (row.source in own, far(row.value)))

    def fire(self, since: int, worst: float = 0.0, worst_at: int = 0) -> None:
        """An alarm stands since then."""
        self.phase, self.since, self.raised = Phase.FIRING, since, since
        self.worst, self.worst_at = worst, worst_at

    def kept(self) -> dict[str, object]:
        """What it has to remember over a restart where readings cannot be read again, as JSON."""
        senses = [{source: sense.kept() for source, sense in own.items()} for own in self._senses]
        moment = [list(row) for row in self.moment]
        return {"phase": self.phase.value, "since": self.since, "raised": self.raised, "worst": [self.worst, self.worst_at]} | {
            "moment": moment,
            "senses": senses,
        }

    def remember(self, kept: dict[str, Anything]) -> None:
        """What ``kept`` gave. Raises ``ValueError`` or ``KeyError`` for something else, of another rule say."""
        self.phase, self.since, self.raised = Phase(kept["phase"]), int(kept["since"]), int(kept["raised"])
        self.worst, self.worst_at = kept["worst"]
        for own, before in zip(self._senses, kept["senses"], strict=True):
            for source in before:
                if source not in self._sources:
                    self._sources[source] = self._admit(source)
                own[source].remember(before[source])
        self.moment = tuple(Row(*row) for row in kept["moment"])

    def _measure(self, row: Row) -> None:
        if row.source in self._senses[0]:
            far = self.rule.leaves[0].far
            if not self.worst_at or far(row.value) > far(self.worst):
                self.worst, self.worst_at = row.value, row.t

    def _admit(self, source: str) -> tuple[Sense, ...]:
        out = []
        for senses, leaf in zip(self._senses, self.rule.leaves, strict=True):
            if self._matches(leaf, source):
                senses[source] = Sense(leaf, self.rule.suspect)
                out.append(senses[source])
        return tuple(out)


def moments(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    """Rows in order, those of one time together: what is measured at one time is judged at once."""
    return (tuple(same) for _, same in groupby(rows, attrgetter("t")))


def _compiled(condition: Condition, senses: list[dict[str, Sense]], fresh: int) -> Callable[[int], int]:
    """The condition as a function of the time; takes as many of ``senses`` as it has leaves, from the front."""
    if isinstance(condition, (All, Any)):
        parts = [_compiled(part, senses, fresh) for part in condition.parts]
        choose = min if isinstance(condition, All) else max
        return lambda t: choose(part(t) for part in parts)
    own, count = senses.pop(0), condition.at_least

    def says(t: int) -> int:
        sides = sorted((s.side for s in own.values() if s.t and t - s.t <= fresh), reverse=True)
        if len(sides) >= count:
            return sides[count - 1]
        return INSIDE if sides and sides[0] == INSIDE else BETWEEN

    def says_one(t: int) -> int:
        side = None
        for sense in own.values():
            if sense.t and t - sense.t <= fresh and (side is None or sense.side > side):
                side = sense.side
        return BETWEEN if side is None else side

    return says_one if count == 1 else says
