"""The calendar of faults: each onto its targets, at its times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TypeVar

from kampung_contract.times import text

from kampung_sim.scenario.faults.catalogue import KINDS, Layer, contradict
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.mistake import Path, nearest
from kampung_sim.scenario.model import FaultEntry, Scenario
from kampung_sim.scenario.plan import Device, Node, Port, Target
from kampung_sim.scenario.times import say

T = TypeVar("T")
OF_DEVICES = (Layer.VALUE, Layer.FRAME)
MOST = 20_000
"""Times one fault may come back."""


class Calendar:
    """``mistakes``: path, message, remedy. ``keys``: key to the fault's number; ``aims``: its number to what it happens to."""

    def __init__(self, scenario: Scenario, nodes: Sequence[Node]) -> None:
        self._scenario, self._nodes = scenario, nodes
        self.mistakes: list[tuple[Path, str, str]] = []
        self.keys: dict[str, int] = {}
        self.aims: dict[int, tuple[Target, ...]] = {}
        self._effects: dict[Target, list[Effect]] = {}
        for number, entry in enumerate(scenario.fault):
            self._add(number, entry)
        self._contradictions()

    @property
    def broker(self) -> tuple[Effect, ...]:
        """Those of the broker."""
        return tuple(sorted(self._effects.get(("", "", ""), []), key=_order))

    def nodes(self) -> tuple[Node, ...]:
        """The same nodes, with their faults."""
        return tuple(self._node(n) for n in self._nodes) if self._effects else tuple(self._nodes)

    def _node(self, node: Node) -> Node:
        def of(port: str = "", device: str = "") -> tuple[Effect, ...]:
            return tuple(sorted(self._effects.get((node.name, port, device), []), key=_order))

        def device(d: Device) -> Device:
            effects = sorted([*of(device=d.name), *of(port=d.port)], key=_order)
            return replace(d, effects=tuple(effects)) if effects else d

        unplugged = {p.name: of(port=p.name) for p in node.ports if of(port=p.name)}
        ports = tuple(Port(p.name, tuple(device(d) for d in p.devices)) for p in node.ports)
        return replace(node, ports=ports, effects=of(), unplugged=unplugged)

    def _add(self, number: int, entry: FaultEntry) -> None:
        base: Path = ("fault", number)
        kind, before = KINDS[entry.kind], len(self.mistakes)
        for name, value in entry.parameters.items():
            allowed = kind.parameters.get(name)
            if allowed is None:
                known = nearest(name, kind.parameters) if kind.parameters else "it has none: remove it"
                self._say((*base, "with", name), f"{kind.name} has no such parameter", known)
            elif not allowed.low <= value <= allowed.high:
                self._say((*base, "with", name), f"outside {allowed.low:g} to {allowed.high:g} {allowed.unit}", "write a value within it")
        if entry.at is None and entry.key is None:
            self._say(base, "has neither a time nor a key", 'add at = "+6 h" (after the start), or key = "d"')
        if entry.key is not None and self.keys.setdefault(entry.key, number) != number:
            self._say((*base, "key"), f"fault[{self.keys[entry.key]}] has this key", "choose another")
        targets = self._targets(base, entry)
        if entry.key is not None:
            self.aims[number] = tuple(targets)
        if entry.at is not None and len(self.mistakes) == before:
            for effect in self._times(base, number, entry):
                for target in targets:
                    self._effects.setdefault(target, []).append(effect)

    def _times(self, base: Path, number: int, entry: FaultEntry) -> list[Effect]:
        start, stop = self._scenario.start, self._scenario.stop
        assert entry.at is not None
        begin, kind = entry.at.at(start), KINDS[entry.kind]
        if not start <= begin < stop:
            self._say((*base, "at"), f"lies outside the scenario, {text(start)} to {text(stop)}", 'write a time within it, or "+6 h"')
            return []
        lasts = entry.lasts if entry.lasts is not None else kind.lasts
        if entry.lasts is not None and begin + entry.lasts > stop:
            self._say((*base, "for"), f"ends {say(begin + entry.lasts - stop)} after the scenario", "shorten it, or lengthen duration")
            return []
        out: list[Effect] = []
        while begin < stop and len(out) < MOST:
            end = stop if lasts is None else min(begin + lasts, stop)
            out.append(Effect(kind.name, begin, end, number, dict(entry.parameters), tuple(entry.quantities)))
            if entry.repeat is None:
                break
            if entry.repeat <= (lasts or 0) or lasts is None:
                self._say(
                    (*base, "repeat"), "comes back before it is over", f"write more than {say(lasts) if lasts else 'its duration: add for'}"
                )
                return []
            begin += entry.repeat
        return out

    def _targets(self, base: Path, entry: FaultEntry) -> list[Target]:
        layer = KINDS[entry.kind].layer
        for key, given, fits in (
            ("villages", entry.villages, layer is not Layer.BROKER),
            ("nodes", entry.nodes, layer is not Layer.BROKER),
            ("devices", entry.devices, layer in (*OF_DEVICES, Layer.PORT)),
            ("quantities", entry.quantities, layer is Layer.VALUE),
        ):
            if given and not fits:
                self._say((*base, key), f"{entry.kind} happens to the {_whom(layer)}, not to {key}", "remove it")
                return []
        if layer is Layer.BROKER:
            return [("", "", "")]
        here = [n for n in self._nodes if entry.villages is None or entry.villages.holds(n.village)]
        if not here and entry.villages is not None:
            names = sorted({n.village.code for n in self._nodes})
            self._say(
                (*base, "villages"),
                "no node of the scenario stands there",
                f"it has {', '.join(names[:6])}{' …' if len(names) > 6 else ''}",
            )
            return []
        chosen = self._chosen((*base, "nodes"), entry.nodes, here, lambda n: n.name)
        if layer not in (*OF_DEVICES, Layer.PORT):
            return [(n.name, "", "") for n in chosen]
        devices = self._chosen((*base, "devices"), entry.devices, [d for n in chosen for d in n.devices], lambda d: d.name)
        if layer is Layer.PORT:
            return sorted({(d.node, d.port, "") for d in devices})
        known = {q for d in devices for q in d.sources}
        for i, quantity in enumerate(entry.quantities):
            if devices and quantity not in known:
                self._say((*base, "quantities", i), "none of these devices measures it", nearest(quantity, sorted(known)))
        wanted = set(entry.quantities)
        return [(d.node, "", d.name) for d in devices if not wanted or wanted & d.sources.keys()]

    def _chosen(self, path: Path, patterns: Sequence[str], of: Sequence[T], name: Callable[[T], str]) -> list[T]:
        """Those that fit one of the patterns; all when there is none."""
        if not patterns:
            return list(of)
        for i, pattern in enumerate(patterns):
            if of and not any(fnmatchcase(name(one), pattern) for one in of):
                self._say(
                    (*path, i),
                    f"there is no {str(path[-1]).removesuffix('s')} {pattern!r}",
                    nearest(pattern, sorted({name(o) for o in of})),
                )
        return [one for one in of if any(fnmatchcase(name(one), p) for p in patterns)]

    def _contradictions(self) -> None:
        """Told once for each pair of faults, at the one written later."""
        told: set[tuple[int, int]] = set()
        for target, effects in self._effects.items():
            ordered = sorted(effects, key=_order)
            for i, one in enumerate(ordered):
                for other in ordered[i + 1 :]:
                    if other.begin >= one.end:
                        break
                    pair = (min(one.number, other.number), max(one.number, other.number))
                    shared = not one.quantities or not other.quantities or set(one.quantities) & set(other.quantities)
                    if pair[0] == pair[1] or pair in told or not shared or not contradict(one.kind, other.kind):
                        continue
                    told.add(pair)
                    where = "/".join(filter(None, target)) or "the broker"
                    text = (
                        f"{self._scenario.fault[pair[1]].kind} overlaps fault[{pair[0]}] ({self._scenario.fault[pair[0]].kind}) on {where}"
                    )
                    self._say(("fault", pair[1]), text, "only one of them can be in force: move it, or name other devices or quantities")

    def _say(self, path: Path, message: str, remedy: str) -> None:
        self.mistakes.append((path, message, remedy))


def _order(effect: Effect) -> tuple[int, int, int]:
    return effect.begin, effect.end, effect.number


def _whom(layer: Layer) -> str:
    return {Layer.BROKER: "broker", Layer.CLOCK: "edge's clock", Layer.LINK: "edge's link", Layer.PORT: "line"}.get(layer, "edge")
