"""What the queue is: values, and how a fact changes them. Pure, and the same over every replay of the journal."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

State = Literal["waiting", "called", "serving", "served", "absent", "left"]
"""``left``: still waiting, called or absent when the day ended."""
Kind = Literal["day", "taken", "called", "again", "serving", "served", "absent", "moved", "left"]
OPEN: frozenset[State] = frozenset({"waiting", "called", "serving", "absent"})
PRIORITY_RUN = 2
"""So many with priority are called one after another while others wait; then it is the turn of the one who waits longest."""
KEPT_DAYS = 40
"""Days whose last numbers are remembered, for a clock that is set back."""
FIGURES_DAYS = 7
"""Days whose tickets are kept for the figures."""

Letter = Annotated[str, Meta(pattern="^[A-Z]$")]
Moment = Annotated[int, Meta(ge=0)]


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """``number`` as it is printed, A12. ``letter`` it was taken with, ``line`` it stands in now. Times in ms UTC, by the kiosk's clock.

    ``order`` of taking, whatever the clock says; ``sure``: the clock could be believed when it was taken; ``calls``: how often called.
    """

    number: str
    letter: Letter
    line: Letter
    order: int
    taken: Moment
    priority: bool = False
    sure: bool = True
    simulated: bool = False
    state: State = "waiting"
    counter: int = 0
    called: Moment = 0
    began: Moment = 0
    ended: Moment = 0
    calls: int = 0


class Fact(msgspec.Struct, frozen=True, omit_defaults=True, tag_field=None):
    """One line of the journal. ``act``: an id by which the same act, sent twice, counts once. ``carry``: who stays, on a new day."""

    kind: Kind
    at: Moment
    number: str = ""
    line: str = ""
    counter: int = 0
    priority: bool = False
    sure: bool = True
    simulated: bool = False
    act: str = ""
    day: str = ""
    carry: tuple[str, ...] = ()
    carry_on: bool = False


class Queue(msgspec.Struct, frozen=True):
    """One day. ``last``: the last serial by letter; ``given``: the same of earlier days; ``run``: calls with priority since one without.

    ``past``: tickets of the days that ended, by day, for their figures.
    """

    day: str = ""
    tickets: dict[str, Ticket] = {}
    last: dict[str, int] = {}
    given: dict[str, dict[str, int]] = {}
    acts: dict[str, str] = {}
    """Number by act."""
    past: dict[str, tuple[Ticket, ...]] = {}
    order: int = 0
    run: int = 0
    calls: int = 0
    """Calls of the day: a display that has seen one knows whether there is another."""


def apply(queue: Queue, fact: Fact) -> Queue:
    """The queue after the fact. A fact that does not fit (a line of the journal before it is lost) changes nothing."""
    if fact.kind == "day":
        return _new_day(queue, fact)
    if fact.kind == "taken":
        return _taken(queue, fact)
    ticket = queue.tickets.get(fact.number)
    if ticket is None:
        return queue
    run, calls = queue.run, queue.calls
    if fact.kind == "called":
        if ticket.state == "waiting":
            run = run + 1 if ticket.priority else 0
        calls += 1
        ticket = replace(ticket, state="called", counter=fact.counter, called=fact.at, calls=ticket.calls + 1)
    elif fact.kind == "again":
        calls += 1
        ticket = replace(ticket, calls=ticket.calls + 1)
    elif fact.kind == "serving":
        ticket = replace(ticket, state="serving", began=fact.at)
    elif fact.kind == "moved":
        ticket = replace(ticket, state="waiting", line=fact.line, counter=0)
    else:
        ticket = replace(ticket, state=fact.kind, ended=fact.at)
    tickets = queue.tickets | {ticket.number: ticket}
    return replace(queue, tickets=tickets, run=run, calls=calls, acts=_noted(queue, fact))


def _taken(queue: Queue, fact: Fact) -> Queue:
    order = queue.order + 1
    ticket = Ticket(fact.number, fact.line, fact.line, order, fact.at, fact.priority, fact.sure, fact.simulated)
    last = queue.last | {fact.line: max(int(fact.number[1:]), queue.last.get(fact.line, 0))}
    return replace(queue, tickets=queue.tickets | {fact.number: ticket}, last=last, order=order, acts=_noted(queue, fact))


def _new_day(queue: Queue, fact: Fact) -> Queue:
    """Who is carried keeps his number, so that counting goes on above it."""
    given = queue.given | {queue.day: queue.last} if queue.day and queue.last else queue.given
    given = {day: given[day] for day in sorted(given)[-KEPT_DAYS:]}
    before = given.get(fact.day, {})
    goes_on = queue.last if fact.carry_on else {}
    last = {letter: max(before.get(letter, 0), goes_on.get(letter, 0)) for letter in before.keys() | goes_on.keys()}
    tickets = {n: t for n in fact.carry if (t := queue.tickets.get(n)) is not None}
    gone = tuple(_left(t, fact.at) for n, t in queue.tickets.items() if n not in tickets)
    past = queue.past | {queue.day: queue.past.get(queue.day, ()) + gone} if gone else queue.past
    past = {day: past[day] for day in sorted(past)[-FIGURES_DAYS:]}
    calls = queue.calls if fact.carry_on else 0
    return Queue(fact.day, tickets, last, given, past=past, order=queue.order, calls=calls)


def _left(ticket: Ticket, at: int) -> Ticket:
    """Of a day that ended: whoever was not served by then left; whoever was being served was served."""
    if ticket.state not in OPEN:
        return ticket
    return replace(ticket, state="served" if ticket.state == "serving" else "left", ended=at)


def _noted(queue: Queue, fact: Fact) -> dict[str, str]:
    return queue.acts | {fact.act: fact.number} if fact.act else queue.acts
