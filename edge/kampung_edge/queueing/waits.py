"""How long people waited, and how long the next will: from this day's tickets alone, and nothing while there are too few of them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any

from kampung_edge.queueing.state import Queue, Ticket

LEAST = 3
"""Services of a line before anybody is told how long it takes."""
LAST = 10
ACTIVE_MS = 30 * 60_000
"""A counter that called within so long is taken for open."""


def expected(queue: Queue, line: str, before: int, now: int) -> int | None:
    """Minutes that somebody with ``before`` ahead of him waits: the median of the last ten services of his line, by the counters that call.

    A service lasts from the call to its end. None while fewer than three have ended today.
    """
    done = sorted(
        (t for t in queue.tickets.values() if t.state == "served" and t.line == line and t.ended > t.called), key=lambda t: t.ended
    )
    if len(done) < LEAST:
        return None
    counters = {t.counter for t in queue.tickets.values() if t.counter and now - t.called <= ACTIVE_MS and t.line == line}
    each = median(t.ended - t.called for t in done[-LAST:])
    return round(before * each / max(1, len(counters)) / 60_000)


def statistics(tickets: Sequence[Ticket]) -> dict[str, Any]:
    """Of a day: how many, their waits until the first call that reached them (minutes, median and p90), and served by counter."""
    waits = sorted((t.called - t.taken) / 60_000 for t in tickets if t.called >= t.taken and t.state in ("serving", "served"))
    by_counter: dict[str, int] = {}
    for t in tickets:
        if t.state == "served":
            by_counter[str(t.counter)] = by_counter.get(str(t.counter), 0) + 1
    return {
        "taken": len(tickets),
        "served": sum(t.state == "served" for t in tickets),
        "absent": sum(t.state == "absent" for t in tickets),
        "wait_p50": round(median(waits), 1) if waits else None,
        "wait_p90": round(quantiles(waits, n=10, method="inclusive")[8], 1) if len(waits) > 1 else None,
        "n": len(waits),
        "by_counter": dict(sorted(by_counter.items())),
    }
