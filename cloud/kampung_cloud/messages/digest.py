"""The morning's digest: one message a person and day that gathers what concerns his farm and what waited for the morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kampung_contract.alarm import Alarm

from kampung_cloud.messages.chain import Chain, Known, Message, told
from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.quiet import MINUTE_MS, day
from kampung_cloud.messages.step import Mine, gravest
from kampung_cloud.messages.view import View
from kampung_cloud.messages.world import DRILL

GROUP = "digest"
WINDOW_MS = 4 * 3_600_000
"""Where nothing could be sent in the morning, it is sent within this time, or not on this day."""
LIFE_MS = 12 * 3_600_000
"""It is worth sending so long."""


class Advice(Protocol):
    """A module that has something to say in the morning."""

    def lines(self, person: Person, day: int) -> Sequence[str]:
        """Lines for a person in his language, each a sentence; ``day`` is its local midnight (ms UTC). Empty for none. Asked for again
        until the digest is on record, so that it should be quick and say the same.
        """
        ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """A digest, and what the person knows by it of each group."""

    message: Message
    after: Mapping[str, Mapping[str, Known]]


def open_now(view: View) -> bool:
    """Whether digests go out now."""
    return view.digest <= view.now < view.digest + WINDOW_MS


def gather(view: View, person: Person, last: Chain, chains: Mapping[str, Chain], mine: Mapping[str, Mine]) -> Gathered | None:
    """The digest of today, unless it was, or there is nothing to say. ``chains`` and ``mine`` by group."""
    if not open_now(view) or last.at >= view.digest or (person.quiet or view.hours).hold(view.now):
        return None
    listed: list[Alarm] = []
    after: dict[str, Mapping[str, Known]] = {}
    for group in sorted(g for g in {*chains, *mine} if not g.endswith(DRILL)):
        chain = chains.get(group, Chain(person.id, group))
        if chain.retractable:
            continue
        known = view.follow(chain.known)
        alarms = [view.world.alarms[name] for name in mine.get(group, ()) if _told_now(view, person, name, known.get(name))]
        over = _over(view, known)
        if alarms or over:
            listed += alarms + over
            rest = {name: what for name, what in known.items() if all(name != a.id for a in over)}
            marked = [a.id for a in alarms if mine[group][a.id]]
            after[group] = told(rest, [(a.id, a.severity) for a in alarms], view.now, marked)
    lines = view.world.advice.get(person.id, ())
    if not listed and not lines:
        return None
    listed.sort(key=lambda a: (a.until is not None, *gravest(a)))
    top = max((a.severity for a in listed if a.until is None), default=1)
    about = listed[0].about if listed else "farm"
    names = tuple(a.id for a in listed)
    expires = view.now + LIFE_MS
    message = Message(person.id, GROUP, last.number + 1, "digest", names, top, about, view.now, view.now, expires, lines)
    return Gathered(message, after)


def _told_now(view: View, person: Person, name: str, known: Known | None) -> bool:
    """Whether the alarm belongs into today's digest."""
    if not view.heard(name):
        return False
    alarm = view.world.alarms[name]
    kind = class_of(alarm)
    seen = view.seen.get(name, view.now)
    if not kind.digest:
        hours = person.quiet or view.hours
        morning = day(view.now) + hours.end * MINUTE_MS
        return person.kind.gathers and known is None and view.world.waits(alarm) and seen < morning
    if seen > view.digest or name in view.world.acknowledged:
        return False
    return known is None or day(view.now) - day(known.at) >= kind.repeat_ms


def of_digest(alarm: Alarm) -> bool:
    """Whether only digests tell of it."""
    return class_of(alarm).digest


def _over(view: View, known: Mapping[str, Known]) -> list[Alarm]:
    """Of what only digests tell, what is over since. What never was is not mentioned."""
    ended = [view.ended(name) for name in known if name not in view.since]
    return [a for a in ended if a is not None and not a.withdrawn and class_of(a).digest]


def by_person(chains: Mapping[tuple[str, str], Chain]) -> dict[str, dict[str, Chain]]:
    """Chains by person and group."""
    found: defaultdict[str, dict[str, Chain]] = defaultdict(dict)
    for (person, group), chain in chains.items():
        found[person][group] = chain
    return found
