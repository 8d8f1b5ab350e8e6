"""The API's process beside ingest processes: takes in what they have put on record, and tells open pages what is new."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import structlog
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.times import text
from sqlalchemy import select

from kampung_cloud.alarm import from_row
from kampung_cloud.bus import Bus, Event
from kampung_cloud.handling import telling
from kampung_cloud.handling.state import Handling
from kampung_cloud.health import Health, now_ms
from kampung_cloud.leases.roster import roster
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs import command, register
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import AlarmHandlingRow
from kampung_cloud.records.models import AlarmRow, CommandRow, OutputRow
from kampung_cloud.telemetry.reading import ReadingStore

log = structlog.get_logger()

LOOK_S = 0.5
SPARE = 10
"""Looking takes at most this part of the time."""
PING_S = 10.0
DAY_MS = 86_400_000
SILENT_MS = 15_000


class Watching:
    """A thread that looks twice a second, less often where looking takes long."""

    def __init__(self, records: Records, store: ReadingStore, nodes: Nodes, bus: Bus, health: Health) -> None:
        self._records, self._store, self._nodes, self._bus, self._health = records, store, nodes, bus, health
        self._newest: dict[str, tuple[int, float]] | None = None
        self._seen: dict[str, dict[str, object]] = {}
        self._next_ping = 0.0
        self._last = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5)

    @property
    def idle(self) -> float:
        """Seconds since the last look."""
        return time.monotonic() - self._last

    def _run(self) -> None:
        wait = LOOK_S
        while not self._stopping.wait(wait):
            began = time.monotonic()
            try:
                self.look()
            except Exception:
                log.exception("looking for what is new")
            self._last = time.monotonic()
            wait = max(LOOK_S, SPARE * (self._last - began))

    def look(self) -> None:
        """Once."""
        with self._judged("records"):
            if self._store.refresh():
                self._readings()
            self._nodes.refresh(self._records)
            if self._bus.heard or not self._seen:
                self._changes()
            self._ingest()
        if time.monotonic() >= self._next_ping:
            self._next_ping = time.monotonic() + PING_S
            with self._judged("telemetry"):
                self._store.ping()

    @contextmanager
    def _judged(self, part: str) -> Iterator[None]:
        try:
            yield
        except (StorageUnavailable, ConfigurationError) as error:
            self._health.set(part, False, error.message)
            if part == "records":
                self._health.set("ingest", False, "not known while the records do not answer")
        else:
            self._health.set(part, True)

    def _readings(self) -> None:
        old, latest = self._newest, self._store.latest()
        self._newest = {x.key.id: (x.t, x.v) for x in latest}
        for x in latest if old is not None and self._bus.busy else ():
            if old is not None and old.get(x.key.id) != (x.t, x.v):
                data = {"id": x.key.id, "at": text(x.t), "value": x.v, "quality": x.q}
                self._bus.publish(Event("reading", x.key.village, data))

    def _changes(self) -> None:
        now = now_ms()
        with self._records.session() as session:
            recent = AlarmRow.until.is_(None) | (AlarmRow.until > now - DAY_MS)
            some = select(AlarmRow).where(AlarmRow.announced.is_(True), recent)
            alarms = list(session.scalars(some))
            those = AlarmHandlingRow.alarm.in_(some.with_only_columns(AlarmRow.id))
            handled = list(session.scalars(select(AlarmHandlingRow).where(those)))
            outputs = list(session.scalars(select(OutputRow)))
            commands = list(session.scalars(select(CommandRow).where(CommandRow.at > now - DAY_MS).order_by(CommandRow.at)))
        self._tell("handling", [(r.alarm, Handling.of(r), partial(_handling, r)) for r in handled])
        self._tell("alarm", [(r.id, r.until, partial(_alarm, r)) for r in alarms])
        nodes = self._nodes
        self._tell("output", [(f"{r.node}/{r.name}", (r.ordinal, r.present, r.heard), partial(_output, r, nodes, now)) for r in outputs])
        self._tell("command", [(r.id, r.state, partial(command.told, r)) for r in commands])

    def _tell(self, kind: str, found: Sequence[tuple[str, object, Callable[[], Event]]]) -> None:
        before = self._seen.get(kind)
        self._seen[kind] = {key: mark for key, mark, _ in found}
        for key, mark, event in found if before is not None else ():
            # A command is told by the process that took it.
            if before is not None and before.get(key, before) != mark and mark != "queued":
                self._bus.publish(event())

    def _ingest(self) -> None:
        found, now = roster(self._records), now_ms()
        if found.sole:
            self._health.set("ingest", True, "one process takes in for the whole regency")
            return
        alive = [p for p in found.processes if p.areas]
        held = sum(len(p.areas) for p in alive)
        wrong = [f"{p.name}: nothing heard for {(now - p.seen) // 1000} s" for p in alive if now - p.seen > SILENT_MS]
        wrong += [f"{p.name}: {part}: {check['detail']}" for p in alive for part, check in sorted(p.checks.items()) if not check["ok"]]
        if found.free:
            wrong.insert(0, f"nobody takes in for {', '.join(found.free[:5])}{' …' if len(found.free) > 5 else ''}")
        count = f"{len(alive)} process{'es' if len(alive) != 1 else ''} with {held} of {held + len(found.free)} leases"
        self._health.set("ingest", not wrong, "; ".join([count, *wrong[:3]]))


def _alarm(row: AlarmRow) -> Event:
    return Event("alarm", row.village, from_row(row).shown())


def _handling(row: AlarmHandlingRow) -> Event:
    return telling.event(Handling.of(row))


def _output(row: OutputRow, nodes: Nodes, now: int) -> Event:
    return Event("output", row.village, register.shown(row, nodes.get(row.node), now))
