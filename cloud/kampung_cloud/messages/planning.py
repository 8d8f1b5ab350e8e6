"""Planning: what is to be said now, to whom. A pure function: the same state, world and time give the same messages.

Nothing is remembered but what is on record, and it compares what each person knows with what is: whoever is killed at any point, or
plans beside another, repeats nothing and loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kampung_contract.alarm import Alarm

from kampung_cloud.messages import digest
from kampung_cloud.messages.chain import Chain, Message
from kampung_cloud.messages.identity import identity
from kampung_cloud.messages.muting import Muted
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.step import Mine, composed, say, still_true
from kampung_cloud.messages.view import View
from kampung_cloud.messages.world import DRILL, Place, State, World, fires

TOGETHER = frozenset({"device"})
"""Whoever hears of these for the whole regency gets one group, not one a village: a broken line makes every sensor silent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """To be written in one transaction, or not at all. ``chains`` stand where others stood; ``taken_back`` are names of messages that
    must not go any more. ``seen``: alarms that planning has not known of. ``muted``: alarms that tell nobody.
    """

    messages: tuple[Message, ...]
    chains: tuple[Chain, ...]
    taken_back: tuple[str, ...]
    seen: Mapping[str, int]
    muted: Mapping[str, Muted]


def plan(state: State, world: World, now: int) -> Plan:
    """What is to be said at ``now`` (ms UTC)."""
    seen = _noticed(state.seen, world, now)
    view = View(world, {**state.seen, **seen}, now)
    draft = _Draft(view)
    groups = _groups(world)
    people = {person.id: person for person in world.people if person.active}
    mine = _concerns(view, groups, people.values())
    chains = dict(state.chains)
    if digest.open_now(view):
        grouped = digest.by_person(chains)
        for person in people.values():
            own = grouped.get(person.id, {})
            last = own.pop(digest.GROUP, Chain(person.id, digest.GROUP))
            found = digest.gather(view, person, last, own, mine.get(person.id, {}))
            if found is not None:
                draft.gathered(found, last, own, chains)
    for name, group in sorted({*chains, *((who, what) for who, some in mine.items() for what in some)}):
        if group == digest.GROUP:
            continue
        chain = chains.get((name, group), Chain(name, group))
        if name not in people:
            draft.left(chain)
        elif (name, group) not in draft.done:
            draft.step(people[name], chain, mine.get(name, {}).get(group, {}))
    return Plan(tuple(draft.messages), tuple(draft.chains.values()), tuple(dict.fromkeys(draft.taken_back)), seen, view.muted)


def first(whole: Plan, state: State, most: int) -> Plan:
    """The gravest ``most`` messages of a plan and what belongs to them; the rest is planned again. Nothing is cut out of the middle."""
    if len(whole.messages) <= most:
        return whole
    names = {identity(message): message for message in sorted(whole.messages, key=lambda m: (-m.severity, m.due))}
    later = set(list(names)[most:])
    chains = tuple(chain for chain in whole.chains if chain.message not in later)
    before = {state.chains[place].message for chain in chains if (place := (chain.person, chain.group)) in state.chains}
    taken_back = tuple(name for name in whole.taken_back if name in before)
    return Plan(tuple(m for name, m in names.items() if name not in later), chains, taken_back, whole.seen, whole.muted)


class _Draft:
    """A plan while it is made."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.messages: list[Message] = []
        self.chains: dict[Place, Chain] = {}
        self.taken_back: list[str] = []
        self.done: set[Place] = set()

    def gathered(self, found: digest.Gathered, last: Chain, own: Mapping[str, Chain], chains: dict[Place, Chain]) -> None:
        """A digest is a message of several groups."""
        message, name = found.message, identity(found.message)
        self.messages.append(message)
        self._put(last.then(message, name, {}, {}))
        for group, after in found.after.items():
            chain = own.get(group, Chain(message.person, group))
            chains[message.person, group] = chain.then(message, name, after, self._view.follow(chain.known))
            self._put(chains[message.person, group])
            self.done.add((message.person, group))

    def step(self, person: Person, chain: Chain, mine: Mine) -> None:
        """One person, one group."""
        view = self._view
        if chain.state == "dropped":
            chain = chain.without_last()
        base = chain.without_last() if chain.retractable else chain
        wanted = say(view, person, base, mine)
        if chain.retractable:
            true = still_true(view, chain)
            same = wanted is not None and wanted.kind == chain.kind and {a.id for a in wanted.alarms} == set(chain.alarms)
            if true and (same or wanted is None or view.now < chain.at + view.wait):
                return
            assert chain.message is not None
            self.taken_back.append(chain.message)
        if wanted is not None:
            message = composed(person, chain, wanted, view.now, min(chain.due, view.now) if chain.retractable else view.now)
            self.messages.append(message)
            self._put(base.then(message, identity(message), wanted.after, view.follow(base.known)))
        elif chain.retractable:
            self._put(base)
        else:
            self._settle(chain)

    def left(self, chain: Chain) -> None:
        """Of somebody who is not told anything any more."""
        if chain.state == "waiting" and chain.message is not None:
            self.taken_back.append(chain.message)
        if chain.open:
            self._put(chain.without_last().settled({}))

    def _settle(self, chain: Chain) -> None:
        """Forget what is no news any more."""
        if chain.state in ("waiting", "sending"):
            return
        known = self._view.follow(chain.known)
        left = {name: what for name, what in known.items() if name in self._view.since or self._told_later(name)}
        if left != chain.before or left != chain.after:
            self._put(chain.settled(left))

    def _told_later(self, name: str) -> bool:
        alarm = self._view.ended(name)
        return alarm is not None and not (alarm.withdrawn and digest.of_digest(alarm))

    def _put(self, chain: Chain) -> None:
        self.chains[chain.person, chain.group] = chain


def _noticed(seen: Mapping[str, int], world: World, now: int) -> dict[str, int]:
    """Alarms that are new to planning; one whose beginning moved is known as long as it was under its old name."""
    earlier = {a.became: seen[a.id] for a in world.alarms.values() if a.became is not None and a.id in seen}
    return {name: earlier.get(name, now) for name, alarm in world.alarms.items() if name not in seen and fires(alarm)}


def _groups(world: World) -> dict[str, list[Alarm]]:
    """Alarms that fire, by village and kind."""
    groups: defaultdict[str, list[Alarm]] = defaultdict(list)
    for alarm in world.alarms.values():
        if fires(alarm):
            group = world.group(alarm)
            groups[group].append(alarm)
            if alarm.about in TOGETHER:
                groups[group.removeprefix(alarm.village)].append(alarm)
    return groups


def _concerns(view: View, groups: Mapping[str, Sequence[Alarm]], people: Iterable[Person]) -> dict[str, dict[str, Mine]]:
    """By person and group, the alarms that concern him. Worked out once for all who are alike."""
    passed_on = {a.id: levels for some in groups.values() for a in some if (levels := view.due_levels(a))}
    by_village: defaultdict[str, list[tuple[str, Sequence[Alarm]]]] = defaultdict(list)
    for group, some in groups.items():
        village, _, about = group.partition(":")
        by_village[village].append((group, some))
        if village and about.removesuffix(DRILL) not in TOGETHER:
            by_village[""].append((group, some))
    alike: dict[tuple[object, ...], dict[str, Mine]] = {}
    found: dict[str, dict[str, Mine]] = {}
    for person in people:
        likeness = (person.village, person.role, person.about, person.least, person.fields)
        if likeness not in alike:
            alike[likeness] = _of(view, person, by_village.get(person.village, ()), passed_on)
        if alike[likeness]:
            found[person.id] = alike[likeness]
    return found


def _of(
    view: View, person: Person, groups: Iterable[tuple[str, Sequence[Alarm]]], passed_on: Mapping[str, frozenset[str]]
) -> dict[str, Mine]:
    found: dict[str, Mine] = {}
    for group, some in groups:
        own: dict[str, bool] = {}
        for alarm in some:
            asked = person.role in passed_on.get(alarm.id, ())
            if asked or person.concerned(alarm, view.world.fields):
                own[alarm.id] = asked
        if own:
            found[group] = own
    return found
