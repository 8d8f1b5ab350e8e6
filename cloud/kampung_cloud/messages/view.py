"""The world as of one moment, with what is worked out from it once for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from kampung_contract.alarm import Alarm

from kampung_cloud.messages.chain import Known
from kampung_cloud.messages.classes import class_of, grouping
from kampung_cloud.messages.muting import Muted, heard_since, muted
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.quiet import MINUTE_MS, day, minute
from kampung_cloud.messages.world import World

FORGET_MS = 86_400_000
"""Nobody is told any more that an alarm is over when it ended longer ago."""


class View:
    """``seen``: since when planning has known of each alarm. Times in ms UTC."""

    def __init__(self, world: World, seen: Mapping[str, int], now: int) -> None:
        self.world, self.now = world, now
        self.since: dict[str, int] = heard_since(world, seen, now)
        self.seen = seen
        self.muted: dict[str, Muted] = muted(world, now)
        self.hours = world.settings.hours
        """Everybody's quiet hours, who has none of his own."""
        self.wait, self.interval = grouping().wait_ms, grouping().interval_ms
        self._renamed = {name for name, alarm in world.alarms.items() if alarm.withdrawn and alarm.became is not None}
        self._waits = {name: world.waits(world.alarms[name]) for name in self.since}

    @cached_property
    def digest(self) -> int:
        """When today's digest is due."""
        return day(self.now) + minute(self.world.settings.digest) * MINUTE_MS

    def heard(self, name: str) -> bool:
        """Whether the alarm fires and may be told."""
        return name in self.since and name not in self.muted

    def held(self, name: str, person: Person) -> bool:
        """Whether the alarm waits for this person's morning."""
        if not self._waits.get(name, False):
            return False
        hours = person.quiet or self.hours
        if hours.hold(self.now):
            return True
        morning = day(self.now) + hours.end * MINUTE_MS
        return person.kind.gathers and morning <= self.now < self.digest and self.seen.get(name, self.now) < morning

    def hearable(self, name: str, person: Person | None = None) -> int:
        """Since when the alarm could be told to somebody (ms UTC): from then on it waits for others of its group, and for an answer."""
        since = self.since[name]
        hours = (person and person.quiet) or self.hours
        return hours.over(since) if self._waits[name] else since

    def due_levels(self, alarm: Alarm) -> frozenset[str]:
        """Roles that the alarm has gone on to, since nobody answered."""
        kind = class_of(alarm)
        if not kind.escalate or alarm.id in self.world.acknowledged or not self.heard(alarm.id):
            return frozenset()
        since = self.hearable(alarm.id)
        return frozenset(role for role, after in self.world.levels(kind) if self.now >= since + after)

    def follow(self, known: Mapping[str, Known]) -> Mapping[str, Known]:
        """The same knowledge under the names that the alarms have now; the same object where no name changed."""
        if self._renamed.isdisjoint(known):
            return known
        return {self._newest(name): what for name, what in known.items()}

    def _newest(self, name: str) -> str:
        passed = set()
        while name not in passed:
            passed.add(name)
            alarm = self.world.alarms.get(name)
            if alarm is None or not alarm.withdrawn or alarm.became is None:
                break
            name = alarm.became
        return name

    def ended(self, name: str) -> Alarm | None:
        """The alarm that is over, unless that is no news any more."""
        alarm = self.world.alarms.get(name)
        if alarm is None or alarm.until is None or (not alarm.withdrawn and alarm.until < self.now - FORGET_MS):
            return None
        return alarm
