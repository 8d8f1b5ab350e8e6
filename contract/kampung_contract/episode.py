"""One alarm from its beginning to its end, and what late readings change of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

FOREVER = 2**62


class Episode(NamedTuple):
    """From ``since`` to ``until`` (ms UTC; None while it stands), raised by ``value`` of ``source``; furthest at ``worst_at``."""

    since: int
    until: int | None
    value: float
    source: str
    worst: float
    worst_at: int

    @property
    def end(self) -> int:
        """``until``, or beyond every time."""
        return FOREVER if self.until is None else self.until

    def meets(self, other: Episode) -> bool:
        """Whether both stand at one moment."""
        return self.since <= other.end and other.since <= self.end


class Change(NamedTuple):
    """``raised``: it is new (and may be over already). ``resolved``: it ended. ``changed``: late readings moved its beginning or its end.
    ``worse``: it goes on and reached a new furthest value. ``withdrawn``: late readings show that it never was; ``episode`` is then what
    was known. ``before`` is what was known of the others.
    """

    kind: Literal["raised", "resolved", "changed", "worse", "withdrawn"]
    episode: Episode
    before: Episode | None = None


def differences(old: Sequence[Episode], new: Sequence[Episode]) -> list[Change]:
    """What became of ``old``, both by time: alarms that stand at one moment are the same alarm, each at most once."""
    out: list[Change] = []
    left = list(old)
    for episode in new:
        while left and left[0].end < episode.since:
            out.append(Change("withdrawn", left.pop(0)))
        if left and left[0].meets(episode):
            before = left.pop(0)
            if before != episode:
                out.append(Change(_became(before, episode), episode, before))
        else:
            out.append(Change("raised", episode))
    return out + [Change("withdrawn", episode) for episode in left]


def _became(before: Episode, now: Episode) -> Literal["resolved", "changed", "worse"]:
    if before[:1] + before[2:4] != now[:1] + now[2:4] or (before.until is not None and before.until != now.until):
        return "changed"
    return "worse" if before.until == now.until else "resolved"
