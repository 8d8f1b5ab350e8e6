"""What an engine outside this process cannot keep itself, in the records: a log of what it may still lose, and where every series stands.

The state (newest reading and count of each series, packs of each epoch) is written behind the log, up to an entry that each row names; when
a store is opened, what the log holds beyond that is counted again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import TelemetryLogRow, TelemetryPacksRow, TelemetrySeriesRow
from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.entry import Entry, decode, encode
from kampung_cloud.telemetry.store import PackId, SeriesKey

AT_ONCE = 500


class Ledger:
    """Reads and writes the tables; remembers nothing.

    With a ``share`` (a kecamatan's code, 35.10.24) only what belongs to its villages: others belong to other processes.
    """

    def __init__(self, records: Records, share: str | None = None) -> None:
        self.records = records
        self.share = share

    def series(self, session: Session) -> list[TelemetrySeriesRow]:
        """Every series."""
        query = select(TelemetrySeriesRow)
        if self.share is not None:
            query = query.where(TelemetrySeriesRow.village.like(f"{self.share}.%"))
        return list(session.scalars(query))

    def packs(self, session: Session) -> list[TelemetryPacksRow]:
        """Every epoch, oldest first."""
        query = select(TelemetryPacksRow).order_by(TelemetryPacksRow.place)
        if self.share is not None:
            query = query.where(TelemetryPacksRow.share == self.share)
        return list(session.scalars(query))

    def log(self, session: Session) -> list[Entry]:
        """Every entry, oldest first."""
        query = select(TelemetryLogRow.id, TelemetryLogRow.body).order_by(TelemetryLogRow.id)
        if self.share is not None:
            query = query.where(TelemetryLogRow.share == self.share)
        rows = session.execute(query)
        return [decode(id, body) for id, body in rows]  # noqa: A001 - the column's name

    def append(self, session: Session, keys: list[SeriesKey], points: Points, packs: list[PackId]) -> Entry:
        """Put a commit into the log."""
        row = TelemetryLogRow(share=self.share or "", body=encode(keys, points, packs))
        session.add(row)
        session.flush()
        return Entry(row.id, keys, points, packs)

    def fold(self, session: Session, series: list[dict[str, Any]], packs: list[dict[str, Any]], settled: Iterable[int]) -> None:
        """Write down where series and epochs stand now, and forget the entries that the engine has on disk."""
        self._put(session, TelemetrySeriesRow, ["id"], series)
        self._put(session, TelemetryPacksRow, ["node", "epoch", "share"], [{**row, "share": self.share or ""} for row in packs])
        ids = list(settled)
        for start in range(0, len(ids), AT_ONCE):
            session.execute(delete(TelemetryLogRow).where(TelemetryLogRow.id.in_(ids[start : start + AT_ONCE])))

    @staticmethod
    def _put(session: Session, table: type[Any], key: list[str], rows: list[dict[str, Any]]) -> None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        for start in range(0, len(rows), AT_ONCE):
            piece = rows[start : start + AT_ONCE]
            statement = insert(table).values(piece)
            changed = {name: statement.excluded[name] for name in piece[0] if name not in key}
            session.execute(statement.on_conflict_do_update(index_elements=table.__table__.primary_key, set_=changed))
