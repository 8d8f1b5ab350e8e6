"""What a change of ``telemetry.url`` leaves where it was: no reading is moved, and none lost. Which packs were received comes along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from kampung_contract.errors import KampungError
from sqlalchemy import func, select

from kampung_cloud.records import Records
from kampung_cloud.records.models import TelemetryLogRow, TelemetryPacksRow, TelemetrySeriesRow
from kampung_cloud.telemetry.ledger import Ledger

log = structlog.get_logger()

HOW = "they are not shown; docs/engines.md, 'Changing the engine', says how to take them along"


def files(url: str, folder: Path) -> str | None:
    """What DuckDB holds in the data folder while another engine is named; None where there is nothing."""
    found = _found(url, folder)
    return (
        f"{found[0]} holds readings from before telemetry.url named {url.partition(':')[0]}: {HOW}, or move the file away"
        if found
        else None
    )


def series(url: str, records: Records) -> str | None:
    """What the records know of an engine outside while DuckDB is named, for a store that is empty; None where there is nothing."""
    if not url.startswith("duckdb:"):
        return None
    with records.session() as session:
        count = session.scalar(select(func.count()).select_from(TelemetrySeriesRow).where(TelemetrySeriesRow.readings > 0)) or 0
    return f"{count} series have readings in the engine that telemetry.url named before: {HOW}" if count else None


def adopt(url: str, folder: Path, records: Records) -> int:
    """Put which packs DuckDB has received into the records of an engine outside that has received none yet; how many epochs that changes.

    They were receipted, so no kiosk sends them again, and without this each would be told as lost for ever. A first start may fail at the
    new engine, and DuckDB go on for a month before the next: so what was put there before is looked at again.
    """
    found = _found(url, folder)
    if not found or _begun(records):
        return 0
    from kampung_cloud.telemetry.duckdb import DuckDBStore

    try:
        store = DuckDBStore(found[0])
        packs = store.packs()
        store.close()
    except KampungError as error:
        log.warning("which packs were received before is not known", file=str(found[0]), detail=error.message)
        return 0
    rows: list[dict[str, Any]] = [
        {"node": e.node, "epoch": e.epoch, "ranges": [list(r) for r in e.ranges], "readings": e.readings, "place": place, "entry": 0}
        for place, e in enumerate(packs)
    ]
    ledger = Ledger(records)
    with records.session() as session:
        known = {(row.node, row.epoch): row.ranges for row in ledger.packs(session)}
        rows = [row for row in rows if known.get((row["node"], row["epoch"])) != row["ranges"]]
        ledger.fold(session, [], rows, [])
    if rows:
        log.info("which packs were received before is taken over", file=str(found[0]), epochs=len(rows))
    return len(rows)


def _found(url: str, folder: Path) -> list[Path]:
    outside = url.partition(":")[0] not in ("duckdb", "memory")
    return sorted(folder.glob("*.duckdb")) if outside else []


def _begun(records: Records) -> bool:
    own = select(TelemetryPacksRow).where(TelemetryPacksRow.entry > 0)
    with records.session() as session:
        return any(session.scalar(each.limit(1)) is not None for each in (select(TelemetryLogRow), select(TelemetrySeriesRow), own))
