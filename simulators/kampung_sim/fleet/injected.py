"""Faults that a person started with a key while a scenario runs, beside those of its calendar."""

from __future__ import annotations

from kampung_sim.scenario.faults.catalogue import KINDS, Layer
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.inject import aim, by_key
from kampung_sim.scenario.plan import Happening, Plan, Target

HINDER = {Layer.LINK, Layer.NODE, Layer.BROKER}
"""Faults that keep a pack from arriving."""
NAMED = 3


class Injected:
    """Of one run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._count = 0
        self.happenings: list[Happening] = []
        self.broker: list[Effect] = list(plan.broker)
        """All faults of the broker, the calendar's too."""

    def start(self, key: str, now: int, node: str, device: str) -> tuple[Effect, tuple[Target, ...]] | None:
        """The fault behind ``key`` from ``now`` (ms UTC) on, and what it happens to: what the scenario names, else what is chosen."""
        effect = by_key(self._plan, key, now, self._count)
        targets = aim(self._plan, key, node, device)
        if effect is None or not targets:
            return None
        self._count += 1
        if effect.layer is Layer.BROKER:
            self.broker.append(effect)
        self.happenings += [Happening(effect.begin, effect.end, effect.kind, effect.number, _what(t)) for t in targets]
        return effect, targets

    def hindrances(self) -> list[tuple[int, int, str]]:
        """When what was between a kiosk and the regency: ms UTC, and the node, empty for all. The calendar's too."""
        every = (*self._plan.happenings, *self.happenings)
        return [(h.begin, max(h.end, h.begin + 1000), h.what.partition("/")[0]) for h in every if KINDS[h.kind].layer in HINDER]

    def all(self) -> list[tuple[int, int, str, str]]:
        """Begin and end (ms UTC), kind, and what it happens to. The calendar's too."""
        return [(h.begin, h.end, h.kind, h.what) for h in (*self._plan.happenings, *self.happenings)]

    def on(self, now: int) -> tuple[str, ...]:
        """In force, in people's words."""
        found = (h for h in (*self._plan.happenings, *self.happenings) if h.begin <= now < h.end)
        return tuple(dict.fromkeys(f"{KINDS[h.kind].words} {h.what}".strip() for h in found))


def said(effect: Effect, targets: tuple[Target, ...]) -> str:
    """What began, and where."""
    names = [_what(t) for t in targets if t[0]]
    more = f" dan {len(names) - NAMED} lagi" if len(names) > NAMED else ""
    return effect.about.words + (f": {', '.join(names[:NAMED])}{more}" if names else "")


def _what(target: Target) -> str:
    return "/".join(part for part in target if part)
