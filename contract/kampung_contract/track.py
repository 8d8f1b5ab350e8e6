"""A rule's alarms over one scope, whatever order readings come in: what is late changes history to what it would have been in order."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kampung_contract.episode import FOREVER, Change, Episode, differences
from kampung_contract.machine import Machine, Matches, Phase, Row, Transition, moments
from kampung_contract.rules import Rule
from kampung_contract.sensing import BEYOND, INSIDE

Fetch = Callable[[int, int], Iterable[Row]]
"""Every stored row of the scope from a time to before another (ms UTC) that passed quality control, in order."""


class _Certain(NamedTuple):
    """A machine that has just heard rows before which its phase is known for certain; ``rest`` comes after."""

    machine: Machine
    side: int
    gap: bool
    rest: Iterator[tuple[Row, ...]]


class Track:
    """Holds the machine and the alarms known so far. ``fetch`` is asked only when something is late, or to take up again."""

    def __init__(self, rule: Rule, matches: Matches, fetch: Fetch, episodes: Sequence[Episode] = ()) -> None:
        """``episodes`` by time. With readings stored already, ``again`` from the newest counted one takes up where another left off."""
        self.rule = rule
        self._matches, self._fetch = matches, fetch
        self.episodes = list(episodes)
        self._machine = Machine(rule, matches)

    @property
    def at(self) -> int:
        """Time of the newest row taken, 0 before the first."""
        return self._machine.at

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self._machine.phase

    @property
    def since(self) -> int:
        """When that phase began, ms UTC."""
        return self._machine.since

    def kept(self) -> dict[str, object]:
        """What is to be remembered over a restart where readings cannot be read again, as JSON; alarms are remembered apart."""
        return self._machine.kept()

    def remember(self, kept: dict[str, Any]) -> None:
        """What ``kept`` gave, with ``episodes`` as they were. Raises ``ValueError`` or ``KeyError`` for what is something else."""
        machine = Machine(self.rule, self._matches)
        machine.remember(kept)
        if machine.firing != bool(self.episodes and self.episodes[-1].until is None):
            raise ValueError("what was remembered of a rule does not go with its alarms")
        self._machine = machine

    def stands(self, episode: Episode) -> None:
        """Somebody who knows more says that this alarm stands; what stood until now was that one."""
        if self.episodes and self.episodes[-1].until is None:
            self.episodes.pop()
        self.episodes.append(episode)
        if self._machine.firing:
            self._machine.raised = episode.since
            self._machine.worst, self._machine.worst_at = episode.worst, episode.worst_at
        else:
            self._machine.fire(episode.since, episode.worst, episode.worst_at)

    def take(self, rows: Sequence[Row]) -> list[Change]:
        """Rows that are stored by now, in any order, some perhaps for the second time."""
        machine, episodes = self._machine, self.episodes
        ordered = sorted(set(rows)) if len(rows) > 1 else rows
        newest = machine.moment
        if newest and ordered and ordered[0].t <= newest[0].t:
            ordered = [row for row in ordered if row not in newest]
            if ordered and ordered[0].t <= newest[0].t:
                return self.again(ordered[0].t)
        before, count = episodes[-1:], len(episodes)
        self._fold(machine, moments(ordered) if len(ordered) > 1 else (tuple(ordered),) if ordered else (), episodes)
        if len(episodes) == count and (not count or episodes[-1] is before[0]):
            return []
        return differences(before, episodes[max(count - 1, 0) :])

    def tick(self, _now: int) -> list[Change]:
        """Time alone changes nothing: silence neither raises nor resolves."""
        return []

    def again(self, since: int) -> list[Change]:
        """Count anew what is stored from ``since`` (ms UTC) on."""
        found = self._certain(since)
        if found is None:  # nothing is stored from there on
            return []
        machine, begun = found.machine, found.machine.at
        place = bisect.bisect_left(self.episodes, begun, key=lambda e: e.end)
        old = self.episodes[place:]
        new = [old[0]._replace(until=None)] if machine.firing else []
        self._note(machine, machine.step(machine.moment, found.side, found.gap), new)
        self._fold(machine, found.rest, new)
        if new and old and new[0].since == old[0].since < begun <= old[0].worst_at and new[0].end < old[0].end:
            return self.again(old[0].since)  # what was furthest may be no part of it any more; what was before is not known here
        self.episodes[place:] = new
        self._machine = machine
        return differences(old, new)

    def _certain(self, since: int) -> _Certain | None:
        """The first rows, from some time before ``since``, at which no running duration hides the phase: not beyond while no alarm stood,
        not inside while one stood, or after a gap. What stood before ``since`` is right: nothing that is late concerns it.
        """
        rule = self.rule
        back = rule.hold_ms + rule.clear_ms + 2 * rule.fresh_ms
        while True:
            look = max(since - back, 0)
            machine, rest = Machine(rule, self._matches), moments(self._fetch(look - rule.fresh_ms - rule.memory_ms, FOREVER))
            for moment in rest:
                t = moment[0].t
                gap = machine.after_gap(t)
                side = machine.hear(moment)
                standing = self._standing(t)
                if t >= look and (gap or self._plain(side, standing)):
                    if standing is not None:
                        known = standing.worst_at < t  # else it is among the rows to come
                        machine.fire(standing.since, *((standing.worst, standing.worst_at) if known else (0.0, 0)))
                    return _Certain(machine, side, gap, rest)
                if t > since:
                    break
            else:
                return None
            back *= 2

    def _plain(self, side: int, standing: Episode | None) -> bool:
        if standing is None:
            return side != BEYOND or not self.rule.hold_ms
        return side != INSIDE or not self.rule.clear_ms

    def _standing(self, t: int) -> Episode | None:
        """The alarm that stood just before ``t``."""
        place = bisect.bisect_left(self.episodes, t, key=lambda e: e.end)
        found = self.episodes[place] if place < len(self.episodes) else None
        return found if found is not None and found.since < t else None

    def _fold(self, machine: Machine, rows: Iterable[tuple[Row, ...]], episodes: list[Episode]) -> None:
        """Take rows and write what begins and ends to the end of ``episodes``."""
        for moment in rows:
            self._note(machine, machine.take(moment), episodes)

    @staticmethod
    def _note(machine: Machine, change: Transition | None, episodes: list[Episode]) -> None:
        if change is None:
            if machine.firing and episodes[-1].worst_at != machine.worst_at:
                episodes[-1] = episodes[-1]._replace(worst=machine.worst, worst_at=machine.worst_at)
        elif change.kind == "raised":
            episodes.append(Episode(change.at, None, change.value, change.source, machine.worst, machine.worst_at or change.at))
        else:
            episodes[-1] = episodes[-1]._replace(until=change.at, worst=machine.worst, worst_at=machine.worst_at or change.at)
