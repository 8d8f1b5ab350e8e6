"""Planning: what is to be said now, to whom. A pure function: the same state, world and time give the same messages.

Nothing is remembered but what is on record, and it compares what each person knows with what is: whoever is killed at any point, or
plans beside another, repeats nothing and loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kampung_cloud.messages import digest
from kampung_cloud.messages.chain import Chain, Message
from kampung_cloud.messages.concerns import Concerns
from kampung_cloud.messages.deciding import Decision, decide
from kampung_cloud.messages.identity import identity
from kampung_cloud.messages.muting import Muted
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.step import Mine
from kampung_cloud.messages.view import View
from kampung_cloud.messages.world import Place, State, World, fires

NOTHING: Mine = {}


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
    people = {person.id: person for person in world.people if person.active}
    concerns = Concerns(view)
    mine = {person.id: some for person in people.values() if (some := concerns.of(person))}
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
        chain = chains.get((name, group)) or Chain(name, group)
        if name not in people:
            draft.left(chain)
        elif (name, group) not in draft.done:
            draft.step(people[name], chain, mine.get(name, {}).get(group, NOTHING))
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
        self._decided: dict[tuple[object, ...], Decision] = {}
        self._alive: list[object] = []
        """Things whose identity stands in a key."""

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
        """One person, one group. What is the same for many is decided once."""
        if chain.state == "dropped":
            chain = chain.without_last()
        alike = (
            chain.group, id(mine), person.role, person.quiet, chain.state, chain.kind, chain.severity, chain.at, chain.before_at,
            id(chain.before), id(chain.after), chain.alarms if chain.retractable else (),
        )  # fmt: skip
        found = self._decided.get(alike)
        if found is None:
            found = self._decided[alike] = decide(self._view, person, chain, mine)
            self._alive.append((mine, chain))
        if found.act == "keep":
            return
        base = chain
        if found.retract and chain.message is not None:
            base = chain.without_last()
            self.taken_back.append(chain.message)
        if found.say is None:
            self._put(base.settled(found.known))
            return
        now = self._view.now
        message = found.say.message(person, chain, now, min(chain.due, now) if found.retract else now)
        self.messages.append(message)
        self._put(base.then(message, identity(message), found.say.after, found.known))

    def left(self, chain: Chain) -> None:
        """Of somebody who is not told anything any more."""
        if chain.state == "waiting" and chain.message is not None:
            self.taken_back.append(chain.message)
        if chain.open:
            self._put(chain.without_last().settled({}))

    def _put(self, chain: Chain) -> None:
        self.chains[chain.person, chain.group] = chain


def _noticed(seen: Mapping[str, int], world: World, now: int) -> dict[str, int]:
    """Alarms that are new to planning; one whose beginning moved is known as long as it was under its old name."""
    earlier = {a.became: seen[a.id] for a in world.alarms.values() if a.became is not None and a.id in seen}
    return {name: earlier.get(name, now) for name, alarm in world.alarms.items() if name not in seen and fires(alarm)}
