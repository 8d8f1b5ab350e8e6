"""The queue's owner: decides, writes and applies under one lock, so that two counters never call the same number."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kampung_contract.errors import InvalidRequest
from msgspec.structs import replace

from kampung_edge.queueing import ruling
from kampung_edge.queueing.journal import Journal
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.state import ENDED, Fact, Queue, Ticket, apply

MOST_ACT = 64


class Moment(NamedTuple):
    """``at`` in ms UTC, ``day`` of the village as YYYY-MM-DD, ``sure``: the clock can be believed."""

    at: int
    day: str
    sure: bool


class Office:
    """Called by the kiosk's threads. Nothing is seen before it is on disk; an act whose id is known changes nothing.

    All raise ``StorageUnavailable`` while the disk does not give the journal or take a line of it.
    """

    def __init__(
        self,
        journal: Journal,
        setting: QueueSetting,
        clock: Callable[[], Moment],
        *,
        ready: Callable[[], None] = lambda: None,
        changed: Callable[[Queue, Moment], None] = lambda *_: None,
    ) -> None:
        """Touches nothing. ``ready`` raises while the disk must not be touched; ``changed`` is told of the queue after each change."""
        self._journal, self.setting, self._clock, self._ready, self._changed = journal, setting, clock, ready, changed
        self._lock = threading.Lock()
        self._queue: Queue | None = None

    @property
    def damaged(self) -> str:
        """Name of the file kept aside because lines of it could not be read; empty when all could."""
        return self._journal.damaged

    def now(self) -> tuple[Queue, Moment]:
        """The queue of today."""
        with self._lock:
            moment = self._clock()
            return self._today(moment), moment

    def take(self, line: str, act: str, *, priority: bool = False) -> Ticket:
        """A ticket. Raises ``InvalidRequest`` for a line that the office has not, ``KampungError`` ``too_many``."""
        letters = [each.letter for each in self.setting.line]
        if line not in letters:
            raise InvalidRequest(f"line = {line[:8]!r}: this office has {', '.join(letters)}")
        token, simulated = secrets.token_hex(16), self.setting.simulated
        return self._do(act, lambda q, m: [ruling.take(q, line, m.at, token, priority=priority, sure=m.sure, act=act, simulated=simulated)])

    def give_back(self, token: str, act: str) -> Ticket:
        """Whoever took it waits no more. Raises ``NotFound``, ``NotNow``."""
        return self._do(act, lambda q, m: [ruling.give_back(q, token, m.at, act)])

    def call(self, counter: int, act: str, holding: str | None = None) -> Ticket:
        """The next. ``holding``: what the caller saw at the counter. Raises ``NotNow``, ``NotFound``, ``InvalidRequest``."""
        return self._at(counter, holding, act, lambda q, m: ruling.call(q, counter, self.lines(q, counter), m.at, act))

    def recall(self, counter: int, number: str, act: str, holding: str | None = None) -> Ticket:
        """By number. Raises as ``call``."""
        return self._at(counter, holding, act, lambda q, m: ruling.recall(q, counter, number, m.at, act))

    def act_on(self, counter: int, kind: str, act: str, line: str = "", holding: str | None = None) -> Ticket:
        """Of whom the counter has: see ``ruling.act_on``. Raises as ``call``."""
        letters = [each.letter for each in self.setting.line]
        if kind == "moved" and line not in letters:
            raise InvalidRequest(f"line = {line[:8]!r}: this office has {', '.join(letters)}")
        return self._at(counter, holding, act, lambda q, m: [ruling.act_on(q, counter, kind, m.at, line=line, act=act)])

    def close(self) -> None:
        """No number is given any more today, and who waits is not called. Twice is harmless."""
        with self._lock:
            moment = self._clock()
            self._write(ruling.close(self._today(moment), moment.at), moment)

    def open(self) -> None:
        """Numbers are given again. Twice is harmless."""
        with self._lock:
            moment = self._clock()
            self._write([Fact("opened", moment.at)] if self._today(moment).closed else [], moment)

    def untold(self, most: int) -> list[tuple[str, Ticket]]:
        """Tickets with their day that came to an end and that the regency has not been told of as they are now."""
        with self._lock:
            queue = self._today(self._clock())
            days = [*((day, t) for day, tickets in queue.past.items() for t in tickets), *((queue.day, t) for t in queue.tickets.values())]
            return [(day, t) for day, t in days if t.state in ENDED and t.told < t.rev and t.token][:most]

    def tell(self, told: Sequence[tuple[str, Ticket]]) -> None:
        """They are in the spool, as they were."""
        with self._lock:
            moment = self._clock()
            self._today(moment)
            self._write([Fact("told", moment.at, day=day, token=t.token, rev=t.rev) for day, t in told], moment, quiet=True)

    def _at(self, counter: int, holding: str | None, act: str, decide: Callable[[Queue, Moment], Sequence[Fact]]) -> Ticket:
        if not 1 <= counter <= self.setting.counters:
            raise InvalidRequest(f"counter = {counter}: this office has counters 1 to {self.setting.counters}")

        def seen(queue: Queue, moment: Moment) -> Sequence[Fact]:
            ruling.believe(queue, counter, holding)
            return decide(queue, moment)

        return self._do(act, seen)

    def _do(self, act: str, decide: Callable[[Queue, Moment], Sequence[Fact]]) -> Ticket:
        if not 0 < len(act) <= MOST_ACT:
            raise InvalidRequest(
                f"act has {len(act)} characters; send an id of your own, 1 to {MOST_ACT}, so that the same act sent twice counts once"
            )
        with self._lock:
            moment = self._clock()
            queue = self._today(moment)
            number = queue.acts.get(act)
            if number is None:
                facts = decide(queue, moment)
                queue = self._write(facts, moment)
                number = facts[-1].number
            return queue.tickets[number]

    def _today(self, moment: Moment) -> Queue:
        """Read at first, so that a disk that is not there yet is no obstacle to the rest of the kiosk."""
        self._ready()
        queue = self._queue
        if queue is None:
            queue = self._journal.read()
            for fact in ruling.homeless(queue, self.setting.counters, moment.at):
                queue = apply(queue, fact)
            self._journal.begin(queue)
            self._queue = queue
        day = ruling.day(queue, moment.day, moment.at, sure=moment.sure)
        if day is not None:
            queue = apply(queue, day)
            self._journal.begin(queue)
            self._queue = queue
            self._changed(queue, moment)
        return queue

    def _write(self, facts: Sequence[Fact], moment: Moment, *, quiet: bool = False) -> Queue:
        queue = self._queue
        assert queue is not None, "_today comes first"
        facts = [replace(f, sure=moment.sure) for f in facts]
        if facts:
            self._journal.append(facts)
            for fact in facts:
                queue = apply(queue, fact)
            self._queue = queue
            if not quiet:
                self._changed(queue, moment)
        return queue

    def lines(self, queue: Queue, counter: int) -> tuple[str, ...]:
        """A counter's own, and those that the file has no more while somebody still waits in them: each counter calls them."""
        known = {each.letter for each in self.setting.line}
        left = sorted({t.line for t in queue.tickets.values() if t.state == "waiting" and t.line not in known})
        return (*self.setting.of(counter), *left)
