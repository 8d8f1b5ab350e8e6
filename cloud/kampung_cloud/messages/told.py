"""Lines for the alarms' trail: who was told, to whom it went on, and why nobody was. Numbers and roles, no names."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from kampung_cloud.handling.trail import Kind, Line
from kampung_cloud.messages.identity import identity
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.planning import Plan
from kampung_cloud.messages.world import World


def lines(what: Plan, world: World, people: Mapping[str, Person], now: int) -> Iterator[Line]:
    """Of a plan that is written at ``now`` (ms UTC): a line an alarm and kind of message, and one for each that is muted."""
    heard: defaultdict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    names: dict[tuple[str, tuple[str, ...]], str] = {}
    for message in what.messages:
        key = (message.kind, message.alarms)
        heard[key].append(people[message.person].role)
        names[key] = min(names.get(key, "g"), identity(message))
    for (kind, alarms), roles in heard.items():
        body = {"message": kind, "people": len(roles), "roles": dict(sorted(Counter(roles).items()))}
        for name in alarms:
            step: Kind = "escalated" if kind == "escalated" else "told"
            yield Line(f"{name}#{step}#{names[kind, alarms]}", name, world.alarms[name].village, now, step, "", "system", body)
    silences = {silence.id: silence for silence in world.silences}
    for name, muted in what.muted.items():
        why = hashlib.sha256(muted.by.encode()).hexdigest()[:16]
        silence = silences.get(muted.by) if muted.kind == "silenced" else None
        reason = {"silence": silence.id, "reason": silence.reason, "until": silence.until} if silence else {"alarm": muted.by}
        by = silence.by if silence else ""
        yield Line(f"{name}#{muted.kind}#{why}", name, world.alarms[name].village, now, muted.kind, by, "system", reason)
