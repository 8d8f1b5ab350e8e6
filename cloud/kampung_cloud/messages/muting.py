"""Which alarms tell nobody now: silenced by somebody, or inhibited by a graver one in the same village."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kampung_contract.alarm import Alarm
from kampung_contract.rules import inhibited

from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.world import World, fires


@dataclass(frozen=True, slots=True)
class Muted:
    """``by`` is the silence or the alarm that does it."""

    kind: Literal["silenced", "inhibited"]
    by: str


def muted(world: World, now: int) -> dict[str, Muted]:
    """By name, the alarms that fire and tell nobody. Whoever is silenced still inhibits, as with Alertmanager."""
    current = [silence for silence in world.silences if silence.holds(now)]
    inhibiting = _Inhibiting(world, filter(fires, world.alarms.values()))
    found: dict[str, Muted] = {}
    for name, alarm in world.alarms.items():
        if not fires(alarm):
            continue
        silence = next((s for s in current if s.fits(alarm)), None)
        if silence is not None:
            found[name] = Muted("silenced", silence.id)
        elif (by := inhibiting.first(alarm)) is not None:
            found[name] = Muted("inhibited", by)
    return found


def heard_since(world: World, seen: Mapping[str, int], now: int) -> dict[str, int]:
    """By name, since when each alarm that fires has been known and not muted (ms UTC)."""
    over = [silence for silence in world.silences if silence.end <= now]
    gone = _Inhibiting(world, (a for a in world.alarms.values() if a.announced and a.until is not None and not a.withdrawn))
    found: dict[str, int] = {}
    for name, alarm in world.alarms.items():
        if not fires(alarm):
            continue
        start = seen.get(name, now)
        for silence in over:
            if silence.end > start and silence.fits(alarm):
                start = silence.end
        found[name] = max(start, min(now, gone.last(alarm)))
    return found


class _Inhibiting:
    """By village, who inhibits what."""

    def __init__(self, world: World, alarms: Iterable[Alarm]) -> None:
        self._kinds: defaultdict[tuple[str, str], list[Alarm]] = defaultdict(list)
        self._rules: defaultdict[str, list[Alarm]] = defaultdict(list)
        self._world = world
        for alarm in alarms:
            if alarm.rule in world.drills:
                continue
            for about in class_of(alarm).inhibits:
                self._kinds[alarm.village, about].append(alarm)
            rule = world.rules.get(alarm.rule)
            if rule is not None and rule.inhibits:
                self._rules[alarm.village].append(alarm)

    def _of(self, alarm: Alarm) -> Iterable[Alarm]:
        yield from self._kinds.get((alarm.village, alarm.about), ())
        for other in self._rules.get(alarm.village, ()):
            if other.rule != alarm.rule and inhibited(alarm.rule, self._world.rules[other.rule]):
                yield other

    def first(self, alarm: Alarm) -> str | None:
        """The name of one that inhibits it."""
        return next((other.id for other in self._of(alarm)), None)

    def last(self, alarm: Alarm) -> int:
        """When the last of them ended; 0 where there was none."""
        return max((other.until or 0 for other in self._of(alarm)), default=0)
