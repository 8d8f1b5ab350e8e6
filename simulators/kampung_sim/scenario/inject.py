"""Faults by key: from the scenario's calendar where it names the key, else the kind with its defaults."""

from __future__ import annotations

from kampung_sim.scenario.faults.catalogue import KINDS
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.plan import Plan


def by_key(plan: Plan, key: str, now: int, times: int) -> Effect | None:
    """The fault that ``key`` starts at ``now`` (ms UTC of the scenario); None where the key means nothing.

    ``times``: how many were injected before, so that each has a number of its own. A fault without an end lasts to the scenario's.
    """
    number = plan.keys.get(key)
    if number is not None:
        entry = plan.scenario.fault[number]
        kind, lasts, parameters, quantities = KINDS[entry.kind], entry.lasts, dict(entry.parameters), tuple(entry.quantities)
    else:
        kind = next((k for k in KINDS.values() if k.key == key), None)  # type: ignore[assignment]
        lasts, parameters, quantities = None, {}, ()
    if kind is None:
        return None
    lasts = lasts if lasts is not None else kind.lasts
    end = plan.stop if lasts is None else now + lasts
    return Effect(kind.name, now, end, len(plan.scenario.fault) + times, parameters, quantities)
