"""What alarm rules cost: 10,000 rules over 5,000 series, readings in order, through the track that edge and cloud use.

The peer is the least that any program has to do, in the same run: one dictionary look-up and two comparisons a rule.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from kampung_contract.conditions import Leaf
from kampung_contract.machine import Row
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.track import Track

from benchmarks.result import Result

SERIES, ROUNDS, MINUTE = 5_000, 40, 60_000
BEGIN = 1_795_280_400_000


def _rules(series: str) -> tuple[Rule, Rule]:
    """A mark held for ten minutes, and a rise within half an hour."""
    node, device, quantity = series.split(".")
    base: dict[str, Any] = {"village": "35.10.24.2008", "severity": 2, "title": {"id": "x"}, "message": {"id": "x"}, "source": "benchmark"}
    leaf = {"quantity": quantity, "unit": "m", "node": node, "device": device}
    mark = {"type": "threshold", **leaf, "threshold": 1.5, "clear": 1.4}
    rise = {"type": "rise", **leaf, "change": 0.3, "within": "30m", "clear": 0.1}
    return (
        parse_rule({**base, "id": f"{series}-tinggi", "when": mark, "for": "10m", "clear_for": "2h"}),
        parse_rule({**base, "id": f"{series}-naik", "when": rise, "clear_for": "2h"}),
    )


def _matches(_leaf: Leaf, _source: str) -> bool:
    return True


def _value(series: int, turn: int) -> float:
    return 1.0 + 0.7 * ((series * 7 + turn * 3) % 101) / 101 if series % 50 == 0 else 1.0 + (series + turn) % 10 / 100


def run() -> Iterator[Result]:
    """Microseconds a reading and rule; readings a second with two rules each."""
    names = [f"kios-{i // 20}.kali-{i % 20}.water_level" for i in range(SERIES)]
    tracks = {name: [Track(rule, _matches, lambda *_: ()) for rule in _rules(name)] for name in names}
    marks = dict.fromkeys(names, ((1.5, 1.4), (1.5, 1.4)))
    ours = plain = 0.0
    alarms = naive = 0
    for turn in range(ROUNDS):
        t = BEGIN + turn * MINUTE
        rows = [Row(t, name, _value(i, turn), 1) for i, name in enumerate(names)]
        began = time.perf_counter()
        for row in rows:
            for track in tracks[row.source]:
                alarms += len(track.take((row,)))
        ours += time.perf_counter() - began
        began = time.perf_counter()
        for row in rows:
            for high, low in marks[row.source]:
                naive += row.value >= high
                naive += row.value <= low
        plain += time.perf_counter() - began
    evaluations = SERIES * ROUNDS * 2
    cost = ours / evaluations * 1e6
    assert alarms > 0
    assert naive > 0
    yield Result("alarm_rules", cost, "us", ours / plain, "two comparisons", evaluations)
    yield Result("alarm_rules_readings", SERIES * ROUNDS / ours, "readings/s", None, None, SERIES * ROUNDS)
