"""A run's ledger against the regency."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from kampung_contract.conditions import Silence
from kampung_contract.errors import ConfigurationError
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.times import milliseconds

from kampung_sim.fleet.ledger import read_run, read_stream
from kampung_sim.scenario.faults.catalogue import KINDS, Layer
from kampung_sim.score.alarms import Alarms, Faults
from kampung_sim.score.cloud import Cloud
from kampung_sim.score.compare import Account, Frames, Held, Sent

WIRE_SLACK_S, LOST_S, BACK_S = 2, 3, 15
"""True seconds: from a frame to its stamp; before a power cut without a commit (an edge promises 1); until a kiosk is there again."""
CHANGES = {Layer.VALUE, Layer.FRAME, Layer.PORT, Layer.CLOCK, Layer.NODE}
"""Faults that change or take away what a device tells."""
AT_ONCE = 4
SETTLE_S = 3.0
T = TypeVar("T")
LATE_S = 60.0
"""A fresh reading that takes longer to be receipted, with nothing in its way, is late."""


@dataclass(frozen=True)
class Score:
    """``arrival``: seconds from a pack's making to its receipt. ``explained_late`` had a fault of link, node or broker in their way."""

    scenario: str
    seed: int
    nodes: int
    series: int
    readings: Account
    alarms: Alarms
    arrival: dict[str, float | None]
    late: int
    explained_late: int
    quality: dict[str, int]
    advice: str
    residents: dict[str, Any] | None = None
    """``kampung_sim.wire.residents.Service``, where kiosks were real."""

    @property
    def good(self) -> bool:
        """Nothing is unexplained."""
        return not (self.readings.unexplained or self.alarms.missed or self.alarms.invented or (self.residents or {}).get("errors"))

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **{
                n: getattr(self, n)
                for n in ("scenario", "seed", "nodes", "series", "arrival", "late", "explained_late", "quality", "advice", "residents")
            },
            "readings": self.readings.shown(),
            "alarms": self.alarms.shown(),
            "good": self.good,
        }


@dataclass(frozen=True)
class _Series:
    """Everything of one series in the ledger; rows in order of time."""

    node: str
    name: str
    sent: Sent
    true_t: np.ndarray
    true_v: np.ndarray

    @property
    def id(self) -> str:
        """As the regency calls it."""
        return f"{self.node}.{self.name.replace('/', '.')}"


def score(folder: Path, cloud: Cloud, progress: Callable[[int, int], None] = lambda *_: None) -> Score:
    """Compare. Raises ``ConfigurationError`` when the ledger is not there or the regency does not answer."""
    run = read_run(folder)
    packs = list(_packs(folder))
    waiting: dict[str, set[int]] = defaultdict(set)
    refused: dict[str, set[int]] = defaultdict(set)
    settled = {(p["node"], p["seq"]) for p in packs if not math.isnan(p["receipted"])}
    for pack in packs:
        if pack["rejected"]:
            refused[pack["node"]].add(pack["seq"])
    series = list(_by_series(folder))
    for one in series:
        waiting[one.node] |= {s for s in set(one.sent.seq.tolist()) if (one.node, s) not in settled}
    rules = _rules(cloud, run)
    raised = _settled(cloud, lambda: _raised(cloud, run))
    account, alarms, quality = Account(), Alarms(), defaultdict[str, int](int)
    slack = WIRE_SLACK_S * 1000 * round(run["pace"]) if run["depth"] == "wire" else 0
    for number, (one, held) in enumerate(_held(series, cloud, slack)):
        progress(number, len(series))
        name = one.id
        if run["depth"] == "wire":
            account.add_wire(name, one.sent, held, _frames(run, one))
        else:
            account.add(name, one.sent, held, waiting[one.node], refused[one.node])
        for flag, count in zip(*np.unique(one.sent.q, return_counts=True), strict=True):
            quality[str(flag)] += int(count)
        device, _, quantity = one.name.partition("/")
        for rule in rules:
            if rule.concerns(run["nodes"][one.node]["village"], one.node, device, quantity):
                sent = zip(one.sent.t.tolist(), one.sent.v.tolist(), one.sent.q.tolist(), strict=True)
                order = np.argsort(one.true_t, kind="stable")
                truth = zip(one.true_t[order].tolist(), one.true_v[order].tolist(), [1] * len(order), strict=True)
                alarms.add(name, rule, sent, truth, raised.get((rule.id, name), []), _faults(run, one.node, device))
    progress(len(series), len(series))
    took = np.array(sorted(p["receipted"] - p["made"] for p in packs if not math.isnan(p["receipted"]) and p["lane"] == "live"))
    slow = [p for p in packs if p["lane"] == "live" and p["receipted"] - p["made"] > LATE_S]
    explained = sum(_hindered(run, p) for p in slow)
    return Score(
        run["scenario"],
        run["seed"],
        len(run["nodes"]),
        len(series),
        account,
        alarms,
        {name: round(float(np.quantile(took, q)), 3) if took.size else None for name, q in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))},
        len(slow) - explained,
        explained,
        dict(quality),
        "the regency gives no advice yet: nothing to compare",
        run.get("residents"),
    )


def _held(series: list[_Series], cloud: Cloud, slack: int) -> Iterator[tuple[_Series, Held]]:
    """Each with what the regency holds of it; several are asked for at once, few enough to leave it room for others."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for some in _portions(series, 16 * AT_ONCE):
            yield from zip(some, pool.map(lambda one: cloud.readings(one.id, one.sent.t, slack), some), strict=True)


def _portions(series: list[_Series], size: int) -> Iterator[list[_Series]]:
    """In portions, so that whoever stops waits for one at most."""
    return (series[i : i + size] for i in range(0, len(series), size))


def _frames(run: dict[str, Any], one: _Series) -> Frames:
    every, polled = run["every"][f"{one.node}\t{one.name.partition('/')[0]}"]
    second = round(1000 * run["pace"])
    dead = [(begin, end) for begin, end, node in run.get("dead", []) if node == one.node]
    return Frames(every, polled, max(1_000, WIRE_SLACK_S * second), LOST_S * second, BACK_S * second, dead)


def _by_series(folder: Path) -> Iterator[_Series]:
    parts: dict[tuple[str, str], list[tuple[np.ndarray, ...]]] = defaultdict(list)
    for batch in read_stream(folder / "readings.arrows"):
        columns = {n: batch.column(n).to_numpy(zero_copy_only=False) for n in batch.schema.names}
        names = np.char.add(np.char.add(columns["node"].astype(str), "\t"), columns["series"].astype(str))
        found, inverse = np.unique(names, return_inverse=True)
        order = np.argsort(inverse, kind="stable")  # one sort a batch: a batch of a regency holds tens of thousands of series
        cuts = np.searchsorted(inverse[order], np.arange(1, len(found)))
        split = [np.split(columns[c][order], cuts) for c in ("seq", "t", "v", "q", "true_t", "true_v")]
        for name, *own in zip(found.tolist(), *split, strict=True):
            node, _, series = name.partition("\t")
            parts[node, series].append(tuple(own))
    if not parts:
        raise ConfigurationError(f"{folder}: the ledger holds no reading; let the run go on for longer than a reading takes")
    for (node, series), pieces in sorted(parts.items()):
        seq, t, v, q, true_t, true_v = (np.concatenate(c) for c in zip(*pieces, strict=True))
        order = np.argsort(t, kind="stable")
        yield _Series(node, series, Sent(seq[order], t[order], v[order], q[order]), true_t, true_v)


def _packs(folder: Path) -> Iterator[dict[str, Any]]:
    for batch in read_stream(folder / "packs.arrows"):
        yield from batch.to_pylist()


def _rules(cloud: Cloud, run: dict[str, Any]) -> list[Rule]:
    villages = {n["village"] for n in run["nodes"].values()}
    rules = [parse_rule(r) for r in cloud.ask("rules") if r["village"] in villages]
    return [r for r in rules if r.single and not isinstance(r.when, Silence)]


def _settled(cloud: Cloud, ask: Callable[[], T]) -> T:
    """The answer once the regency has nothing left to count and it no longer changes: alarms that late readings move come later."""
    answer = ask()
    while True:
        time.sleep(SETTLE_S)
        idle = not cloud.figure("kampung_ingest_queue") and not cloud.figure("kampung_alarms_waiting")
        before, answer = answer, ask()
        if idle and answer == before:
            return answer


def _raised(cloud: Cloud, run: dict[str, Any]) -> dict[tuple[str, str], list[int]]:
    """By rule and series, when alarms began within the run's time."""
    out: dict[tuple[str, str], list[int]] = defaultdict(list)
    for village in sorted({n["village"] for n in run["nodes"].values()}):
        for alarm in cloud.alarms(village, run["start"], run["stop"] + 1):
            out[alarm["rule"], alarm["series"]].append(milliseconds(alarm["since"]))
    return out


def _faults(run: dict[str, Any], node: str, device: str) -> Faults:
    """What the run's calendar and its keys did to a device, by ``kind`` and ``node/device`` or ``node/port``."""
    port = next((p for p, names in run["nodes"][node].get("ports", {}).items() if device in names), "")
    here = {node, f"{node}/{device}", f"{node}/{port}"}
    mine = [(begin, end, kind) for begin, end, kind, what in run.get("faults", []) if what in here and KINDS[kind].layer in CHANGES]

    def between(begin: int, end: int) -> list[str]:
        return list(dict.fromkeys(KINDS[kind].words for b, e, kind in mine if b < end and begin <= e))

    return between


def _hindered(run: dict[str, Any], pack: dict[str, Any]) -> bool:
    """Whether a fault of link, node or broker lay between the pack's making and its receipt."""
    made, receipted = pack["made"], pack["receipted"]
    return any(what in ("", pack["node"]) and begin <= receipted and end + LATE_S >= made for begin, end, what in run.get("hindrances", []))
