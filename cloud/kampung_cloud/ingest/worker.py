"""The ingest thread: batches messages, commits, and only then sends receipts and acknowledges."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import structlog
from kampung_contract.backoff import Backoff
from kampung_contract.errors import KampungError
from kampung_contract.receipt import Receipt, coalesce, encode_receipt
from kampung_contract.times import text

from kampung_cloud import events, letters
from kampung_cloud.alarms import Alarms
from kampung_cloud.bus import Bus, Event
from kampung_cloud.config import Ingest as IngestConfig
from kampung_cloud.content import Contents
from kampung_cloud.handling import kiosk, telling
from kampung_cloud.health import Health, now_ms
from kampung_cloud.ingest.ahead import Ahead
from kampung_cloud.ingest.credit import Credit
from kampung_cloud.ingest.intake import Intake
from kampung_cloud.ingest.link import Link
from kampung_cloud.ingest.message import Message, Waiting
from kampung_cloud.ingest.patience import RETRY_S, Patience, Stopped
from kampung_cloud.ingest.stumbles import Stumbles, plainly
from kampung_cloud.ingest.turn import in_turn
from kampung_cloud.ingest.work import Work
from kampung_cloud.judging import book
from kampung_cloud.judging.book import Judgement
from kampung_cloud.judging.neighbours import Looking
from kampung_cloud.metrics import Metrics
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs import told
from kampung_cloud.records import Records
from kampung_cloud.records.models import DeadLetterRow
from kampung_cloud.telemetry.store import Batch, Committed, TelemetryStore

log = structlog.get_logger()

T = TypeVar("T")
TICK_S = 0.1
HOLD_BACK_S = 10.0
"""Less than the keep-alive, so that a broker that is held back does not take us for dead."""
SAVE_MS = 5_000
SWEEP_MS = 60_000
MAINTAIN_MS = 60_000
PING_MS = 10_000
TURN_S = 10.0
AT_ONCE = 125_000
"""Readings that a batch should hold at most: one is committed while the next is taken apart, and both are in memory several times over. How
many a byte stands for is seen in the batch before: from two to 0.1, by what is sent."""
AT_FIRST = 256 * 1024
"""Bytes of a batch before that is known."""


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
        kept: letters.Letters,
        looking: Looking,
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
        self._letters = kept
        self._looking = looking
        self._between: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._intake = Intake(store, nodes, alarms, config.max_series_per_node, looking.concerns)
        self._ahead = Ahead(self._collect, self._intake)
        self._queue = Waiting(2 * config.in_flight, config.queue_bytes)
        self._bytes = min(AT_FIRST, config.batch_bytes)
        self._stopping = threading.Event()
        self._patience = Patience(health, self._stopping)
        self._until_done = self._patience.until_done
        self._stumbles, self._upkeep = Stumbles(health, "ingest"), Stumbles(health, "upkeep")
        self._present: list[Message] = []
        """Neither acknowledged nor set aside yet, of the batch that was taken from the queue."""
        self._stuck: float | None = None
        self._before: set[tuple[str, str, int]] = set()
        """Packs of the batch before."""
        self._credit = Credit(config.credit, config.batch_packs)
        self._overflowed = False
        self._line = 0
        self._busy = False
        self._touched: set[str] = set()
        self._next_save = self._next_sweep = self._next_ping = self._next_greeting = 0
        self._told = False
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
    def idle(self) -> float:
        """Seconds since a batch was done, or the empty queue looked at, or a store gave an answer; while a batch fails, since then."""
        return self._patience.idle if self._stuck is None else time.monotonic() - self._stuck

    @property
    def waiting(self) -> int:
        """Messages in the queue."""
        return len(self._queue)

    def put(self, messages: list[Message]) -> None:
        """Waits for room a while, which holds the broker back by its own line; after that, what finds none stays with the broker,
        unacknowledged, and is asked for again later."""
        if not self._queue.put(messages, 0 if self._overflowed else HOLD_BACK_S):
            self._overflowed = True
            self._metrics.overflow.inc(len(messages))

    def replay(self, row: DeadLetterRow) -> Future[letters.Replayed]:
        """Take a dead letter up again, in turn with what arrives."""
        return self.between(lambda: self._replay(row))

    def between(self, action: Callable[[], T]) -> Future[T]:
        """Run ``action`` in the ingest thread, between two batches: it crosses no commit."""
        future: Future[T] = Future()
        self._between.put((action, future))
        return future

    def take_in(self, batch: Batch) -> Committed:
        """Commit what did not come from a kiosk, at once or not at all, and carry alarm rules over it; for ``between``."""
        committed = self._store.commit(batch)
        self._metrics.readings.inc(committed.new)
        self._metrics.duplicates.inc(committed.duplicate)
        rows = batch.rows()
        for place, key in enumerate(batch.series):
            times = rows.t[rows.series == place]
            if len(times):
                self._looking.heard(key.id, int(times.min()), int(times.max()))
                self._alarms.corrected(key, int(times.min()), int(times.max()))
        return committed

    def hand_in(self, batch: Batch) -> None:
        """As ``take_in``, by any thread. Raises ``StorageUnavailable`` when ingest, waiting for a store, gives no turn."""
        in_turn(self, lambda: self.take_in(batch), TURN_S)

    def _replay(self, row: DeadLetterRow) -> letters.Replayed:
        work = self._intake.again(row)
        refused, work.letters = work.letters, []
        committed = self._store_all(work)
        if refused:
            first = refused[0]
            done = letters.Replayed(row.id, now_ms(), False, committed.new, committed.duplicate, first.code, first.detail)
        else:
            said = f"{committed.new} new readings, {committed.duplicate} that were here already"
            done = letters.Replayed(row.id, now_ms(), True, committed.new, committed.duplicate, None, said)
        self._until_done("records", lambda: self._note(done))
        self._metrics.replayed.labels("stored" if done.stored else "refused").inc()
        return done

    def _note(self, done: letters.Replayed) -> None:
        with self._records.session() as session:
            letters.note(session, done)

    def _run(self) -> None:
        backoff = Backoff(*RETRY_S)
        try:
            while not self._stopping.is_set():
                if self._stumbles.over("taking in", self._next_batch):
                    backoff.forgive()
                    self._stuck = None
                    self._patience.beat()
                else:
                    self._stuck = self._stuck or time.monotonic()
                    self._stopping.wait(backoff.pause())
                while not self._ahead.begun and not self._between.empty():
                    self._do_between(*self._between.get())
                self._tick()
            self._stumbles.over("saving at the end", lambda: self._persist(Work()))
        except Stopped:
            return
        finally:
            self._ahead.close()
            if not self._stopping.is_set():
                self._stumbles.ended()

    def _next_batch(self) -> None:
        """Take in what comes next, or once more what could not be. What was stored already is known by its number, and changes nothing."""
        if self._present:
            work, seconds = self._ahead.take(self._present), 0.0
        else:
            self._present, work, seconds = self._ahead.next()
            if not work.taken.isdisjoint(self._before):
                work = self._ahead.take(self._present)  # while it was taken apart, a pack of the same number was being committed
            if self._present and len(self._queue) and self._between.empty():
                self._ahead.begin(work)
        if self._present:
            size, readings = sum([len(m.payload) for m in self._present]), max(1, len(work.batch))
            self._bytes = max(1024, min(self._config.batch_bytes, size * AT_ONCE // readings))
            self._process(self._present, work, seconds)
        self._before = work.taken

    @staticmethod
    def _do_between(action: Callable[[], Any], future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(action())
        except Exception as error:
            future.set_exception(error)
            if isinstance(error, Stopped):
                raise

    def _collect(self) -> list[Message]:
        # A lone message is not kept waiting: a broker that gives one at a time would give no more than one a batch.
        linger = self._config.batch_ms / 1000 if self._busy else 0
        messages = self._queue.take(self._config.batch_packs, self._bytes, TICK_S, linger)
        self._busy = len(messages) > 1
        return messages

    def _process(self, messages: list[Message], work: Work, seconds: float) -> None:
        """``seconds`` went into taking ``messages`` apart."""
        began = time.monotonic() - seconds
        try:
            committed = self._store_all(work)
        except (Stopped, OSError, MemoryError):
            raise  # no message's fault
        except Exception as error:
            if len(messages) > 1:
                for message in messages:
                    self._process([message], self._ahead.take([message]), 0)
                return
            log.exception("a message cannot be stored", topic=messages[0].topic)
            self._set_aside(messages[0], error)
            return
        self._send(work, self._credit.after(time.monotonic() - began, len(self._queue)))
        self._acknowledge(messages)
        self._tell(work, committed)

    def _store_all(self, work: Work) -> Committed:
        committed = self._commit(work)
        self._judge(work, committed)
        for key, readings in work.watched.items():
            self._until_done("telemetry", lambda key=key, readings=readings: self._alarms.update(key, readings))  # type: ignore[misc]
        for series, first, last in committed.moved:
            self._until_done("telemetry", lambda s=series, a=first, b=last: self._alarms.corrected(s, a, b))  # type: ignore[misc]
        self._persist(work)
        return committed

    def _judge(self, work: Work, committed: Committed) -> None:
        """What is judged by others comes before alarms look at it."""
        if work.judged:
            self._until_done("records", lambda: self._keep_judged(work.judged))
            for judged in work.judged:
                found = self._until_done("telemetry", lambda name=judged.series: self._store.find(name))  # type: ignore[misc]
                if found is not None:
                    self._until_done("telemetry", lambda k=found.key, t=judged.t: self._alarms.corrected(k, t, t))  # type: ignore[misc]
        for key, readings in work.watched.items():
            if readings and self._looking.concerns(key.id):
                self._looking.heard(key.id, min(r.t for r in readings), max(r.t for r in readings))
        for key, first, last in committed.moved:
            self._looking.heard(key.id, first, last)
        self._compare()

    def _keep_judged(self, judged: list[Judgement]) -> None:
        with self._records.session() as session:
            book.keep(session, judged)

    def _compare(self) -> None:
        for key, first, last in self._until_done("telemetry", self._looking.step):
            self._until_done("telemetry", lambda k=key, a=first, b=last: self._alarms.corrected(k, a, b))  # type: ignore[misc]

    def _commit(self, work: Work) -> Committed:
        done = Committed(0, 0) if work.batch.empty else self._commit_batch(work.batch)
        for node, batch in work.repeated.items():
            again = self._commit_batch(batch)
            if again.new:
                log.warning("readings under numbers that were taken", node=node, readings=again.new)
                self._metrics.reused.inc(again.new)
                self._nodes.reused(node, again.new)
            done = done.plus(again)
        return done

    def _commit_batch(self, batch: Batch) -> Committed:
        began = time.perf_counter()
        committed = self._until_done("telemetry", lambda: self._store.commit(batch))
        self._metrics.commit.observe(time.perf_counter() - began)
        self._metrics.readings.inc(committed.new)
        self._metrics.duplicates.inc(committed.duplicate)
        return committed

    def _persist(self, work: Work) -> None:
        """Everything that is not a reading, in one transaction; nodes and quiet rule states may wait a few seconds."""
        for village, node, state, at, retained in work.states:
            if self._nodes.heard(village, node, state, at, retained=retained):
                # Not every broker gives what is retained to a subscription with wildcards (docs/brokers.md).
                self._until_done("records", lambda v=village: self._contents.publish_all(v))  # type: ignore[misc]
        for node, (village, at, synchronised) in work.seen.items():
            self._nodes.seen(village, node, at, synchronised)
        now = now_ms()
        due = now >= self._next_save or self._stopping.is_set()
        if not (work.letters or work.events or work.told or work.states or self._alarms.changed or due):
            return
        self._next_save = now + SAVE_MS
        self._until_done("records", lambda: self._save(work))
        if self._touched:
            self._upkeep.over("telling villages of alarms", self._publish_alarms)

    def _save(self, work: Work) -> None:
        with self._records.session() as session:
            gone = self._letters.keep(session, work.letters)
            events.keep(session, work.events)
            news = told.keep(session, work.told, work.states, self._nodes)
            names = self._nodes.save(session)
            changed = self._alarms.save(session)
            handled = kiosk.keep(session, work.acted, changed.alarms)
        self._letters.kept()
        self._letters.tell(self._health, gone, now_ms())
        self._metrics.discarded.inc(gone)
        self._nodes.saved(names)
        self._alarms.saved(changed)
        for letter in work.letters:
            self._metrics.dead_letters.labels(letter.code).inc()
        for event in news:
            self._bus.publish(event)
        for handling in handled:
            self._touched.add(handling.village)
            self._bus.publish(telling.event(handling))
        for alarm in changed[0]:
            if alarm.announced:
                self._touched.add(alarm.village)
                self._bus.publish(Event("alarm", alarm.village, alarm.shown()))

    def _set_aside(self, message: Message, error: Exception) -> None:
        code = error.code if isinstance(error, KampungError) else "internal"
        detail = f"while it was stored: {plainly(error)}"
        aside = Work(letters=[letters.Letter(message.topic, message.payload, "pack", code, detail, message.received)])
        self._until_done("records", lambda: self._save(aside))
        self._acknowledge([message])

    def _send(self, work: Work, credit: int) -> None:
        assert self.link is not None
        for base, epoch in {**work.receipts, **work.rejections}:
            place = (base, epoch)
            receipt = Receipt(epoch, coalesce(work.receipts.get(place, ())), work.rejections.get(place, []), credit=credit)
            self.link.publish(f"{base}/down/receipt", encode_receipt(receipt))

    def _acknowledge(self, messages: list[Message]) -> None:
        assert self.link is not None
        self._present = [] if messages is self._present else [m for m in self._present if all(m is not done for done in messages)]
        try:
            self.link.acknowledge(messages)
        except Exception:
            self.link.reconnect()  # what was not acknowledged comes again, and is known; a number is never acknowledged twice
            raise

    def _tell(self, work: Work, committed: Committed) -> None:
        for lane, count in work.lanes.items():
            self._metrics.packs.labels(lane).inc(count)
        for latest in committed.newest if self._bus.busy else ():
            data = {"id": latest.key.id, "at": text(latest.t), "value": latest.v, "quality": latest.q}
            self._bus.publish(Event("reading", latest.key.village, data))

    def _publish_alarms(self) -> None:
        now = now_ms()
        for village in sorted(self._touched):
            self._until_done("records", lambda v=village: self._contents.put(v, "alarms", self._alarms.document(v, now)))  # type: ignore[misc]
        self._touched.clear()

    def _tick(self) -> None:
        """What is done every few seconds. One thing that fails neither ends ingest nor keeps the others from being done."""
        assert self.link is not None
        now, over = now_ms(), self._upkeep.over
        if self.link.connected.is_set() and self.link.line != self._line and now >= self._next_greeting:
            self._next_greeting = now + SAVE_MS
            over("telling villages what is published", lambda line=self.link.line: self._greet(line))  # type: ignore[misc]
        if self._overflowed and not len(self._queue):
            self._overflowed = False
            log.warning("queue was full; asking the broker to deliver again")
            self.link.reconnect()
        if now >= self._next_ping:
            self._next_ping = now + PING_MS
            over("looking at the engine", lambda: self._patience.look("telemetry", self._store.ping))
        self._looking.tick(now)
        over("comparing neighbours", self._compare)
        over("counting alarms", lambda: self._until_done("telemetry", lambda: self._alarms.tick(now, self._online, self._withdrawn)))
        if now >= self._next_save:
            over("saving nodes and alarms", lambda: self._persist(Work()))
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP_MS
            over("telling villages of alarms", self._sweep)
        if now >= self._next_maintain:
            self._next_maintain = now + MAINTAIN_MS
            over("keeping house", lambda: self._maintain(now))

    def _online(self, node: str) -> bool:
        """Whether whatever is new of a node is here."""
        found = self._nodes.get(node)
        return found is not None and found.shown(now_ms()) == "online"

    def _withdrawn(self, node: str) -> bool:
        found = self._nodes.get(node)
        return found is not None and found.withdrawn is not None

    def _greet(self, line: int) -> None:
        for village in self._alarms.villages | self._until_done("records", lambda: self._contents.having("rules")):
            self._until_done("records", lambda v=village: self._contents.put(v, "rules", self._alarms.rules_of(v)))  # type: ignore[misc]
        self._until_done("records", self._contents.publish_all)
        self._line, self._next_greeting = line, 0

    def _sweep(self) -> None:
        self._touched.update(self._until_done("records", self._contents.villages))
        self._publish_alarms()

    def _maintain(self, now: int) -> None:
        told = self._until_done("telemetry", lambda: self._store.maintain(now))
        if told or self._told:
            self._health.set("telemetry_files", not told, "; ".join(told[:3]) + (" …" if len(told) > 3 else ""))
        self._told = bool(told)
