"""For whoever takes in: readings that were given for its kecamatan are committed, in turn with what arrives."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress

import structlog
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import select

from kampung_cloud.health import now_ms
from kampung_cloud.ingest.patience import Stopped
from kampung_cloud.ingest.stumbles import plainly
from kampung_cloud.leases.giving import unpacked
from kampung_cloud.pipeline import Pipeline
from kampung_cloud.records import Records
from kampung_cloud.records.given_models import GivenReadingsRow as Row
from kampung_cloud.telemetry.store import Batch, Committed

log = structlog.get_logger()

AT_ONCE = 20
LOOK_S = 1.0
UNREADABLE = "the readings cannot be unpacked; let 'kampung-cloud api' and 'kampung-cloud ingest' be of one version, and give them again"


class Given:
    """Looked for every round, with one small question."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._under_way: dict[int, _Taking] = {}

    def run(self, pipelines: Mapping[str, Pipeline]) -> None:
        """Begin with what is new, and again with what failed. ``pipelines`` by kecamatan. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            waiting = select(Row.id, Row.area).where(Row.taken.is_(None), Row.area.in_(pipelines)).order_by(Row.id).limit(AT_ONCE)
            found = {number: pipelines[area] for number, area in session.execute(waiting)}
        before, self._under_way = self._under_way, {}
        for number, pipeline in found.items():
            taking = before.get(number)
            if taking is None or taking.pipeline is not pipeline:
                taking = _Taking(number, pipeline)
            self._under_way[number] = taking
            taking.go_on()


class Rounds:
    """A thread that looks, for ``serve``: an API process may have given readings before it came, or may give them beside it."""

    def __init__(self, records: Records, pipelines: Mapping[str, Pipeline], every_s: float = LOOK_S) -> None:
        self._given, self._pipelines, self._every_s = Given(records), pipelines, every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="given", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(30)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            with suppress(StorageUnavailable):  # health tells of it
                self._given.run(self._pipelines)


class _Taking:
    """Readings under way. What is committed but could not be noted is not committed again, so that the answer counts right."""

    def __init__(self, number: int, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._number = number
        self._batch: Batch | None = None
        self._committed: Committed | None = None
        self._refused: str | None = None
        self._turn: Future[None] | None = None

    def go_on(self) -> None:
        """Begin, or begin again after a store was away."""
        if self._turn is None or self._turn.done():
            self._turn = self.pipeline.worker.between(self._take)

    def _take(self) -> None:
        """In the ingest thread. A kill between commit and note makes duplicates of readings, which change nothing."""
        if self._batch is None:
            with self.pipeline.records.session() as session:
                body = session.scalar(select(Row.body).where(Row.id == self._number, Row.taken.is_(None)))
            if body is None:
                return
            self._batch = self._unpacked(body)
        if self._committed is None:
            self._committed = self._commit(self._batch)
        with self.pipeline.records.session() as session:
            row = session.get(Row, self._number)
            if row is None or row.taken is not None:
                return
            if not row.awaited:
                session.delete(row)
                return
            row.taken, row.refused, row.body = now_ms(), self._refused, b""
            row.new, row.duplicate = self._committed.new, self._committed.duplicate

    def _unpacked(self, body: bytes) -> Batch:
        """Nothing, and refused, where another version packed it: else it would be begun again for ever, and all behind it wait."""
        try:
            return unpacked(body)
        except (ValueError, OSError):  # as msgspec and Arrow say it
            log.exception("given readings cannot be unpacked", number=self._number)
            self._refused, self._committed = UNREADABLE, Committed(0, 0)
            return Batch()

    def _commit(self, batch: Batch) -> Committed:
        try:
            return self.pipeline.worker.take_in(batch)
        except (Stopped, StorageUnavailable, OSError, MemoryError):
            raise  # not the readings' fault
        except Exception as error:  # whatever they are, they hold up nobody else's, and whoever gave them hears why
            log.exception("given readings cannot be stored", number=self._number)
            self._refused = plainly(error)
            return Committed(0, 0)
