"""What becomes of a chain now: nothing, a message, or something is forgotten; the same for all whose chains and concerns are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kampung_cloud.messages.chain import Chain, Knowledge
from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.step import Mine, Say, say, still_true
from kampung_cloud.messages.view import View


@dataclass(frozen=True, slots=True)
class Decision:
    """``known``: what the person knows without the message that ``say`` is for. ``retract``: the last one has not gone, and must not."""

    act: Literal["keep", "change"]
    known: Knowledge
    say: Say | None = None
    retract: bool = False


KEEP = Decision("keep", {})


def decide(view: View, person: Person, chain: Chain, mine: Mine) -> Decision:
    """For one person, as an example of all who are alike."""
    base = chain.without_last() if chain.retractable else chain
    wanted = say(view, person, base, mine)
    if chain.retractable:
        true = still_true(view, chain)
        same = wanted is not None and wanted.kind == chain.kind and {a.id for a in wanted.alarms} == set(chain.alarms)
        if true and (same or wanted is None or view.now < chain.at + view.wait):
            return KEEP
        return Decision("change", view.follow(base.known), wanted, retract=True)
    if wanted is not None:
        return Decision("change", view.follow(base.known), wanted)
    if chain.state in ("waiting", "sending"):
        return KEEP
    known = view.follow(chain.known)
    left = {name: what for name, what in known.items() if name in view.since or _told_later(view, name)}
    if len(left) == len(chain.known) and known is chain.known and (left or not chain.open):
        return KEEP
    return Decision("change", left)


def _told_later(view: View, name: str) -> bool:
    """Whether it is over and somebody is still to hear it; what never was is not mentioned by digests."""
    alarm = view.ended(name)
    return alarm is not None and not (alarm.withdrawn and class_of(alarm).digest)
