"""The morning's list of a field: every rule proposes, what is unwanted is left out, at most three remain."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kampung_cloud.modules.farming.advice import feeding, health, paddy, records, water
from kampung_cloud.modules.farming.advice.action import Action
from kampung_cloud.modules.farming.advice.morning import Morning

MOST = 3
PROPOSERS: tuple[Callable[[Morning], Iterator[Action]], ...] = (
    water.propose,
    paddy.propose,
    health.propose,
    feeding.propose,
    records.propose,
)


def advise(morning: Morning) -> list[Action]:
    """At most three, the most urgent first. What the farmer does not need stays away until his day, unless it is for now."""
    found = [action for propose in PROPOSERS for action in propose(morning)]
    wanted = [a for a in found if a.urgency == "sekarang" or morning.unwanted.get(a.kind, morning.today) <= morning.today]
    return sorted(wanted, key=lambda a: (a.rank, a.kind))[:MOST]
