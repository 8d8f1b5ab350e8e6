"""From one process to several: what ``serve`` has written for all villages together is given to their kecamatan."""

from __future__ import annotations

import time
from collections.abc import Callable

from kampung_contract.errors import StorageUnavailable
from sqlalchemy import func, select, text

from kampung_cloud.config import CloudConfig
from kampung_cloud.health import now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.models import TelemetryLogRow
from kampung_cloud.telemetry import open_store

LOOK_S = 0.5
TABLES = ("telemetry_packs", "telemetry_estimates", "telemetry_corrections")
KNOWN = ("SELECT node, village FROM nodes", "SELECT DISTINCT node, village FROM telemetry_series")


def divide(config: CloudConfig, records: Records, stopping: Callable[[], bool]) -> None:
    """Called by whoever has all records to himself. Raises ``StorageUnavailable``."""
    if _open(records):
        store = open_store(config.telemetry.url, config.data, None, records)
        try:
            while _open(records):
                if stopping():
                    raise StorageUnavailable("stopped while the telemetry log was divided")
                store.maintain(now_ms())
                time.sleep(LOOK_S)
        finally:
            store.close()
    with records.session() as session:
        for table in TABLES:
            for known in KNOWN:
                session.execute(
                    text(f"UPDATE {table} AS t SET share = left(k.village, 8) FROM ({known}) AS k WHERE t.node = k.node AND t.share = ''")  # noqa: S608
                )


def _open(records: Records) -> int:
    with records.session() as session:
        return session.scalar(select(func.count()).select_from(TelemetryLogRow).where(TelemetryLogRow.share == "")) or 0
