"""What pages are told of the queue: the display and the waiting room what anybody may know, the counters who waits for them. Pure."""

from __future__ import annotations

from typing import Any

from kampung_contract.times import text

from kampung_edge.queueing.owner import Moment
from kampung_edge.queueing.ruling import at_counter, upcoming
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.state import Queue, Ticket
from kampung_edge.queueing.waits import expected, figures


def board(queue: Queue, setting: QueueSetting, moment: Moment) -> dict[str, Any]:
    """``{day, at, calls, waiting, closed, simulated, lines, counters, recent}``; ``recent`` newest first, ``calls`` counts them all."""
    waiting = [t for t in queue.tickets.values() if t.state == "waiting"]
    letters = dict.fromkeys([each.letter for each in setting.line] + sorted({t.line for t in waiting}))
    lines = [{"letter": each, "title": setting.title(each), "waiting": sum(t.line == each for t in waiting)} for each in letters]
    counters = []
    for counter in range(1, setting.counters + 1):
        there = at_counter(queue, counter)
        counters.append({"counter": counter, "number": there.number if there else None, "state": there.state if there else None})
    recent = [{"n": c.n, "number": c.number, "counter": c.counter, "at": text(c.at), "again": c.again} for c in queue.recent]
    return {
        "day": queue.day,
        "at": text(moment.at),
        "calls": queue.calls,
        "waiting": len(waiting),
        "closed": queue.closed,
        "simulated": setting.simulated,
        "lines": lines,
        "counters": counters,
        "recent": recent,
    }


def slip(ticket: Ticket, queue: Queue, setting: QueueSetting, moment: Moment) -> dict[str, Any]:
    """A ticket as its taker is told: ``before`` are ahead of him, ``wait`` minutes or None while nobody can tell."""
    beside = setting.beside(ticket.line)
    order = [t.number for t in upcoming(queue, beside)]
    before = order.index(ticket.number) if ticket.number in order else 0
    return {
        "token": ticket.token,
        "number": ticket.number,
        "line": ticket.line,
        "title": setting.title(ticket.line),
        "priority": ticket.priority,
        "state": ticket.state,
        "counter": ticket.counter or None,
        "taken": text(ticket.taken),
        "before": before,
        "wait": expected(queue, beside, before, moment.at) if ticket.state == "waiting" else None,
    }


def desk(queue: Queue, setting: QueueSetting, moment: Moment, counter: int, lines: tuple[str, ...]) -> dict[str, Any]:
    """The board, and for a counter: who is ``here``, who waits for it in the order of calling, who was absent, and the day so far."""
    there = at_counter(queue, counter)
    absent = sorted((t for t in queue.tickets.values() if t.state == "absent"), key=lambda t: -t.ended)
    mine = [t for t in queue.tickets.values() if t.counter == counter]
    return board(queue, setting, moment) | {
        "counter": counter,
        "calls_from": list(lines),
        "here": None if there is None else _row(there, setting),
        "next": [_row(t, setting) for t in upcoming(queue, lines)],
        "absent": [_row(t, setting) for t in absent],
        "mine": figures(mine),
        "all": figures(queue.tickets.values()),
    }


def _row(ticket: Ticket, setting: QueueSetting) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "line": ticket.line,
        "title": setting.title(ticket.line),
        "priority": ticket.priority,
        "state": ticket.state,
        "taken": text(ticket.taken),
        "called": text(ticket.called) if ticket.called else None,
        "began": text(ticket.began) if ticket.began else None,
        "calls": ticket.calls,
        "doubtful": ticket.doubtful,
    }
