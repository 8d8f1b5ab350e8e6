"""The composition roots: every part is made here, by the commands and by the tests alike."""

from __future__ import annotations

import contextlib
import gc
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import FrameType
from typing import Any, TypeVar

import structlog
from kampung_contract.errors import ConfigurationError, KampungError, StorageUnavailable

from kampung_cloud import key_fit, letters
from kampung_cloud.api import Services, create_api
from kampung_cloud.area import areas
from kampung_cloud.backup.placing import check_whole
from kampung_cloud.bus import Bus, Event
from kampung_cloud.cap.bmkg import Bmkg
from kampung_cloud.cap.issuing import Issuing
from kampung_cloud.channels import open_channels, sirens
from kampung_cloud.channels.sender import Sender
from kampung_cloud.channels.tools import Tools
from kampung_cloud.config import CloudConfig
from kampung_cloud.content import Contents
from kampung_cloud.engine_address import shown
from kampung_cloud.health import Health, now_ms
from kampung_cloud.ingest.patience import Stopped
from kampung_cloud.judging.judged import Judged
from kampung_cloud.leases import giving
from kampung_cloud.leases.board import Sole
from kampung_cloud.leases.given import Rounds
from kampung_cloud.leases.watching import Watching
from kampung_cloud.messages.routing import Routing
from kampung_cloud.metrics import Metrics
from kampung_cloud.modules import MODULES, kept
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs.commands import Commands
from kampung_cloud.pipeline import Pipeline
from kampung_cloud.publishing import Publishing
from kampung_cloud.records import Records
from kampung_cloud.records.models import DeadLetterRow
from kampung_cloud.retention.discarding import Discarding
from kampung_cloud.serving import TOKEN_FILE, Serving
from kampung_cloud.telemetry import left_behind, open_reader
from kampung_cloud.telemetry.store import Batch, Committed
from kampung_cloud.watchdog import Watchdog
from kampung_cloud.withdrawals.asking import Asking

__all__ = ["TOKEN_FILE", "ApiApp", "CloudApp"]

log = structlog.get_logger()

T = TypeVar("T")
ASK_S = 0.1
ASKING = 8


class App:
    """What both kinds of process with an API have. ``start`` raises ``ConfigurationError``, and ``Stopped`` when a signal comes first.

    Records that do not answer are waited for within ``start``, everything else behind it.
    """

    def __init__(self, config: CloudConfig) -> None:
        self.config = config
        self.port = 0
        self._stop = threading.Event()

    @property
    def url(self) -> str:
        """Where the API is, once started."""
        return f"http://{self.config.api.host}:{self.port}"

    @property
    def token(self) -> str:
        """What may change announcements and switch outputs."""
        return self._services.token

    def start(self) -> None:
        """Take the port, open the stores, begin."""
        self._metrics, self._bus = Metrics(), Bus()
        self._health = Health(lambda: self._bus.publish(Event("health", "", {})))
        self._metrics.tell(self._health.report)
        self._serving = Serving(self.config, self._health, self._stop)
        self.port = self._serving.port
        try:
            check_whole(self.config.data)
            token = self._serving.token()
            self._records = self._serving.await_records()
            tools = Tools(self._records, self.config.data, lambda: self._services.commands)
            self._sender = Sender(self._records, open_channels(self.config.channel, tools), self._health)
            sirens.introduce(self._records, self.config.channel, now_ms())
            self._services = self._make(token)
        except BaseException:
            self._serving.close()
            raise
        self._serving.open(create_api(self._services))
        self._cap = (
            Issuing(self.config, self._records, self._health),
            Bmkg(self.config, self._records, self._health),
            Publishing(MODULES, self._services),
            Discarding(self._records, self.config.data),
            Asking(self._records, self.config.broker.refuse, self._health),
        )
        self._begin()
        for each in self._cap:
            each.start()
        self._bus.listen("message", self._sender.wake)
        self._sender.start()
        advice = [line for module in MODULES for line in module.advice(self._records)]
        self._routing = Routing(self.config, self._records, self._health, self._bus, advice)
        self._bus.listen("alarm", self._routing.wake)
        self._routing.start()
        key_fit.check(self._records, self.config.data, kept(), self._health)

    def _make(self, token: str) -> Services:
        raise NotImplementedError

    def _begin(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Finish the batch, end the pages' streams, close the stores."""
        raise NotImplementedError

    def _stop_telling(self) -> None:
        self._routing.stop()
        self._sender.stop()
        for each in self._cap:
            each.stop()

    def _idle(self) -> float:
        raise NotImplementedError

    def run(self) -> None:
        """Start and serve until SIGTERM or SIGINT. Signals are handled here and nowhere else."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        watchdog = Watchdog()
        try:
            self.start()
        except Stopped:
            return
        _spare_collector()
        watchdog.ready()
        while not self._stop.wait(watchdog.every):
            watchdog.alive(self._idle)
        watchdog.stopping()
        self.stop()
        gc.unfreeze()  # or libraries complain at the exit of what was never collected

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()


class CloudApp(App):
    """Ingest and API in one process."""

    def _make(self, token: str) -> Services:
        self._sole = self._alone()
        url = self.config.telemetry.url
        left_behind.adopt(url, self.config.data, self._records)
        line = self._pipeline = Pipeline(self.config, self._records, self._bus, self._health, self._metrics)
        left = left_behind.files(url, self.config.data) or (None if line.store.latest() else left_behind.series(url, self._records))
        if left:
            log.warning("readings of before are left behind", detail=left)
        self._nodes, self._worker, self._commands = line.nodes, line.worker, line.commands
        everywhere = dict.fromkeys((area.code for area in areas().values()), line)
        self._given = Rounds(self._records, everywhere) if self._records.shared else None
        self._metrics.watch(lambda: line.worker.waiting, lambda: line.nodes.online(now_ms()), lambda: line.alarms.waiting)
        return Services(
            self.config,
            line.judged,
            self._records,
            line.nodes,
            line.contents,
            self._bus,
            self._health,
            self._metrics,
            token,
            line.worker.replay,
            line.commands,
            line.worker,
            self._sender,
        )

    def _alone(self) -> Sole | None:
        """Records that others could write to, too, are this process's alone while it takes in."""
        if not self._records.shared:
            return None
        sole = Sole(self.config.records.url, self._stop.set)
        sole.take()
        return sole

    def _begin(self) -> None:
        self._pipeline.start()
        if self._given is not None:
            self._given.start()
        log.info("cloud is up", url=self.url, data=str(self.config.data), telemetry=shown(self.config.telemetry.url))

    def stop(self) -> None:
        """Finish the batch, end the pages' streams, close the stores."""
        self._stop_telling()
        if self._given is not None:
            self._given.stop()
        self._pipeline.stop()
        self._bus.close()
        self._serving.close()
        if self._sole is not None:
            self._sole.close()
        self._records.close()
        log.info("cloud is down")

    def _idle(self) -> float:
        return self._worker.idle


class ApiApp(App):
    """The API alone, beside ingest processes. What it changes goes on record, and one of them does it."""

    def __init__(self, config: CloudConfig) -> None:
        if not config.records.url.startswith("postgresql") or config.telemetry.url.partition(":")[0] in ("duckdb", "memory"):
            raise ConfigurationError(
                f"records.url = {shown(config.records.url)!r}, telemetry.url = {shown(config.telemetry.url)!r}: the API on its own "
                "needs postgresql: and victoriametrics: or influxdb:; 'kampung-cloud serve' is ingest and API in one"
            )
        super().__init__(config)

    def _make(self, token: str) -> Services:
        self._reader = open_reader(self.config.telemetry.url, self._records)
        nodes = Nodes(self._records, self._bus)
        self._watching = Watching(self._records, self._reader, nodes, self._bus, self._health)
        self._asking = ThreadPoolExecutor(ASKING, "replay")
        self._metrics.watch(lambda: 0, lambda: nodes.online(now_ms()), lambda: 0)
        contents = Contents(self._records, lambda _topic, _payload: None)
        commands = Commands(self._records, nodes, self._bus, _NoLine())
        return Services(
            self.config,
            Judged(self._reader, self._records),
            self._records,
            nodes,
            contents,
            self._bus,
            self._health,
            self._metrics,
            token,
            self._replay,
            commands,
            _ElsewhereTaken(self._asking, self._records, self._stop),
            self._sender,
        )

    def _replay(self, row: DeadLetterRow) -> Future[letters.Replayed]:
        return self._asking.submit(_replayed, self._records, row.id, self._stop)

    def _begin(self) -> None:
        self._watching.look()
        self._watching.start()
        log.info("API is up", url=self.url, telemetry=shown(self.config.telemetry.url))

    def stop(self) -> None:
        """End the pages' streams, close the stores."""
        self._stop.set()
        self._stop_telling()
        self._watching.stop()
        self._bus.close()
        self._serving.close()
        self._asking.shutdown()
        self._reader.close()
        self._records.close()
        log.info("API is down")

    def _idle(self) -> float:
        return self._watching.idle


def _spare_collector() -> None:
    """What is here now stays, and a batch makes many objects that go together: looking through them all was a fifth of its cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class _ElsewhereTaken:
    """The API's process does not take in: readings go to those who do."""

    def __init__(self, hands: ThreadPoolExecutor, records: Records, stopping: threading.Event) -> None:
        self._hands, self._records, self._stopping = hands, records, stopping

    def between(self, action: Callable[[], T]) -> Future[T]:
        """Nothing is under way here that it would have to wait for."""
        return self._hands.submit(action)

    def take_in(self, batch: Batch) -> Committed:
        """Give each kecamatan's to its process, and wait until all of them have committed."""
        return giving.await_taken(self._records, giving.give(self._records, batch, now_ms(), awaited=True), self._stopping)

    def hand_in(self, batch: Batch) -> None:
        """Give, and go on."""
        giving.give(self._records, batch, now_ms(), awaited=False)


class _NoLine:
    """The API's process does not speak to the broker."""

    connected = threading.Event()

    def publish(self, topic: str, payload: bytes) -> None:
        """Somebody else does."""


def _replayed(records: Records, number: int, stopping: threading.Event, patience_s: float = 20.0) -> letters.Replayed:
    """Ask for a replay, and wait for what comes of it."""
    end = time.monotonic() + patience_s
    with records.session() as session:
        letters.want(session, number, now_ms())
    while time.monotonic() < end and not stopping.wait(ASK_S):
        with contextlib.suppress(StorageUnavailable), records.session() as session:
            row: Any = session.get(DeadLetterRow, number)
            if row is None or row.wanted is None:
                break
    else:
        raise KampungError("no ingest process has taken the letter up yet; it stays wanted", code="storage_unavailable")
    if row is None or row.outcome is None:
        raise KampungError(f"dead letter {number} went while it was replayed", code="not_found")
    return letters.Replayed(number, row.replayed_at, **row.outcome)
