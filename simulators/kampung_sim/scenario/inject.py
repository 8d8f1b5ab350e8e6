"""Faults by key: from the scenario's calendar where it names the key, else the kind with its defaults."""

from __future__ import annotations

from kampung_sim.scenario.faults.catalogue import KINDS, Kind, Layer
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.model import FaultEntry
from kampung_sim.scenario.plan import Plan, Target


def by_key(plan: Plan, key: str, now: int, times: int) -> Effect | None:
    """The fault that ``key`` starts at ``now`` (ms UTC of the scenario); None where the key means nothing.

    ``times``: how many were injected before, so that each has a number of its own. A fault without an end lasts to the scenario's.
    """
    kind, entry = _behind(plan, key)
    if kind is None:
        return None
    lasts = entry.lasts if entry is not None and entry.lasts is not None else kind.lasts
    end = plan.stop if lasts is None else now + lasts
    number = len(plan.scenario.fault) + times
    return Effect(kind.name, now, end, number, dict(entry.parameters) if entry else {}, tuple(entry.quantities) if entry else ())


def aim(plan: Plan, key: str, node: str, device: str = "") -> tuple[Target, ...]:
    """What the fault behind ``key`` happens to: what the scenario names, else the node or device a person has chosen.

    Without a device, all of the node's.
    """
    kind, entry = _behind(plan, key)
    if kind is None:
        return ()
    if entry is not None and (entry.villages is not None or entry.nodes or entry.devices):
        return plan.aims[plan.keys[key]]
    match kind.layer:
        case Layer.BROKER:
            return (("", "", ""),)
        case Layer.CLOCK | Layer.LINK | Layer.NODE:
            return ((node, "", ""),)
    chosen = [d for d in plan.node(node).devices if device in ("", d.name)]
    if kind.layer is Layer.PORT:
        return tuple((node, port, "") for port in dict.fromkeys(d.port for d in chosen))
    return tuple((node, "", d.name) for d in chosen)


def _behind(plan: Plan, key: str) -> tuple[Kind | None, FaultEntry | None]:
    """The kind of fault behind a key, and the calendar's entry where it has one."""
    number = plan.keys.get(key)
    if number is None:
        return next((k for k in KINDS.values() if k.key == key), None), None
    entry = plan.scenario.fault[number]
    return KINDS[entry.kind], entry
