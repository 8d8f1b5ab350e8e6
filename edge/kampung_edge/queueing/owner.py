"""The queue's owner: decides, writes and applies under one lock, so that two counters never call the same number."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kampung_contract.errors import InvalidRequest

from kampung_edge.queueing import ruling
from kampung_edge.queueing.journal import Journal
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.state import Fact, Queue, Ticket, apply


class Moment(NamedTuple):
    """``at`` in ms UTC, ``day`` of the village as YYYY-MM-DD, ``sure``: the clock can be believed."""

    at: int
    day: str
    sure: bool


class Office:
    """Called by the kiosk's threads. Nothing is seen before it is on disk; an act whose id is known changes nothing."""

    def __init__(self, journal: Journal, setting: QueueSetting, clock: Callable[[], Moment]) -> None:
        self._journal, self._setting, self._clock = journal, setting, clock
        self._lock = threading.Lock()
        self._queue = journal.read()
        journal.begin(self._queue)

    @property
    def damaged(self) -> str:
        """Name of the file kept aside because lines of it could not be read; empty when all could."""
        return self._journal.damaged

    def now(self) -> Queue:
        """The queue of today. Raises ``StorageUnavailable``."""
        with self._lock:
            self._turn(self._clock())
            return self._queue

    def take(self, line: str, act: str, *, priority: bool = False) -> Ticket:
        """A ticket. Raises ``InvalidRequest`` for a line that the office has not, ``StorageUnavailable``."""
        self._known(line)
        return self._do(act, lambda q, m: [ruling.take(q, line, m.at, priority=priority, sure=m.sure, act=act)])

    def call(self, counter: int, act: str) -> Ticket:
        """The next. Raises ``NotNow``, ``NotFound``, ``InvalidRequest``, ``StorageUnavailable``."""
        lines = self._lines(counter)
        return self._do(act, lambda q, m: ruling.call(q, counter, lines, m.at, act))

    def recall(self, counter: int, number: str, act: str) -> Ticket:
        """By number. Raises as ``call``."""
        self._lines(counter)
        return self._do(act, lambda q, m: ruling.recall(q, counter, number, m.at, act))

    def act_on(self, counter: int, kind: str, act: str, line: str = "") -> Ticket:
        """Of whom the counter has: see ``ruling.act_on``. Raises as ``call``."""
        self._lines(counter)
        if kind == "moved":
            self._known(line)
        return self._do(act, lambda q, m: [ruling.act_on(q, counter, kind, m.at, line=line, act=act)])

    def end(self) -> None:
        """The office closes. Raises ``StorageUnavailable``."""
        with self._lock:
            moment = self._clock()
            self._turn(moment)
            self._write(ruling.end(self._queue, moment.at))

    def _do(self, act: str, decide: Callable[[Queue, Moment], Sequence[Fact]]) -> Ticket:
        if not act:
            raise InvalidRequest("act is empty; send an id of your own, so that the same act sent twice counts once")
        with self._lock:
            moment = self._clock()
            self._turn(moment)
            number = self._queue.acts.get(act)
            if number is None:
                facts = decide(self._queue, moment)
                self._write(facts)
                number = facts[-1].number
            return self._queue.tickets[number]

    def _turn(self, moment: Moment) -> None:
        fact = ruling.day(self._queue, moment.day, moment.at, sure=moment.sure)
        if fact is not None:
            after = apply(self._queue, fact)
            self._journal.begin(after)
            self._queue = after

    def _write(self, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        self._journal.append(facts)
        for fact in facts:
            self._queue = apply(self._queue, fact)

    def _known(self, line: str) -> None:
        letters = [each.letter for each in self._setting.line]
        if line not in letters:
            raise InvalidRequest(f"line = {line[:8]!r}: this office has {', '.join(letters)}")

    def _lines(self, counter: int) -> tuple[str, ...]:
        if not 1 <= counter <= self._setting.counters:
            raise InvalidRequest(f"counter = {counter}: this office has counters 1 to {self._setting.counters}")
        return self._setting.of(counter)
