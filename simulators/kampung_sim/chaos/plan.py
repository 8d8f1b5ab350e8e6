"""When which fault happens: the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kampung_contract.errors import ConfigurationError

from kampung_sim.chaos.catalogue import DAMAGE, FAULTS, Fault, Target

QUIET_S = 1.0
"""At the beginning, so that there is something to lose."""
EVERY_S = 2.5
"""One fault that is no kill in so many seconds."""
DAMAGE_EVERY_S = 20.0
PEACE_S = (3.0, 12.0)
"""Between two held faults of one edge."""


@dataclass(frozen=True, slots=True, order=True)
class Stroke:
    """``at`` seconds after the beginning, for ``seconds``, on edge number ``edge`` where it concerns one."""

    at: float
    name: str
    edge: int
    seconds: float

    @property
    def fault(self) -> Fault:
        """What it is."""
        return FAULTS[self.name]


def plan(seed: int, seconds: float, kills: int, faults: Sequence[str], edges: int, *, hold: float | None = None) -> list[Stroke]:
    """By time; ``kills`` kills, shared among kinds and edges. Raises ``ConfigurationError`` for kills that no fault may do.

    With ``hold`` every fault that lasts is in force for so many seconds, on each edge one after the other with a little peace between.
    """
    dice = random.Random(seed)
    killers = [n for n in faults if n.startswith("kill-")]
    damage = [n for n in faults if n in DAMAGE]
    others = [n for n in faults if n not in killers and n not in damage]
    if kills and not killers:
        raise ConfigurationError(f"--kills {kills}: --faults names no kill; add kill-edge, kill-broker or kill-cloud")
    weighted = [n for n in killers for _ in range(edges if FAULTS[n].target is Target.EDGE else 1)]
    names = _shares(dice, weighted, kills)
    if hold is None:
        names += _shares(dice, others, max(len(others), int(seconds / EVERY_S)) if others else 0)
    names += _shares(dice, damage, max(len(damage), int(seconds / DAMAGE_EVERY_S)) if damage else 0)
    strokes = []
    for name in names:
        longest = FAULTS[name].seconds
        strokes.append(Stroke(dice.uniform(min(QUIET_S, seconds / 2), seconds), name, dice.randrange(edges), dice.uniform(*longest)))
    if hold is not None and others:
        strokes += [s for edge in range(edges) for s in _one_by_one(dice, seconds, others, edge, hold)]
    return sorted(strokes)


def _one_by_one(dice: random.Random, seconds: float, names: Sequence[str], edge: int, hold: float) -> Iterator[Stroke]:
    at = QUIET_S + dice.uniform(0, hold / 2)
    while at + hold <= seconds:
        yield Stroke(at, dice.choice(names), edge, hold)
        at += hold + dice.uniform(*PEACE_S)


def _shares(dice: random.Random, names: Sequence[str], count: int) -> list[str]:
    """``count`` names, each as often as any other."""
    if not names:
        return []
    out = [names[i % len(names)] for i in range(count)]
    dice.shuffle(out)
    return out
