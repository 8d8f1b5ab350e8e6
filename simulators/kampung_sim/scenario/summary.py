"""A scenario in a few lines, for the person who wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kampung_contract.times import text

from kampung_sim.scenario.faults.catalogue import KINDS
from kampung_sim.scenario.load import Loaded
from kampung_sim.scenario.plan import Node, Plan
from kampung_sim.scenario.times import say
from kampung_sim.scenario.world import World

SHOWN = 12


def summary(loaded: Loaded) -> str:
    """Villages, nodes, devices, readings, processes, faults."""
    return "\n".join(_lines(loaded))


def _lines(loaded: Loaded) -> Iterator[str]:
    scenario, plan = loaded.scenario, loaded.plan
    yield f"{scenario.title or scenario.name}, seed {scenario.seed}"
    yield f"  waktu       {_short(plan.start)} – {_short(plan.stop)} WIB ({say(scenario.duration)}), ×{scenario.pace:g}: {say(_real(plan))}"
    villages = sorted({n.village.code for n in plan.nodes})
    named = ", ".join(f"{n.village.name} ({n.village.code})" for n in _firsts(plan)[:3])
    yield f"  desa        {len(villages)}: {named}{' …' if len(villages) > 3 else ''}"
    kits = Counter(n.kit for n in plan.nodes)
    yield f"  node        {len(plan.nodes)}: {', '.join(f'{count} × {kit}' for kit, count in kits.items())}"
    devices = list(plan.devices)
    profiles = Counter(d.profile for d in devices)
    yield f"  alat        {len(devices)}: {', '.join(f'{count} × {profile}' for profile, count in sorted(profiles.items()))}"
    sources = {s.process: 0 for d in devices for s in d.sources.values()}
    yield f"  proses      {', '.join(sources)}"
    yield f"  pembacaan   {_thousands(plan.readings())} bila tanpa gangguan, {_thousands(sum(len(d.series) for d in devices))} deret"
    visits = sum(_visits(loaded.world(), plan, i) for i in range(min(len(plan.nodes), SHOWN)))
    about = "" if len(plan.nodes) <= SHOWN else f" di {SHOWN} node pertama"
    yield f"  kunjungan   {visits} warga di kios{about}"
    yield from _faults(plan)
    for note in loaded.notes:
        yield f"  catatan     {note}"


def _faults(plan: Plan) -> Iterator[str]:
    times: Counter[int] = Counter(h.number for h in plan.happenings)
    first = {h.number: h for h in reversed(plan.happenings)}
    keys = {number: key for key, number in plan.keys.items()}
    yield f"  gangguan    {len(plan.scenario.fault)} dalam kalender, {len(plan.happenings)} kejadian"
    for number, entry in enumerate(plan.scenario.fault):
        kind = KINDS[entry.kind]
        when = f"{_short(first[number].begin)}, {say(first[number].end - first[number].begin)}" if number in first else "dengan tombol"
        key = f" [{keys[number]}]" if number in keys else ""
        what = first[number].what or "broker" if number in first else ""
        more = f" dan {times[number] - 1} lagi" if times[number] > 1 else ""
        yield f"    {number:3} {entry.kind:20} {when:30} {what}{more}{key}  {kind.words}"


def _visits(world: World, plan: Plan, index: int) -> int:
    return len(world.visits(plan.nodes[index], plan.start, plan.stop))


def _firsts(plan: Plan) -> list[Node]:
    seen: dict[str, Node] = {}
    for node in plan.nodes:
        seen.setdefault(node.village.code, node)
    return list(seen.values())


def _real(plan: Plan) -> int:
    return max(1000, round(plan.scenario.duration / plan.scenario.pace / 1000) * 1000)


def _short(ms: int) -> str:
    return text(ms)[:16].replace("T", " ").replace(":", ".")


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", ".")
