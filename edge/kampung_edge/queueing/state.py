"""What the queue is: values, and how a fact changes them. Pure, and the same over every replay of the journal."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

State = Literal["waiting", "called", "serving", "served", "absent", "left"]
"""``left``: still waiting or called when the day ended, or given back."""
Kind = Literal["day", "taken", "called", "again", "serving", "served", "absent", "moved", "left", "told", "closed", "opened"]
OPEN: frozenset[State] = frozenset({"waiting", "called", "serving", "absent"})
ENDED: frozenset[State] = frozenset({"served", "absent", "left"})
"""What the regency is told of; one who was absent may come back, and is then told of again."""
PRIORITY_RUN = 2
"""So many with priority are called one after another while others wait; then it is the turn of the one who waits longest."""
KEPT_DAYS = 40
"""Days whose last numbers are remembered, for a clock that is set back."""
FIGURES_DAYS = 7
"""Days whose tickets are kept until the regency has been told of them."""
RECENT = 12
"""Calls that a display can show again."""

Letter = Annotated[str, Meta(pattern="^[A-Z]$")]
Moment = Annotated[int, Meta(ge=0)]


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """``number`` as it is printed, A12. ``letter`` it was taken with, ``line`` it stands in now. Times in ms UTC, by the kiosk's clock.

    ``order`` of taking, whatever the clock says; ``sure``: the clock could be believed when it was taken; ``doubtful``: some time of it
    was noted when the clock could not be. ``calls``: how often called. ``token`` is random: who has it may print it or give it back.
    ``rev`` grows with every fact of it, ``told`` is the one that the regency was told.
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
    token: str = ""
    doubtful: bool = False
    rev: int = 1
    told: int = 0


class Call(msgspec.Struct, frozen=True):
    """The ``n``-th call of all: a display that has seen one knows whether there is another. ``again``: not the first of this ticket."""

    n: int
    number: str
    counter: int
    at: Moment
    again: bool = False


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
    token: str = ""
    rev: int = 0


class Queue(msgspec.Struct, frozen=True):
    """One day. ``last``: the last serial by letter; ``given``: the same of earlier days; ``run``: calls with priority since one without.

    ``past``: tickets of the days that ended, by day. ``recent``: the newest calls, the last one first; ``calls``: how many there were.
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
    recent: tuple[Call, ...] = ()
    closed: bool = False
    """No number is given until it is opened again, or the next day."""


def apply(queue: Queue, fact: Fact) -> Queue:
    """The queue after the fact. A fact that does not fit (a line of the journal before it is lost) changes nothing."""
    if fact.kind == "day":
        return _new_day(queue, fact)
    if fact.kind == "taken":
        return _taken(queue, fact)
    if fact.kind == "told":
        return _told(queue, fact)
    if fact.kind in ("closed", "opened"):
        return replace(queue, closed=fact.kind == "closed")
    ticket = queue.tickets.get(fact.number)
    if ticket is None:
        return queue
    run, calls, recent = queue.run, queue.calls, queue.recent
    if fact.kind in ("called", "again"):
        if fact.kind == "called" and ticket.state == "waiting":
            run = run + 1 if ticket.priority else 0
        calls += 1
        recent = (Call(calls, ticket.number, fact.counter, fact.at, ticket.calls > 0), *recent)[:RECENT]
    tickets = queue.tickets | {ticket.number: _changed(ticket, fact)}
    return replace(queue, tickets=tickets, run=run, calls=calls, recent=recent, acts=_noted(queue, fact))


def _changed(ticket: Ticket, fact: Fact) -> Ticket:
    ticket = replace(ticket, rev=ticket.rev + 1, doubtful=ticket.doubtful or not fact.sure)
    if fact.kind == "called":
        return replace(ticket, state="called", counter=fact.counter, called=fact.at, began=0, ended=0, calls=ticket.calls + 1)
    if fact.kind == "again":
        return replace(ticket, calls=ticket.calls + 1)
    if fact.kind == "serving":
        return replace(ticket, state="serving", began=fact.at)
    if fact.kind == "moved":
        return replace(ticket, state="waiting", line=fact.line, counter=0)
    return replace(ticket, state=fact.kind, ended=fact.at)


def _taken(queue: Queue, fact: Fact) -> Queue:
    order = queue.order + 1
    ticket = Ticket(fact.number, fact.line, fact.line, order, fact.at, fact.priority, fact.sure, fact.simulated, token=fact.token)
    ticket = replace(ticket, doubtful=not fact.sure)
    last = queue.last | {fact.line: max(int(fact.number[1:]), queue.last.get(fact.line, 0))}
    return replace(queue, tickets=queue.tickets | {fact.number: ticket}, last=last, order=order, acts=_noted(queue, fact))


def _told(queue: Queue, fact: Fact) -> Queue:
    """By its token, since it may be one of a day before."""

    def mark(ticket: Ticket) -> Ticket:
        return replace(ticket, told=max(ticket.told, fact.rev)) if ticket.token == fact.token else ticket

    if fact.day == queue.day:
        return replace(queue, tickets={n: mark(t) for n, t in queue.tickets.items()})
    past = queue.past | {fact.day: tuple(mark(t) for t in queue.past[fact.day])} if fact.day in queue.past else queue.past
    return replace(queue, past=past)


def _new_day(queue: Queue, fact: Fact) -> Queue:
    """Who is carried keeps his number, so that counting goes on above it."""
    given = queue.given | {queue.day: queue.last} if queue.day and queue.last else queue.given
    given = {day: given[day] for day in sorted(given)[-KEPT_DAYS:]}
    before = given.get(fact.day, {})
    goes_on = queue.last if fact.carry_on else {}
    last = {letter: max(before.get(letter, 0), goes_on.get(letter, 0)) for letter in before.keys() | goes_on.keys()}
    tickets = {n: t for n in fact.carry if (t := queue.tickets.get(n)) is not None}
    gone = tuple(_left(t, fact) for n, t in queue.tickets.items() if n not in tickets)
    past = queue.past | {queue.day: queue.past.get(queue.day, ()) + gone} if gone else queue.past
    past = {day: tuple(t for t in past[day] if t.told < t.rev) for day in sorted(past)[-FIGURES_DAYS:]}
    past = {day: tickets for day, tickets in past.items() if tickets}
    recent = queue.recent if fact.carry_on else ()
    return Queue(fact.day, tickets, last, given, past=past, order=queue.order, calls=queue.calls, recent=recent)


def _left(ticket: Ticket, fact: Fact) -> Ticket:
    """Of a day that ended: whoever was not served by then left; whoever was being served was served, nobody knows until when."""
    if ticket.state in ENDED:
        return ticket
    served = ticket.state == "serving"
    return replace(ticket, state="served" if served else "left", ended=fact.at, rev=ticket.rev + 1, doubtful=ticket.doubtful or served)


def _noted(queue: Queue, fact: Fact) -> dict[str, str]:
    return queue.acts | {fact.act: fact.number} if fact.act else queue.acts
