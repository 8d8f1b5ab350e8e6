"""An ingest process: holds its fair share of the leases, and runs a pipeline for each."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType
from typing import Any

import structlog
from kampung_contract.backoff import Backoff
from kampung_contract.errors import ConfigurationError, KampungError, StorageUnavailable
from sqlalchemy import delete

from kampung_cloud.area import areas
from kampung_cloud.bus import Bus
from kampung_cloud.config import CloudConfig
from kampung_cloud.engine_address import shown
from kampung_cloud.health import Health, now_ms
from kampung_cloud.ingest.patience import RETRY_S
from kampung_cloud.leases.board import Board, fair
from kampung_cloud.leases.divide import divide
from kampung_cloud.leases.errands import Errands
from kampung_cloud.leases.lease import FencedRecords, Lease
from kampung_cloud.metrics import Metrics
from kampung_cloud.pipeline import Pipeline
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import WorkerRow
from kampung_cloud.watchdog import Watchdog

log = structlog.get_logger()

LOOK_S = 0.5
TOLD_MS = 2_000
FORGOTTEN_MS = 24 * 3_600_000
HANDS = 8
"""Pipelines that are started or stopped at a time."""
PART = 8
"""A pipeline may use this part of the memory that a single process would."""


@dataclass(frozen=True, slots=True)
class Share:
    """A lease, and the pipeline that runs under it."""

    lease: Lease
    pipeline: Pipeline


class Holder:
    """``run`` until a signal, or ``stop`` from another thread. Raises ``ConfigurationError`` for stores that several cannot share."""

    def __init__(self, config: CloudConfig, metrics_port: int | None = None) -> None:
        if not config.records.url.startswith("postgresql"):
            raise ConfigurationError(
                f"records.url = {shown(config.records.url)!r}: ingest beside others needs postgresql://…; "
                "'kampung-cloud serve' does with SQLite"
            )
        if config.telemetry.url.partition(":")[0] in ("duckdb", "memory"):
            raise ConfigurationError(
                f"telemetry.url = {shown(config.telemetry.url)!r}: one process only; "
                "several need victoriametrics: or influxdb: (docs/engines.md)"
            )
        whole = config.ingest
        part = whole.model_copy(update={"queue_bytes": max(2 * 1024**2, whole.queue_bytes // PART)})
        self.config = config.model_copy(update={"ingest": part})
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self.health, self.metrics, self._metrics_port = Health(), Metrics(), metrics_port
        self._shares: dict[str, Share] = {}
        self._stop = threading.Event()
        self._started = now_ms()
        self._next_word = 0
        self._joined = False

    def stop(self) -> None:
        """End ``run``."""
        self._stop.set()

    def run(self, *, signals: bool = True) -> None:
        """Hold leases, and take in for them."""
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
        self.metrics.watch(self._waiting, self._online, self._uncounted)
        self.metrics.tell(self.checks)
        with self.metrics.served(self._metrics_port):
            self._run()

    def _run(self) -> None:
        records = self._open()
        if records is None:
            return
        board, watchdog = Board(self.config.records.url, self.name), Watchdog()
        errands = Errands(records)
        watchdog.ready()
        log.info("ingest is up", worker=self.name)
        try:
            while not self._stop.wait(LOOK_S):
                self._look(board, records)
                errands.run({code: share.pipeline for code, share in self._shares.items()})
                self._tell(records)
                watchdog.alive(lambda: max((s.pipeline.worker.idle for s in self._shares.values()), default=0.0))
        finally:
            watchdog.stopping()
            self._end(board, list(self._shares.values()))
            with contextlib.suppress(StorageUnavailable), records.session() as session:
                session.execute(delete(WorkerRow).where(WorkerRow.name == self.name))
            board.close()
            records.close()
            log.info("ingest is down", worker=self.name)

    def _open(self) -> Records | None:
        backoff = Backoff(*RETRY_S)
        while True:
            try:
                return open_records(self.config.records.url, self.config.data)
            except StorageUnavailable as error:
                self.health.set("records", False, error.message)
            if self._stop.wait(backoff.pause()):
                return None

    def _look(self, board: Board, records: Records) -> None:
        """One round: what is lost ends, what is too much is given up, what is free and due is taken."""
        self._end(board, [s for s in self._shares.values() if s.lease.lost.is_set()])
        try:
            if not board.connected:
                self._joined = False
                board.connect()
            if not self._joined and not self._join(board, records):
                return
            self.health.set("leases", True, f"{len(self._shares)} of {len(areas())} held")
            if board.members:
                due = fair(list(areas()), board.members)
                held = sorted(self._shares.values(), key=lambda s: s.lease.area.code)
                self._end(board, held[due:])
                self._take(board, records, due - len(self._shares))
        except StorageUnavailable as error:
            self.health.set("leases", False, error.message)

    def _join(self, board: Board, records: Records) -> bool:
        """Be one of those who take in; the first sees to what was left by ``serve``."""
        if board.whole(shared=False):
            try:
                divide(self.config, records, self._stop.is_set)
                board.whole(shared=True)
            finally:
                board.leave_whole()
        elif not board.whole(shared=True):
            self.health.set("leases", False, "'kampung-cloud serve' takes in with these records; leases are given out once it has ended")
            return False
        self._joined = True
        return True

    def _take(self, board: Board, records: Records, count: int) -> None:
        free = [a for code, a in areas().items() if a.code not in self._shares]
        # Processes that start together do not all ask for the same ones first.
        start = hash(self.name) % max(len(free), 1)
        leases: list[Lease] = []
        for area in free[start:] + free[:start]:
            if len(leases) >= count:
                break
            if (lease := board.take(area)) is not None:
                leases.append(lease)
        if leases:
            with ThreadPoolExecutor(HANDS) as hands:
                shares = [s for s in hands.map(lambda lease: self._start(board, records, lease), leases) if s is not None]
            self._shares |= {s.lease.area.code: s for s in shares}
            log.info("leases taken", worker=self.name, areas=[s.lease.area.code for s in shares])

    def _start(self, board: Board, records: Records, lease: Lease) -> Share | None:
        try:
            fenced = FencedRecords(records, lease)
            pipeline = Pipeline(self.config, fenced, Bus(), Health(), self.metrics, area=lease.area, lost=lease.lost)
        except KampungError as error:
            self.health.set("start", False, f"{lease.area.code}: {error.message}")
            with contextlib.suppress(StorageUnavailable):
                board.give(lease)
            if isinstance(error, ConfigurationError):
                raise  # as long as this process is there, others leave it its share
            return None
        self.health.set("start", True)
        pipeline.start()
        return Share(lease, pipeline)

    def _end(self, board: Board, shares: Iterable[Share]) -> None:
        shares = list(shares)
        if not shares:
            return
        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(lambda s: s.pipeline.stop(), shares))
        for share in shares:
            self._shares.pop(share.lease.area.code, None)
            with contextlib.suppress(StorageUnavailable):
                board.give(share.lease)
        log.info("leases given up", worker=self.name, areas=[s.lease.area.code for s in shares])

    def _uncounted(self) -> float:
        return sum(share.pipeline.alarms.waiting for share in list(self._shares.values()))

    def _waiting(self) -> float:
        return sum(s.pipeline.worker.waiting for s in list(self._shares.values()))

    def _online(self) -> float:
        now = now_ms()
        return sum(
            sum(n.shown(now) == "online" for n in s.pipeline.nodes.all() if s.lease.area.holds(n.village))
            for s in list(self._shares.values())
        )

    def checks(self) -> dict[str, Any]:
        """What does not work, and what does in one line, for others to see."""
        out = dict(self.health.report())
        for code, share in list(self._shares.items()):
            out |= {f"{code} {name}": check for name, check in share.pipeline.health.report().items() if not check["ok"]}
        return out

    def _tell(self, records: Records) -> None:
        now = now_ms()
        if now < self._next_word:
            return
        self._next_word = now + TOLD_MS
        with contextlib.suppress(StorageUnavailable), records.session() as session:
            session.merge(WorkerRow(name=self.name, started=self._started, seen=now, checks=self.checks()))
            session.execute(delete(WorkerRow).where(WorkerRow.seen < now - FORGOTTEN_MS))

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()
