"""Who takes in for which kecamatan."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from kampung_contract.times import text
from pydantic import BaseModel

from kampung_cloud.api.services import ServicesDep
from kampung_cloud.area import title
from kampung_cloud.health import now_ms
from kampung_cloud.leases.roster import roster

router = APIRouter(tags=["system"])


class LeaseOut(BaseModel):
    """A kecamatan (or ``others``: topics of none), held since; ``token`` rises with every change of hands."""

    area: str
    name: str
    since: str
    token: int


class WorkerOut(BaseModel):
    """An ingest process; ``age_s`` is how long ago it last described itself. ``checks`` holds what works and what does not."""

    name: str
    started: str
    age_s: float
    leases: list[LeaseOut]
    checks: dict[str, Any]


class WorkersOut(BaseModel):
    """``sole``: one process takes in for the whole regency. ``free``: kecamatan that nobody takes in for at this moment."""

    sole: bool
    workers: list[WorkerOut]
    free: list[str]


@router.get("/workers", response_model=WorkersOut)
def workers(services: ServicesDep) -> dict[str, Any]:
    """Ingest processes and their leases."""
    found, now = roster(services.records), now_ms()
    return {
        "sole": found.sole,
        "free": found.free,
        "workers": [
            {
                "name": p.name,
                "started": text(p.started),
                "age_s": max(0, now - p.seen) / 1000,
                "leases": [{"area": h.area, "name": title(h.area), "since": text(h.since), "token": h.token} for h in p.areas],
                "checks": p.checks,
            }
            for p in found.processes
        ],
    }
