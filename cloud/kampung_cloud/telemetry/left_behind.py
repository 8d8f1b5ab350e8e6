"""Readings that a change of ``telemetry.url`` has left where they were: nothing is moved, and nothing lost."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from kampung_cloud.records import Records
from kampung_cloud.records.models import TelemetrySeriesRow

HOW = "they are not shown; docs/engines.md, 'Changing the engine', says how to take them along"


def files(url: str, folder: Path) -> str | None:
    """What DuckDB holds in the data folder while another engine is named; None where there is nothing."""
    engine = url.partition(":")[0]
    found = sorted(folder.glob("*.duckdb")) if engine not in ("duckdb", "memory") else []
    return f"{found[0]} holds readings from before telemetry.url named {engine}: {HOW}, or move the file away" if found else None


def series(url: str, records: Records) -> str | None:
    """What the records know of an engine outside while DuckDB is named, for a store that is empty; None where there is nothing."""
    if not url.startswith("duckdb:"):
        return None
    with records.session() as session:
        count = session.scalar(select(func.count()).select_from(TelemetrySeriesRow).where(TelemetrySeriesRow.readings > 0)) or 0
    return f"{count} series have readings in the engine that telemetry.url named before: {HOW}" if count else None
