"""From a scenario to its plan: kits put into villages, faults onto their targets. Finds every mistake that shapes alone do not show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from kampung_contract.topics import Address
from kampung_contract.villages import Village, villages
from kampung_contract.villages import village as find_village

from kampung_sim.scenario.assign import Assigned, assign
from kampung_sim.scenario.calendar import Calendar
from kampung_sim.scenario.mistake import Found, Path, explain
from kampung_sim.scenario.model import Kit, Scenario
from kampung_sim.scenario.plan import Device, Node, Plan, Port
from kampung_sim.scenario.processes import KINDS, Process
from kampung_sim.scenario.processes.dust import Dust
from kampung_sim.scenario.processes.rain import SPIN_UP, Rain
from kampung_sim.scenario.processes.river import River
from kampung_sim.scenario.times import DAY, say


def build(scenario: Scenario, kits: Mapping[str, Kit]) -> tuple[Plan, list[Found]]:
    """The plan as far as it can be made, and what is wrong."""
    found: list[Found] = []
    processes = {name: kind() for name, kind in KINDS.items()} | dict(scenario.process)
    for name, process in scenario.process.items():
        found += _process(name, process, processes, scenario)
    assigned: dict[str, list[Assigned]] = {}
    for name, kit in kits.items():
        base: Path = ("kit", name) if name in scenario.kit else ("place", _first(scenario, name), "kit")
        assigned[name], wrong = assign(kit, processes)
        found += [Found((*base, *path) if base[0] == "kit" else base, message, remedy) for path, message, remedy in wrong]
        if kit.visitors and processes.get(kit.visitors, KINDS["fixed"]()).__class__ is not KINDS["visitors"]:
            names = [n for n, p in processes.items() if isinstance(p, KINDS["visitors"])]
            found.append(explain((*base, "visitors"), "there is no process of visitors of this name", kit.visitors, names))
    nodes, wrong_nodes = _nodes(scenario, kits, assigned)
    found += wrong_nodes
    calendar = Calendar(scenario, nodes)
    found += [Found(*m) for m in calendar.mistakes]
    return Plan(scenario, calendar.nodes(), calendar.broker, calendar.keys, calendar.aims), found


def unused(plan: Plan) -> list[str]:
    """Kits that stand nowhere and processes that nobody measures, for people."""
    scenario = plan.scenario
    placed = {p.kit for p in scenario.place}
    asked = {s.process for d in plan.devices for s in d.sources.values()} | {n.visitors for n in plan.nodes}
    processes = {name: kind() for name, kind in KINDS.items()} | dict(scenario.process)
    todo = list(asked)
    while todo:
        process = processes.get(todo.pop())
        more = {getattr(process, role) for role in process.ROLES} - asked if process else set()
        asked |= more
        todo += more
    kits = [f"kit {name} tidak dipasang di mana pun" for name in scenario.kit if name not in placed]
    return [*kits, *(f"proses {name} tidak diukur alat mana pun" for name in scenario.process if name not in asked)]


def _first(scenario: Scenario, kit: str) -> int:
    return next(i for i, p in enumerate(scenario.place) if p.kit == kit)


def _process(name: str, process: Process, processes: Mapping[str, Process], scenario: Scenario) -> list[Found]:
    found = []
    for role in process.ROLES:
        asked = getattr(process, role)
        fitting = [n for n, p in processes.items() if p.__class__ is KINDS[role] or (role == "river" and "water_level" in p.QUANTITIES)]
        if asked not in fitting:
            found.append(explain(("process", name, role), f"there is no process of kind {role} of this name", asked, fitting))
    if isinstance(process, Rain):
        for i, event in enumerate(process.event):
            at = event.at.at(scenario.start)
            if not scenario.start - SPIN_UP <= at < scenario.stop:
                text = f"lies outside the scenario and the {say(SPIN_UP)} before it"
                found.append(Found(("process", name, "event", i, "at"), text, 'write a time within it, or "+6 h" after its start'))
    if isinstance(process, Dust):
        for i, episode in enumerate(process.episode):
            if not scenario.start - DAY <= episode.at.at(scenario.start) < scenario.stop:
                found.append(
                    Found(("process", name, "episode", i, "at"), "lies outside the scenario", 'write "+6 h" for six hours after its start')
                )
    if isinstance(process, River):
        found += _circles(name, process)
    return found


def _circles(name: str, river: River) -> list[Found]:
    """A gauge below itself."""
    above = {r.village: [u.village for u in r.upstream] for r in river.reach}
    found = []
    twice = [code for code, n in Counter(r.village for r in river.reach).items() if n > 1]
    for i, reach in enumerate(river.reach):
        if reach.village in twice:
            found.append(Found(("process", name, "reach", i, "village"), "has more than one reach", "put its upstream villages into one"))
        seen, todo = set[str](), list(above[reach.village])
        while todo:
            code = todo.pop()
            if code == reach.village:
                text = "the river comes back to where it began"
                found.append(Found(("process", name, "reach", i, "village"), text, "take it out of what lies upstream of it"))
                break
            if code not in seen:
                seen.add(code)
                todo += above.get(code, [])
    return found


def _nodes(scenario: Scenario, kits: Mapping[str, Kit], assigned: Mapping[str, list[Assigned]]) -> tuple[list[Node], list[Found]]:
    nodes: list[Node] = []
    found: list[Found] = []
    count: Counter[str] = Counter()
    taken: dict[str, str] = {}
    for i, place in enumerate(scenario.place):
        if place.kit not in kits:
            continue
        where = place.villages.villages()
        if not isinstance(place.nodes, int) and len(where) > 1:
            text = f"{len(place.nodes)} names for {len(where)} villages: a node's name is unique in the regency"
            found.append(Found(("place", i, "nodes"), text, "write how many each village has, such as nodes = 1, or name one village"))
            continue
        for one in where:
            names = (
                place.nodes if not isinstance(place.nodes, int) else tuple(_name(one, count[one.code] + n + 1) for n in range(place.nodes))
            )
            count[one.code] += len(names)
            for name in names:
                if name in taken:
                    text = f"node {name} is there already, in {taken[name]}"
                    found.append(Found(("place", i, "nodes"), text, "give it a name that no other node of the regency has"))
                    continue
                taken[name] = one.code
                nodes.append(_node(one, name, place.kit, kits[place.kit], assigned[place.kit]))
    return nodes, found


def _node(village: Village, name: str, kit_name: str, kit: Kit, assigned: list[Assigned]) -> Node:
    ports: dict[str, list[Device]] = {}
    for a in assigned:
        where = village if a.hears is None else find_village(a.hears)
        device = Device(where, name, a.config.name, a.port, a.every, a.config, a.sources, a.title, a.note)
        ports.setdefault(a.port, []).append(device)
    lines = tuple(Port(port, tuple(devices)) for port, devices in ports.items())
    return Node(Address(village.code, name), village, kit_name, lines, kit.visitors or "", kit.printer)


_NAMES = Counter(v.name for v in villages())


def _name(village: Village, number: int) -> str:
    """``tamansari-licin-kios-1`` where a name occurs twice in the regency, else ``kalipuro-kios-1``."""
    place = f"{village.name}-{village.kecamatan}" if _NAMES[village.name] > 1 else village.name
    return f"{re.sub(r'[^a-z0-9]+', '-', place.lower()).strip('-')}-kios-{number}"
