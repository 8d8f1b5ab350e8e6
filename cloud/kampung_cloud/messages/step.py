"""The next step of a chain: what is to be said to one person about one group of alarms now, if anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kampung_contract.alarm import Alarm

from kampung_cloud.messages.chain import Chain, Kind, Known, Message, told
from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.view import View

OVER_MS = 24 * 3_600_000
"""That it is over is worth sending so long."""
LEAST_MS = 15 * 60_000
AWAS = 3
"""Severity that does not wait for a group to gather."""

Mine = Mapping[str, bool]
"""Alarms that concern a person, by name; True where it has gone on to him because nobody answered."""


@dataclass(frozen=True)
class Say:
    """What is to be said: of these alarms, not ``before`` then (ms UTC); ``after``: what he knows then."""

    kind: Kind
    alarms: tuple[Alarm, ...]
    before: int
    after: Mapping[str, Known]

    def message(self, person: Person, chain: Chain, now: int, due: int) -> Message:
        """What is written for one person, in whose chain it follows."""
        worst = self.alarms[0]
        return Message(
            person.id, chain.group, chain.number + 1, self.kind, self.names, worst.severity, worst.about, now, due, now + self.life
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the alarms, the gravest first."""
        return tuple(a.id for a in self.alarms)

    @cached_property
    def life(self) -> int:
        """It is worth sending so long (ms)."""
        if self.kind in ("resolved", "cancelled"):
            return OVER_MS
        return max(LEAST_MS, min(class_of(a).repeat_ms for a in self.alarms))


def say(view: View, person: Person, chain: Chain, mine: Mine) -> Say | None:
    """What is to be said now, as though the chain's last message had gone for good."""
    return next((each for each in _choices(view, person, chain, mine) if each.before <= view.now), None)


def _choices(view: View, person: Person, chain: Chain, mine: Mine) -> Iterable[Say]:
    """In the order in which they matter."""
    known, alarms, now = view.follow(chain.known), view.world.alarms, view.now
    standing = {name: what for name, what in known.items() if name in view.since}
    news = [name for name in mine if view.heard(name) and not class_of(alarms[name]).digest and not view.held(name, person)]
    fresh = [alarms[name] for name in news if name not in known]
    places = {(alarms[n].about, alarms[n].series) for n in (*standing, *(a.id for a in fresh))}
    replaced = {n for n in known if n not in standing and n in alarms and (alarms[n].about, alarms[n].series) in places}
    left = {name: what for name, what in known.items() if name not in replaced}

    def saying(kind: Kind, some: Iterable[Alarm], before: int) -> Say:
        listed = tuple(sorted(some, key=gravest))
        marked = [a.id for a in listed if mine.get(a.id)]
        return Say(kind, listed, before, told(left, [(a.id, a.severity) for a in listed], now, marked))

    if fresh:
        highest = max((alarms[name].severity for name in standing), default=0)
        top = max(a.severity for a in fresh)
        grown: Kind = "worse" if 0 < highest < top else "raised"
        kind: Kind = "escalated" if any(mine[a.id] for a in fresh) else grown
        yield saying(kind, fresh, _fresh_from(view, person, chain, fresh, highest))
    passed_on = [alarms[name] for name in news if name in known and mine[name] and not known[name].escalated]
    if passed_on:
        yield saying("escalated", passed_on, max(chain.at + view.wait, _after_failure(chain, passed_on)))
    gone = [name for name in known if name not in standing and name not in replaced]
    over = [alarm for name in gone if (alarm := view.ended(name)) is not None and not _kept(view, alarm, person)]
    for kind, withdrawn, pause in (("cancelled", True, view.wait), ("resolved", False, view.interval)):
        these = [a for a in over if a.withdrawn is withdrawn]
        if these:
            rest = {name: what for name, what in left.items() if all(name != a.id for a in these)}
            begun = chain.at + pause if chain.at else 0
            yield Say(kind, tuple(sorted(these, key=gravest)), max(begun, _after_failure(chain, these)), rest)
    again = [alarms[name] for name in standing if name in mine and view.heard(name) and not _kept(view, alarms[name], person)]
    if again and replaced:
        yield saying("repeat", again, max(chain.at + view.interval, _after_failure(chain, again)))
    unanswered = [a for a in again if a.id not in view.world.acknowledged]
    dated = [(standing[a.id].at + class_of(a).repeat_ms, a) for a in unanswered]
    soon = [a for due, a in dated if due <= now + view.interval]
    if soon:
        yield saying("repeat", soon, max(min(due for due, _ in dated), chain.at + view.wait, _after_failure(chain, soon)))


def _kept(view: View, alarm: Alarm, person: Person) -> bool:
    """Whether it is said by the digest, or waits for the morning."""
    if class_of(alarm).digest:
        return True
    hours = person.quiet or view.hours
    return view.world.waits(alarm) and hours.hold(view.now)


def _fresh_from(view: View, person: Person, chain: Chain, fresh: list[Alarm], highest: int) -> int:
    """``highest``: severity of what he knows to stand, 0 for nothing."""
    top = max(a.severity for a in fresh)
    if chain.state == "failed" and top <= chain.severity:
        return _after_failure(chain, fresh)
    if top == AWAS and highest < AWAS:
        return 0
    gathered = min(view.hearable(a.id, person) for a in fresh) + view.wait
    if not highest:
        return gathered
    return chain.at + view.wait if top == AWAS else max(gathered, chain.at + view.interval)


def _after_failure(chain: Chain, alarms: Iterable[Alarm]) -> int:
    """Nobody could be reached: not again before it would be repeated."""
    return chain.at + min(class_of(a).repeat_ms for a in alarms) if chain.state == "failed" else 0


def still_true(view: View, chain: Chain) -> bool:
    """Whether the chain's last message, which has not gone yet, may go as it is."""
    if chain.kind in ("resolved", "cancelled"):
        return True
    pressing = chain.kind in ("repeat", "escalated")
    return all(view.heard(name) and not (pressing and name in view.world.acknowledged) for name in chain.alarms)


def gravest(alarm: Alarm) -> tuple[int, int, str]:
    """Order of alarms in a message."""
    return -alarm.severity, alarm.since, alarm.id
