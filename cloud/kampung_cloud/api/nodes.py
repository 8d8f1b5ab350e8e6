"""Nodes and what of them is here."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from kampung_contract.times import text

from kampung_cloud import events, letters
from kampung_cloud.api.schemas import NodeOut
from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.completeness import SHOWN, Known, report
from kampung_cloud.events import Told
from kampung_cloud.health import now_ms
from kampung_cloud.telemetry.store import EpochPacks
from kampung_cloud.week import WEEK_MS, week

DAY_MS = 86_400_000

router = APIRouter(tags=["nodes"])


@router.get("/nodes", response_model=list[NodeOut])
def nodes(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Every node, whether it is there, and whether all it measured is here."""
    now = now_ms()
    readings: Counter[str] = Counter()
    estimated: Counter[str] = Counter()
    for latest in services.store.latest():
        readings[latest.key.node] += latest.readings + latest.estimates
        estimated[latest.key.node] += latest.estimates
    packs: dict[str, list[EpochPacks]] = {}
    for epoch in services.store.packs():
        packs.setdefault(epoch.node, []).append(epoch)
    rejected: dict[str, dict[str, set[int]]] = {}
    for (name, epoch_name), numbers in letters.rejected(services.records).items():
        rejected.setdefault(name, {})[epoch_name] = numbers
    told = events.told(services.records)
    this_week = services.store.counts(now - WEEK_MS, now + DAY_MS)
    out = []
    for node in services.nodes.all():
        if village not in (None, node.village):
            continue
        said = told.get(node.node, Told())
        known = Known(rejected.get(node.node, {}), said.dropped, said.salvaged, said.wrecks)
        judged = report(node, packs.get(node.node, ()), readings[node.node], known)
        out.append(
            {
                "village": node.village,
                "node": node.node,
                "state": node.shown(now),
                "since": text(node.since if node.withdrawn is None else node.withdrawn),
                "last_seen": text(node.last_seen),
                "version": node.version,
                "spooled": node.spooled,
                "clock": None if node.synchronised is None else "synchronised" if node.synchronised else "unsynchronised",
                "readings": readings[node.node],
                "estimated": estimated[node.node],
                "reused": node.reused,
                "complete": judged.complete,
                "summary": judged.summary,
                "week": asdict(week(this_week.get(node.node, 0), judged, said, now)),
                "epochs": [
                    {
                        "epoch": e.epoch,
                        "first": e.first,
                        "last": e.last,
                        "known": e.known,
                        "missing": e.missing,
                        "missing_count": e.missing_count,
                        "recorded": e.recorded[:SHOWN],
                        "recorded_count": sum(last - first + 1 for first, last in e.recorded),
                        "salvaged": e.salvaged,
                        "readings": e.readings,
                        "current": e.current,
                    }
                    for e in judged.epochs
                ],
            }
        )
    return out
