"""How long people waited and were served, how many came and how many did not wait: out of tickets, each figure with its n. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any, TypeVar

from kampung_contract.times import WIB

MINUTE_MS = 60_000
K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class Ticket:
    """As ``QueueTicketRow``; times in ms UTC, 0 for never."""

    day: str
    line: str
    title: str
    outcome: str
    counter: int
    priority: bool
    doubtful: bool
    simulated: bool
    taken: int
    called: int
    began: int
    ended: int

    @property
    def waited(self) -> float | None:
        """Minutes until the last call; None where there was none, or its clock could not be believed."""
        return (self.called - self.taken) / MINUTE_MS if self.called and not self.doubtful else None

    @property
    def served(self) -> float | None:
        """Minutes from the beginning of the service (the call, where nobody said that it began) to its end."""
        if self.outcome != "served" or not self.called or self.doubtful:
            return None
        return (self.ended - (self.began or self.called)) / MINUTE_MS

    @property
    def hour(self) -> int:
        """Of WIB, in which it was taken."""
        return datetime.fromtimestamp(self.taken / 1000, WIB).hour


def spread(values: Iterable[float | None]) -> dict[str, Any]:
    """``n``, and the 50th and 90th percentile in minutes (linear between neighbours), None of nothing."""
    known = sorted(v for v in values if v is not None)
    if len(known) < 2:
        return {"n": len(known), "p50": round(known[0], 1) if known else None, "p90": round(known[0], 1) if known else None}
    tenths = quantiles(known, n=10, method="inclusive")
    return {"n": len(known), "p50": round(tenths[4], 1), "p90": round(tenths[8], 1)}


def summary(tickets: Sequence[Ticket]) -> dict[str, Any]:
    """Of some tickets: how many by outcome, the spread of waiting and of serving, and how many times were left out."""
    return {
        "taken": len(tickets),
        "served": sum(t.outcome == "served" for t in tickets),
        "absent": sum(t.outcome == "absent" for t in tickets),
        "left": sum(t.outcome == "left" for t in tickets),
        "priority": sum(t.priority for t in tickets),
        "doubtful": sum(t.doubtful for t in tickets),
        "wait": spread(t.waited for t in tickets),
        "service": spread(t.served for t in tickets),
    }


def figures(tickets: Sequence[Ticket]) -> dict[str, Any]:
    """The whole, and by hour of WIB, day, line and counter, each with what ``summary`` says."""
    sure = [t for t in tickets if not t.doubtful]
    titles = {t.line: t.title for t in tickets}
    return {
        "whole": summary(tickets),
        "simulated": sum(t.simulated for t in tickets),
        "hours": [{"hour": hour} | summary(mine) for hour, mine in _by(sure, lambda t: t.hour)],
        "days": [{"day": day} | summary(mine) for day, mine in _by(tickets, lambda t: t.day)],
        "lines": [{"line": line, "title": titles[line]} | summary(mine) for line, mine in _by(tickets, lambda t: t.line)],
        "counters": [{"counter": counter} | summary(mine) for counter, mine in _by(tickets, lambda t: t.counter) if counter],
    }


def _by(tickets: Sequence[Ticket], key: Callable[[Ticket], K]) -> list[tuple[K, list[Ticket]]]:
    found: dict[K, list[Ticket]] = {}
    for ticket in tickets:
        found.setdefault(key(ticket), []).append(ticket)
    return sorted(found.items(), key=lambda pair: pair[0])
