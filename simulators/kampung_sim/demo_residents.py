"""The residents of the simulated village: the same for its own register, for the simulated Dukcapil and for the simulated DTSEN."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import chain, islice

from kampung_sim.residents import households

SEED = 8
DAY = date(2026, 11, 1)
"""Ages and cards are those of this day, so that every start of every program makes the same people."""
FAMILIES = 120


@cache
def residents() -> tuple[dict[str, str], ...]:
    """By family, the head first; columns as OpenSID's."""
    return tuple(chain.from_iterable(islice(households(SEED, DAY), FAMILIES)))
