"""Nodes and what of them is here."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter
from kampung_contract.times import text

from kampung_cloud import events, letters
from kampung_cloud.api.schemas import NodeOut
from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.completeness import Known, report
from kampung_cloud.health import now_ms
from kampung_cloud.telemetry.store import EpochPacks

router = APIRouter(tags=["nodes"])


@router.get("/nodes", response_model=list[NodeOut])
def nodes(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Every node, whether it is there, and whether all it measured is here."""
    now = now_ms()
    readings: Counter[str] = Counter()
    for latest in services.store.latest():
        readings[latest.key.node] += latest.readings
    packs: dict[str, list[EpochPacks]] = {}
    for epoch in services.store.packs():
        packs.setdefault(epoch.node, []).append(epoch)
    rejected: dict[str, dict[str, set[int]]] = {}
    for (name, epoch_name), numbers in letters.rejected(services.records).items():
        rejected.setdefault(name, {})[epoch_name] = numbers
    dropped: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for (name, epoch_name), ranges in events.gaps(services.records).items():
        dropped.setdefault(name, {})[epoch_name] = ranges
    out = []
    for node in services.nodes.all():
        if village not in (None, node.village):
            continue
        judged = report(node, packs.get(node.node, ()), readings[node.node], Known(rejected.get(node.node, {}), dropped.get(node.node, {})))
        out.append(
            {
                "village": node.village,
                "node": node.node,
                "state": node.shown(now),
                "since": text(node.since),
                "last_seen": text(node.last_seen),
                "version": node.version,
                "spooled": node.spooled,
                "clock": None if node.synchronised is None else "synchronised" if node.synchronised else "unsynchronised",
                "readings": readings[node.node],
                "complete": judged.complete,
                "summary": judged.summary,
                "epochs": [
                    {
                        "epoch": e.epoch,
                        "first": e.first,
                        "last": e.last,
                        "known": e.known,
                        "missing": e.missing,
                        "missing_count": e.missing_count,
                        "readings": e.readings,
                        "current": e.current,
                    }
                    for e in judged.epochs
                ],
            }
        )
    return out
