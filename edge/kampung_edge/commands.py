"""Commands from the regency: judged, remembered, carried out at most once, answered once.

A command is durable as *taken* before its output is switched on, and its reply is stored in one transaction with the mark that it was
answered. So a kill at any moment leaves either a command that nobody has begun, and that the regency sends again; or one that was
taken and not answered, which the next start answers as interrupted and never executes; or one that is answered.
"""

from __future__ import annotations

import queue
import sqlite3
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from kampung_contract.command import Command, decode_command
from kampung_contract.errors import InvalidCommand, StorageUnavailable
from kampung_contract.switching import Reply, Switching, event
from kampung_contract.times import text
from kampung_contract.topics import Lane, Topic

from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.output import Output
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
from kampung_edge.spool_commands import Mark, note_answer, note_order
from kampung_edge.switch import Change, Outcome, Request

log = structlog.get_logger("commands")

WAITING = 100
"""Commands that may wait for their turn; more are left to be sent again."""
REMEMBERED = 1_000
"""Answers kept in memory, for a spool that is damaged while the edge runs."""
AHEAD_MS = 60_000
"""A command from so far in the future was given by a clock that disagrees with ours, and so may its end be."""
RETRY_S = 0.5
IDLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be stored together: an output's change, a reply, or both."""

    output: str
    change: Change | None = None
    command: Command | None = None
    reply: Reply | None = None


class Stop:
    """Ends the queue."""


Item = Command | Entry | Stop


class Commands:
    """``run`` is a thread's body. ``received`` and ``tell`` may be called by any thread and never wait."""

    def __init__(self, spool: Spool, clock: EdgeClock) -> None:
        self._spool, self._clock = spool, clock
        self._outputs: Mapping[str, Output] = {}
        self._written: Callable[[], None] = lambda: None
        self._queue: queue.Queue[Item] = queue.Queue()
        self._underway: dict[str, Command] = {}
        self._answered: OrderedDict[str, tuple[str, Entry]] = OrderedDict()
        """Id to the spool's epoch and what was answered, of this run."""
        self._pending: deque[Entry] = deque()
        self._latest: dict[str, int] = {}
        self._order = 0
        self._resumed = False
        self._since: int | None = None
        """Since when every command that was taken is known to this run."""
        self._noted = ""
        """Epoch of the spool that knows since when."""
        self._stopping = False
        self.trouble: str | None = None
        """Why what happened cannot be written down now; None when it can."""
        self.progress = time.monotonic()
        """When it should have got on at the latest."""

    def serve(self, outputs: Mapping[str, Output], written: Callable[[], None]) -> None:
        """Before ``run``: what can be commanded, and whom to call when something was stored to be sent."""
        self._outputs, self._written = outputs, written

    def received(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message below ``down/command``. Raises ``InvalidCommand`` or ``InvalidTopic`` for what is none."""
        if retained or not payload:
            return  # nothing that stood on the broker is a command for now
        command = decode_command(payload)
        if Topic.parse(topic).name != command.id:
            raise InvalidCommand(f"{topic}: the command in it calls itself {command.id!r}")
        if self._queue.qsize() < WAITING:
            self._queue.put(command)
        else:
            log.warning("command.left", command=command.id, reason="too many wait; it will come again")

    def tell(self, output: str, change: Change) -> None:
        """An output changed by itself or by hand."""
        self._queue.put(Entry(output, change))

    def run(self) -> None:
        """Until ``stop``."""
        self._store()
        while not self._stopping:
            patience = RETRY_S if self._pending or not self._resumed else IDLE_S
            self.progress = time.monotonic() + patience
            try:
                item = self._queue.get(timeout=patience)
            except queue.Empty:
                item = None
            self.progress = time.monotonic()
            if isinstance(item, Stop):
                self._stopping = True
            elif isinstance(item, Command):
                self._take(item)
            elif isinstance(item, Entry):
                self._finish(item)
            self._store()
        if self._pending:
            log.error("output.events_lost", count=len(self._pending), reason=self.trouble)

    def stop(self) -> None:
        """The thread stores what was told before, and ends."""
        self._queue.put(Stop())

    def _resume(self) -> bool:
        """Answer what an earlier run took and did not live to answer: it is not executed again. False while the spool is not there."""
        if self._resumed:
            return True
        try:
            self._order = max(self._order, self._spool.last_order())
            self._latest = self._spool.latest_commands() | self._latest
            interrupted = self._spool.unanswered_commands()
        except StorageUnavailable as error:
            self.trouble = error.message
            return False
        self._resumed, self.trouble = True, None
        for mark in interrupted:
            log.warning("command.interrupted", command=mark.id, output=mark.output)
            detail = "the kiosk was restarted while it carried this out; the output is switched off at each start"
            reply = Reply(mark.id, mark.output, "failed", "interrupted", wall_ms(), "unknown", detail)
            self._answer(Entry(mark.output, None, Command(mark.id, mark.at, mark.at + 1, mark.output, True, "-", "-"), reply))
        return True

    def _note_memory(self) -> None:
        """A spool that is made anew knows nothing of what was before; this run still does."""
        epoch = self._spool.epoch
        if self._noted == epoch:
            return
        try:
            found = self._spool.memory_since(wall_ms() if self._clock.synchronised() else None)
        except StorageUnavailable:
            return
        if found is not None:
            self._noted = epoch
            self._since = found if self._since is None else self._since

    def _take(self, command: Command) -> None:
        if command.id in self._underway:
            return  # sent again while it is being carried out
        if command.id in self._answered:
            epoch, entry = self._answered[command.id]
            if epoch != self._spool.epoch:  # the answer may have gone with a damaged spool
                self._answer(Entry(entry.output, None, entry.command, entry.reply))
            return
        output = self._outputs.get(command.output)
        try:
            if not self._resume():
                raise StorageUnavailable(self.trouble or "")
            if self._spool.command(command.id) is not None:
                return  # its answer is on its way, or has arrived
            refusal = self._judge(command)
            if refusal is not None or output is None:
                self._refuse(command, *(refusal or ("unknown_output", "")))
                return
            now = wall_ms() if self._clock.synchronised() else None
            if not self._spool.take_command(Mark(command.id, command.output, command.at, answered=False), command.expires, now):
                return
        except StorageUnavailable as error:
            if command.on or output is None:
                log.error("command.left", command=command.id, reason=f"{error.message}; it is not carried out, and will come again")
                return  # off is safe, however often
        self._underway[command.id] = command
        self._latest[command.output] = max(command.at, self._latest.get(command.output, 0))
        log.info("command.taken", command=command.id, output=command.output, on=command.on, actor=command.actor)
        output.ask(Request(command.on, "command", lambda outcome: self._done(command, outcome), command.seconds, command.id))

    def _judge(self, command: Command) -> tuple[str, str] | None:
        """Why it is not carried out: code and words."""
        if command.output not in self._outputs:
            return "unknown_output", f"this kiosk has no output {command.output!r}; it has {', '.join(self._outputs) or 'none'}"
        if command.at <= self._latest.get(command.output, 0):
            return "overtaken", "a command that was given later has come before it; the later one counts"
        now = wall_ms()
        if not self._clock.synchronised():
            words = "the kiosk does not know the time, so it cannot tell whether this is still meant; it needs a clock (NTP)"
            return ("clock_unsynchronised", words) if command.on else None
        if now >= command.expires:
            return "expired", f"it came at {text(now)}, {(now - command.expires) / 1000:.0f} s after it had expired"
        if command.on and command.at > now + AHEAD_MS:
            words = f"it was given {(command.at - now) / 1000:.0f} s in the future of the kiosk's clock; set the clocks"
            return "clock_disagrees", words
        self._note_memory()
        if command.on and (self._since is None or command.at < self._since):
            begins = "now" if self._since is None else f"at {text(self._since)}"
            return "forgotten", f"the kiosk's memory of commands begins {begins}; it may have been carried out before, give it again if not"
        return None

    def _refuse(self, command: Command, code: str, detail: str) -> None:
        log.info("command.refused", command=command.id, output=command.output, code=code)
        output = self._outputs.get(command.output)
        state = "off" if output is None else output.state
        self._answer(
            Entry(command.output, None, command, Reply(command.id, command.output, "refused", code, wall_ms(), state, detail[:500]))
        )

    def _done(self, command: Command, outcome: Outcome) -> None:
        """From the output's thread."""
        reply = Reply(
            command.id, command.output, outcome.answer, outcome.code, wall_ms(), outcome.state, outcome.detail[:500], outcome.until
        )
        self._queue.put(Entry(command.output, outcome.change, command, reply))

    def _finish(self, entry: Entry) -> None:
        if entry.command is None:
            self._pending.append(entry)
        else:
            self._answer(entry)
            self._underway.pop(entry.command.id, None)

    def _answer(self, entry: Entry) -> None:
        assert entry.command is not None
        self._answered[entry.command.id] = (self._spool.epoch, entry)
        self._answered.move_to_end(entry.command.id)
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        self._pending.append(entry)

    def _store(self) -> None:
        if not self._resume():
            return
        self._note_memory()
        while self._pending:
            try:
                self._store_one(self._pending[0])
            except StorageUnavailable as error:
                if self.trouble is None:
                    log.error("output.cannot_record", reason=error.message, waiting=len(self._pending))
                self.trouble = error.message
                return
            self._pending.popleft()
            self.trouble = None
            self._written()

    def _store_one(self, entry: Entry) -> None:
        """A change and the reply it belongs to are one pack; the reply and its mark are one transaction."""
        order = max(self._order + 1, wall_ms())
        events = [event(_switching(entry.output, entry.change, order))] if entry.change is not None else []
        events += [event(entry.reply)] if entry.reply is not None else []

        def also(db: sqlite3.Connection) -> None:
            if entry.change is not None:
                note_order(db, order)
            if entry.command is not None:
                mark = Mark(entry.command.id, entry.command.output, entry.command.at, answered=True)
                note_answer(db, mark, entry.command.expires)

        self._spool.append([Draft(Lane.EVENT, events=events)], self._clock.boot, self._clock.stamp(), also)
        self._order = order
        if entry.command is not None:
            self._answered[entry.command.id] = (self._spool.epoch, entry)


def _switching(output: str, change: Change, order: int) -> Switching:
    return Switching(output, change.state, change.cause, change.at, order, change.code, change.detail[:500], change.command, change.until)
