"""Reading what other processes commit to an engine outside this one: its answers and their log, a moment old."""

from __future__ import annotations

import threading

from kampung_contract.errors import StorageUnavailable
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import EstimateRow, TelemetryLogRow, TelemetrySeriesRow
from kampung_cloud.telemetry.engine import Engine
from kampung_cloud.telemetry.entry import Entry, decode
from kampung_cloud.telemetry.journal import Journal
from kampung_cloud.telemetry.ledger import Ledger
from kampung_cloud.telemetry.outside import NOBODY, Outside
from kampung_cloud.telemetry.standing import Standing
from kampung_cloud.telemetry.store import (
    Batch,
    Committed,
)
from kampung_cloud.telemetry.windows import Windows

AT_ONCE = 500


class _Remembering(Ledger):
    """Does not read an entry of the log twice."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._known: dict[int, Entry] = {}

    def log(self, session: Session) -> list[Entry]:
        """Every entry, oldest first."""
        ids = list(session.scalars(select(TelemetryLogRow.id).order_by(TelemetryLogRow.id)))
        fresh = [number for number in ids if number not in self._known]
        for start in range(0, len(fresh), AT_ONCE):
            query = select(TelemetryLogRow.id, TelemetryLogRow.body).where(TelemetryLogRow.id.in_(fresh[start : start + AT_ONCE]))
            self._known |= {number: decode(number, body) for number, body in session.execute(query)}
        # One may have been let go of between the two questions: then the engine has it.
        self._known = {number: self._known[number] for number in ids if number in self._known}
        return list(self._known.values())


class ReadingStore(Outside):
    """A ``TelemetryStore`` without ``commit``. ``refresh`` is called by one thread, the rest by any."""

    def __init__(self, engine: Engine, records: Records) -> None:
        """Raises ``ConfigurationError`` when the engine answers and cannot be used, ``StorageUnavailable`` without the records."""
        self._engine = engine
        self._records = records
        self._ledger = _Remembering(records)
        self._mark: tuple[object, ...] = ()
        self._checking = threading.Lock()
        self._checked = False
        self.refresh()
        try:
            self.ping()
        except StorageUnavailable:
            return  # it is asked again

    def refresh(self) -> bool:
        """Take in what was committed since; whether there was anything. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            log, series, doubts = TelemetryLogRow.id, TelemetrySeriesRow.entry, EstimateRow.received
            mark = (
                *session.execute(select(func.max(log), func.min(log), func.count(log))).one(),
                session.scalar(select(func.max(series))),
                *session.execute(select(func.max(doubts), func.count(doubts))).one(),
            )
        if mark == self._mark:
            return False
        standing = Standing(self._ledger)
        self._index = standing.index
        self._windows = Windows(self._engine, Journal(self._engine, standing.log), self._records, standing)
        self._mark = mark
        return True

    def commit(self, batch: Batch) -> Committed:
        """Not here."""
        raise StorageUnavailable("this process only reads; ingest processes commit")

    def ping(self) -> None:
        """Find out whether the engine is there."""
        with self._checking:
            if not self._checked:
                self._engine.check()
                self._checked = True
        self._engine.count(NOBODY, 0, 1)
        self._engine.on_time()

    def maintain(self, now: int) -> tuple[str, ...]:
        """Nothing to do."""
        return ()

    def close(self) -> None:
        """Give up connections."""
        self._engine.close()
