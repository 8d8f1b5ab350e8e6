"""The ingest thread: batches messages, commits, and only then sends receipts and acknowledges."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from kampung_contract.errors import KampungError, StorageUnavailable
from kampung_contract.receipt import Receipt, coalesce, encode_receipt
from kampung_contract.times import text

from kampung_cloud import events, letters
from kampung_cloud.alarms import Alarms
from kampung_cloud.bus import Bus, Event
from kampung_cloud.config import Ingest as IngestConfig
from kampung_cloud.content import Contents
from kampung_cloud.health import Health, now_ms
from kampung_cloud.ingest.intake import Intake, Work
from kampung_cloud.ingest.link import RECEIVE_MAXIMUM, Link, Message
from kampung_cloud.metrics import Metrics
from kampung_cloud.nodes import Nodes
from kampung_cloud.records import Records
from kampung_cloud.telemetry.store import Committed, TelemetryStore

log = structlog.get_logger()

T = TypeVar("T")

RETRY_S = (0.1, 10.0)
TICK_S = 0.1
HOLD_BACK_S = 10.0
"""Less than the keep-alive, so that a broker that is held back does not take us for dead."""
SAVE_MS = 5_000
SWEEP_MS = 60_000
MAINTAIN_MS = 3_600_000


class Stopped(Exception):
    """The process is to end while a store is still unavailable; what is not acknowledged comes again."""


class Worker:
    """Takes messages from any thread with ``put``; everything else happens in its own."""

    def __init__(
        self,
        config: IngestConfig,
        *,
        store: TelemetryStore,
        records: Records,
        nodes: Nodes,
        alarms: Alarms,
        contents: Contents,
        bus: Bus,
        health: Health,
        metrics: Metrics,
    ) -> None:
        self._config = config
        self._store = store
        self._records = records
        self._nodes = nodes
        self._alarms = alarms
        self._contents = contents
        self._bus = bus
        self._health = health
        self._metrics = metrics
        self._intake = Intake(store, nodes, alarms, config.max_series_per_node)
        self._queue: queue.Queue[Message] = queue.Queue(2 * RECEIVE_MAXIMUM)
        self._stopping = threading.Event()
        self._overflowed = False
        self._line = 0
        self._busy = False
        self._touched: set[str] = set()
        self._next_save = self._next_sweep = 0
        self._next_maintain = now_ms() + MAINTAIN_MS
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.link: Link | None = None
        health.set("telemetry", True)
        health.set("records", True)

    def start(self, link: Link) -> None:
        """Begin; receipts and documents go over ``link``."""
        self.link = link
        self._thread.start()

    def stop(self) -> None:
        """Finish the present batch."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(4)

    @property
    def waiting(self) -> int:
        """Messages in the queue."""
        return self._queue.qsize()

    def put(self, message: Message) -> None:
        """Waits for room a while, which holds the broker back by its own line; after that, what finds none stays with the broker,
        unacknowledged, and is asked for again later."""
        try:
            self._queue.put(message, block=not self._overflowed, timeout=HOLD_BACK_S)
        except queue.Full:
            self._overflowed = True
            self._metrics.overflow.inc()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                messages = self._collect()
                if messages:
                    self._process(messages)
                self._tick()
            self._persist(Work())
        except Stopped:
            return

    def _collect(self) -> list[Message]:
        try:
            messages = [self._queue.get(timeout=TICK_S)]
        except queue.Empty:
            self._busy = False
            return []
        # A lone message is not kept waiting: a broker that gives one at a time would give no more than one a batch.
        until = time.monotonic() + (self._config.batch_ms / 1000 if self._busy else 0)
        while len(messages) < self._config.batch_packs:
            left = until - time.monotonic()
            try:
                messages.append(self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait())
            except queue.Empty:
                break
        self._busy = len(messages) > 1
        return messages

    def _process(self, messages: list[Message]) -> None:
        work = self._intake.take(messages)
        try:
            committed = self._commit(work)
            for key, readings in work.watched.items():
                self._until_done("telemetry", lambda key=key, readings=readings: self._alarms.update(key, readings))  # type: ignore[misc]
            self._persist(work)
        except (Stopped, KampungError):
            raise
        except Exception as error:
            if len(messages) > 1:
                for message in messages:
                    self._process([message])
                return
            log.exception("a message cannot be stored", topic=messages[0].topic)
            self._set_aside(messages[0], error)
            return
        self._send(work)
        self._acknowledge(messages)
        self._tell(work, committed)

    def _commit(self, work: Work) -> Committed:
        if not work.batch.packs and not len(work.batch):
            return Committed(0, 0)
        began = time.perf_counter()
        committed = self._until_done("telemetry", lambda: self._store.commit(work.batch))
        self._metrics.commit.observe(time.perf_counter() - began)
        self._metrics.readings.inc(committed.new)
        self._metrics.duplicates.inc(committed.duplicate)
        return committed

    def _persist(self, work: Work) -> None:
        """Everything that is not a reading, in one transaction; nodes and quiet rule states may wait a few seconds."""
        for village, node, state, at, retained in work.states:
            self._nodes.heard(village, node, state, at, retained=retained)
        for node, (village, at, synchronised) in work.seen.items():
            self._nodes.seen(village, node, at, synchronised)
        now = now_ms()
        due = now >= self._next_save or self._stopping.is_set()
        if not (work.letters or work.events or work.states or self._alarms.changed or due):
            return
        self._next_save = now + SAVE_MS
        self._until_done("records", lambda: self._save(work))
        if self._touched:
            self._publish_alarms()

    def _save(self, work: Work) -> None:
        with self._records.session() as session:
            letters.keep(session, work.letters)
            events.keep(session, work.events)
            names = self._nodes.save(session)
            changed = self._alarms.save(session)
        self._nodes.saved(names)
        self._alarms.saved(changed)
        for letter in work.letters:
            self._metrics.dead_letters.labels(letter.code).inc()
        for alarm in changed[0]:
            if alarm.announced:
                self._touched.add(alarm.village)
                self._bus.publish(Event("alarm", alarm.village, alarm.shown()))

    def _set_aside(self, message: Message, error: Exception) -> None:
        detail = f"{type(error).__name__} while storing it; the cloud's log has more"
        aside = Work(letters=[letters.Letter(message.topic, message.payload, "pack", "internal", detail, message.received)])
        self._until_done("records", lambda: self._save(aside))
        self._acknowledge([message])

    def _send(self, work: Work) -> None:
        assert self.link is not None
        for base, epoch in {**work.receipts, **work.rejections}:
            place = (base, epoch)
            receipt = Receipt(epoch, coalesce(work.receipts.get(place, ())), work.rejections.get(place, []), credit=self._config.credit)
            self.link.publish(f"{base}/down/receipt", encode_receipt(receipt))

    def _acknowledge(self, messages: list[Message]) -> None:
        assert self.link is not None
        self.link.acknowledge(messages)

    def _tell(self, work: Work, committed: Committed) -> None:
        for lane, count in work.lanes.items():
            self._metrics.packs.labels(lane).inc(count)
        if not self._bus.busy:
            return
        for latest in committed.newest:
            data = {"id": latest.key.id, "at": text(latest.t), "value": latest.v, "quality": latest.q}
            self._bus.publish(Event("reading", latest.key.village, data))

    def _publish_alarms(self) -> None:
        now = now_ms()
        for village in sorted(self._touched):
            self._until_done("records", lambda v=village: self._contents.put(v, "alarms", self._alarms.document(v, now)))  # type: ignore[misc]
        self._touched.clear()

    def _tick(self) -> None:
        assert self.link is not None
        now = now_ms()
        if self.link.connected.is_set() and self.link.line != self._line:
            self._line = self.link.line
            self._until_done("records", self._contents.publish_all)
        if self._overflowed and self._queue.empty():
            self._overflowed = False
            log.warning("queue was full; asking the broker to deliver again")
            self.link.reconnect()
        if now >= self._next_save:
            self._persist(Work())
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP_MS
            self._touched.update(self._until_done("records", self._contents.villages))
            self._publish_alarms()
        if now >= self._next_maintain:
            self._next_maintain = now + MAINTAIN_MS
            self._until_done("telemetry", lambda: self._store.maintain(now))

    def _until_done(self, part: str, action: Callable[[], T]) -> T:
        """Try until ``part`` takes it. Meanwhile there are no receipts and no acknowledgements, and the edges hold the data."""
        delay = RETRY_S[0]
        while True:
            try:
                done = action()
            except StorageUnavailable as error:
                self._health.set(part, False, error.message)
                if self._stopping.wait(delay):
                    raise Stopped from None
                delay = min(delay * 2, RETRY_S[1])
            else:
                self._health.set(part, True)
                return done
