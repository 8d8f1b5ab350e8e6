"""Who takes in for which kecamatan now, as PostgreSQL itself knows it: a lock that is not held is no lease, whatever a row says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from kampung_cloud.area import areas
from kampung_cloud.leases.board import CLASS, WHOLE
from kampung_cloud.records import Records
from kampung_cloud.records.models import LeaseRow, WorkerRow

HELD = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :c AND objsubid = 2 AND mode = 'ExclusiveLock' "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A lease: kecamatan (or ``others``), since when (ms UTC), and its token."""

    area: str
    since: int
    token: int


@dataclass(slots=True)
class Process:
    """An ingest process; times in ms UTC. ``checks`` as in health."""

    name: str
    started: int
    seen: int
    checks: dict[str, Any]
    areas: list[Held] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Roster:
    """``free`` are leases that nobody holds; ``sole``: one process takes in for all."""

    processes: list[Process]
    free: list[str]
    sole: bool = False


def roster(records: Records) -> Roster:
    """Raises ``StorageUnavailable``."""
    if not records.shared:
        return Roster([], [], sole=True)
    with records.session() as session:
        held = set(session.scalars(HELD, {"c": CLASS}))
        leases = {row.area: row for row in session.scalars(select(LeaseRow))}
        rows = list(session.scalars(select(WorkerRow).order_by(WorkerRow.name)))
    if WHOLE in held:
        return Roster([], [], sole=True)
    processes = {row.name: Process(row.name, row.started, row.seen, row.checks) for row in rows}
    free = []
    for area in areas().values():
        row = leases.get(area.code)
        if area.number not in held or row is None or row.holder is None:
            free.append(area.code)
        else:
            process = processes.setdefault(row.holder, Process(row.holder, row.since, row.since, {}))
            process.areas.append(Held(area.code, row.since, row.token))
    return Roster([p for p in processes.values() if p.areas or p.seen], free)
